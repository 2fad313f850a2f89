from __future__ import annotations

import pytest
from tests.store.content import BASE

from jobgraph.errors import HomeFormatError, StorageError
from jobgraph.store import Home
from jobgraph.store.layout import FORMAT, read_format, write_format


def test_home_says_its_format_once_it_has_a_tenant(home: Home) -> None:
    home.create_tenant("acme", base=BASE)
    assert (home.path / "FORMAT").read_text() == f"{FORMAT}\n"
    assert read_format(home.path) == FORMAT


def test_home_from_before_formats_stays_of_the_first_when_it_is_written_to(home: Home) -> None:
    home.create_tenant("acme", base=BASE)
    (home.path / "FORMAT").unlink()
    home.create_tenant("bolt", base=BASE)
    assert read_format(home.path) == 1


def test_home_that_is_not_there_yet_is_of_the_newest(home: Home) -> None:
    assert read_format(home.path) == FORMAT


def test_home_of_a_newer_program_is_refused(home: Home) -> None:
    home.create_tenant("acme", base=BASE)
    write_format(home.path, FORMAT + 1)
    for ask in (home.tenants, lambda: home.tenant("acme"), lambda: home.create_tenant("bolt", base=BASE)):
        with pytest.raises(HomeFormatError, match=f"is of format {FORMAT + 1}, .* install a newer one"):
            ask()


@pytest.mark.parametrize("text", ["", "two", "0", "-1", "1.5", "\0", "9" * 40])
def test_format_that_is_none_is_a_storage_error(home: Home, text: str) -> None:
    home.create_tenant("acme", base=BASE)
    (home.path / "FORMAT").write_text(text)
    with pytest.raises(StorageError, match="names no format"):
        home.tenants()
