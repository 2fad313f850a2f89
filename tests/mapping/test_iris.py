from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pyoxigraph import NamedNode
from tests.admission import BASE

from jobgraph.mapping.iris import encode_key, entity_iri, row_of
from jobgraph.mapping.quads import encoded
from jobgraph.vocabulary import JG, Vocabulary

KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
ODD_KEYS = [
    "a b",
    '"',
    "'",
    "<",
    ">",
    "%",
    "%20",
    "/",
    "\\",
    "#",
    "?",
    "é",
    "日本",
    "😀",
    ".",
    "..",
    "...",
    "\n",
    "{}",
    "+",
]


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_key_comes_back(small_vocabulary: Vocabulary, key: str) -> None:
    iri = entity_iri(BASE, small_vocabulary, JG + "Team", key)
    assert row_of(iri, BASE, small_vocabulary) == (small_vocabulary.tables["teams"], key)


@given(key=KEYS)
@example(key=".")
@example(key="..")
def test_key_becomes_one_step_of_safe_characters(key: str) -> None:
    step = encode_key(key)
    assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+", step)
    assert step not in {".", ".."}


@given(key=KEYS)
def test_sql_encodes_keys_alike(key: str) -> None:
    assert duckdb.execute(f"SELECT {encoded('k')} FROM (SELECT ?::VARCHAR AS k)", [key]).fetchall() == [
        (encode_key(key),)
    ]


@given(data=st.data())
def test_two_rows_never_have_one_iri(shipped_vocabulary: Vocabulary, data: st.DataObject) -> None:
    classes = st.sampled_from(sorted(shipped_vocabulary.table_of_class))
    first = data.draw(st.tuples(classes, KEYS))
    second = data.draw(st.tuples(classes, KEYS | st.just(first[1])))
    assume(first != second)
    one, other = (entity_iri(BASE, shipped_vocabulary, class_iri, key) for class_iri, key in (first, second))
    assert NamedNode(one) != NamedNode(other)


@given(key=KEYS, place=st.integers(0))
def test_row_is_found_by_its_iri(shipped_vocabulary: Vocabulary, key: str, place: int) -> None:
    found = list(shipped_vocabulary.table_of_class.items())
    class_iri, table = found[place % len(found)]
    assert row_of(entity_iri(BASE, shipped_vocabulary, class_iri, key), BASE, shipped_vocabulary) == (table, key)


@pytest.mark.parametrize(
    "iri",
    [
        "",
        BASE,
        f"{BASE}team",
        f"{BASE}team/",
        f"{BASE}team/a/b",
        f"{BASE}team/a b",
        f"{BASE}team/%c3%a9",
        f"{BASE}team/%FF",
        f"{BASE}team/%41",
        f"{BASE}team/.",
        f"{BASE}team/é",
        f"{BASE}teams/a",
        f"{BASE}Team/a",
        f"{BASE}graph/shared",
        f"{JG}Team",
        "https://elsewhere.example/id/team/a",
        f"x{BASE}team/a",
    ],
)
def test_iri_that_is_not_minted_leads_to_no_row(small_vocabulary: Vocabulary, iri: str) -> None:
    assert row_of(iri, BASE, small_vocabulary) is None
