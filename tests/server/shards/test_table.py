from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobgraph.errors import InputError, UsageError
from jobgraph.server.shards.table import Host, Table, read_table, write_table

SLUGS = [f"tenant-{number}" for number in range(3_000)]
names = st.text("abcdefghij0123456789", min_size=1, max_size=8)
some_names = st.lists(names, min_size=2, max_size=7, unique=True)
slugs = st.lists(names, max_size=30, unique=True)


def table_of(*hosts: str, **fields: object) -> Table:
    return Table(hosts={name: Host(name, "10.0.0.1:7878") for name in hosts}, **fields)  # type: ignore[arg-type]


def places(table: Table, tenants: list[str]) -> dict[str, str]:
    found = {slug: table.place(slug) for slug in tenants}
    return {slug: host.name for slug, host in found.items() if host}


@given(some_names, slugs)
def test_new_host_takes_tenants_and_moves_none_between_others(hosts: list[str], tenants: list[str]) -> None:
    before, after = table_of(*hosts[:-1]), table_of(*hosts)
    moved = {after.computed(slug) for slug in tenants if after.computed(slug) != before.computed(slug)}
    assert moved <= {hosts[-1]}


@given(some_names, slugs)
def test_order_of_hosts_does_not_matter(hosts: list[str], tenants: list[str]) -> None:
    assert places(table_of(*hosts), tenants) == places(table_of(*sorted(hosts)), tenants)


@given(some_names, slugs)
def test_other_hosts_move_nothing_by_themselves(hosts: list[str], tenants: list[str]) -> None:
    table = table_of(*hosts[:-1])
    grown = table.with_hosts(table_of(*hosts).hosts.values(), tenants)
    assert (places(grown, tenants), grown.epoch) == (places(table, tenants), table.epoch + 1)


@given(some_names, slugs, st.data())
def test_table_survives_its_file(hosts: list[str], tenants: list[str], data: st.DataObject) -> None:
    table = table_of(*hosts)
    for slug in tenants[:10]:
        table = table.placing(slug, data.draw(st.sampled_from(hosts)))
    table = table.fencing(tenants[:3])
    assert Table.from_json(json.loads(json.dumps(table.to_json()))) == table


@pytest.mark.parametrize("count", [2, 5, 10])
def test_new_host_takes_its_share(count: int) -> None:
    before, after = table_of(*"abcdefghij"[: count - 1]), table_of(*"abcdefghij"[:count])
    moved = sum(before.computed(slug) != after.computed(slug) for slug in SLUGS)
    assert moved / len(SLUGS) == pytest.approx(1 / count, rel=0.15)


def test_weight_is_a_share() -> None:
    hosts = {"a": Host("a", "10.0.0.1:1", 3.0), "b": Host("b", "10.0.0.2:1"), "c": Host("c", "10.0.0.3:1", 0.0)}
    counted = Counter(Table(hosts=hosts).computed(slug) for slug in SLUGS)
    assert counted["a"] / len(SLUGS) == pytest.approx(0.75, abs=0.03)
    assert counted["c"] == 0


def test_moved_tenant_is_pinned_only_where_its_name_does_not_place_it() -> None:
    table = table_of("a", "b")
    home = table.computed("acme")
    other = next(name for name in table.hosts if name != home)
    assert table.placing("acme", other).pins == {"acme": other}
    assert table.placing("acme", other).placing("acme", home).pins == {}


def test_fenced_tenant_is_nowhere_until_it_is_placed() -> None:
    table = table_of("a", "b", pins={"acme": "b"}).fencing(["acme"])
    assert (table.place("acme"), table.fenced, table.epoch) == (None, {"acme": "b"}, 1)
    assert places(table.placing("acme", "a"), ["acme"]) == {"acme": "a"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no_json"),
        pytest.param("[]", id="no_object"),
        pytest.param('{"hosts": {}}', id="no_epoch"),
        pytest.param('{"epoch": 1, "hosts": {"a": {}}}', id="no_address"),
        pytest.param('{"epoch": 1, "hosts": {"a": {"address": "10.0.0.1"}}}', id="no_port"),
        pytest.param('{"epoch": 1, "hosts": {"A b": {"address": "10.0.0.1:1"}}}', id="odd_name"),
        pytest.param('{"epoch": 1, "hosts": {"a": {"address": "h:1", "weight": -1}}}', id="less_than_nothing"),
        pytest.param('{"epoch": 1, "hosts": {}, "pins": {"acme": "a"}}', id="pin_to_no_host"),
        pytest.param('{"epoch": 1, "hosts": {}, "lease_s": 0}', id="no_lease"),
    ],
)
def test_broken_table_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "shards.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert (str(path) in str(caught.value), "\n" in str(caught.value)) == (True, False)


def test_missing_table_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="jobgraph shards plan --add"):
        read_table(tmp_path / "none.json")


def test_no_host_at_all_places_nothing() -> None:
    with pytest.raises(UsageError, match="add one"):
        Table().computed("acme")


def test_written_table_is_read_by_others(tmp_path: Path) -> None:
    write_table(tmp_path / "shards.json", table_of("a"))
    assert tmp_path.joinpath("shards.json").stat().st_mode & 0o777 == 0o644
    assert read_table(tmp_path / "shards.json") == table_of("a")
