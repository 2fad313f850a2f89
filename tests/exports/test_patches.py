from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Quad, Store
from tests.exports.quads import QUADS

from jobgraph.errors import InputError
from jobgraph.exports.patches import Patch, PatchHeader, read_patch, write_patch
from jobgraph.exports.sorted_quads import Kind, iter_lines
from jobgraph.store import apply_patch

OLD, NEW = "0" * 64, "f" * 64
HEAD = f"H id <urn:sha256:{NEW}> .\nH prev <urn:sha256:{OLD}> .\n"
LINE = 'A <urn:s> <urn:p> "o" <urn:g> .\n'
WHOLE = f"{HEAD}TX .\n{LINE}TC .\n"


def read(text: str | bytes) -> Patch:
    return read_patch(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def written(header: PatchHeader, changes: list[tuple[Kind, Quad]]) -> bytes:
    output = io.BytesIO()
    lines = [(kind, line) for kind, quad in changes for line in iter_lines([quad])]
    counts = write_patch(header, lines, output)
    assert counts == {kind: sum(1 for each, _ in changes if each == kind) for kind in ("A", "D")}
    return output.getvalue()


@given(
    changes=st.lists(st.tuples(st.sampled_from(["A", "D"]), QUADS), max_size=20),
    facts=st.dictionaries(
        st.from_regex(r"x[a-z]{0,5}", fullmatch=True), st.text(st.characters(exclude_categories=["Cs"]))
    ),
)
def test_what_is_written_is_read_again(changes: list[tuple[Kind, Quad]], facts: dict[str, str]) -> None:
    header = PatchHeader(NEW, OLD, facts)
    patch = read(written(header, changes))
    assert patch.header == header
    assert [tuple(change) for change in patch.changes] == changes


def test_stores_take_what_is_written() -> None:
    store = Store()
    quad = next(iter(read(WHOLE).changes)).quad
    assert apply_patch(store, written(PatchHeader(NEW, OLD), [("A", quad)]).decode().splitlines()) == {
        "added": 1,
        "deleted": 0,
    }
    assert list(store) == [quad]


def test_comments_prefixes_and_other_spellings_of_other_writers_are_read() -> None:
    line = LINE.replace("o", "\\u006F")
    text = f'# of Jena\n{HEAD}H made-by <https://jena.apache.org/> .\nTX.\nPA "rdf" "urn:rdf#" .\n\n{line}TC  .\r\n'
    patch = read(text)
    assert patch.header.facts == {"made-by": "https://jena.apache.org/"}
    assert [str(change.quad.object) for change in patch.changes] == ['"o"']


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "has no line TX", id="empty"),
        pytest.param(HEAD, "has no line TX", id="header_only"),
        pytest.param(f"TX .\n{LINE}TC .\n", "no line 'H id'", id="no_header"),
        pytest.param(WHOLE.replace("H prev", "H next"), "no line 'H prev'", id="no_previous"),
        pytest.param(HEAD + WHOLE, "Line 3 of the patch says id a second time", id="twice"),
        pytest.param(WHOLE.replace(NEW, "f" * 63), "Line 1 of the patch names no data set", id="short_hash"),
        pytest.param(WHOLE.removesuffix("TC .\n"), "has no end", id="cut_off"),
        pytest.param(WHOLE[:-8], "Line 4 of the patch is none", id="cut_off_in_a_line"),
        pytest.param(WHOLE.replace("TC .", "TA ."), "Line 5 of the patch is TA", id="aborted"),
        pytest.param(WHOLE + WHOLE, "Line 6 of the patch stands after TC", id="two_patches"),
        pytest.param(WHOLE + LINE, "Line 6 of the patch stands after TC", id="change_after_the_end"),
        pytest.param(WHOLE.replace("TX .", "TX .\nTX ."), "Line 4 of the patch is TX", id="two_beginnings"),
        pytest.param(WHOLE.replace("TX .\n", LINE), "Line 3 of the patch is A", id="no_beginning"),
        pytest.param(WHOLE.replace(LINE, LINE + HEAD), "Line 5 of the patch is H", id="header_inside"),
        pytest.param(WHOLE.replace('"o"', "o"), "Line 4 of the patch has no valid statement", id="no_term"),
        pytest.param(WHOLE.replace('"o"', '"o" . <urn:s> <urn:p> "o"'), "Line 4 of the patch has", id="two_in_a_line"),
        pytest.param(WHOLE.replace('"o"', '<<( <urn:s> <urn:p> "o" )>>'), "Line 4 of the patch has", id="quoted"),
        pytest.param(WHOLE.replace("A <", "X <"), "Line 4 of the patch is none", id="unknown_line"),
        pytest.param(WHOLE.replace("<urn:s>", "<s>"), "Line 4 of the patch has no valid statement", id="relative"),
        pytest.param(WHOLE.encode()[:150] + b"\xff" + WHOLE.encode()[150:], "Line", id="no_utf_8"),
    ],
)
def test_what_is_no_whole_patch_is_refused(text: str | bytes, problem: str) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        list(read(text).changes)


def test_no_change_after_a_batch_is_taken_from_behind_the_end() -> None:
    many = f"{HEAD}TX .\n{LINE * 10_000}TC .\n{LINE}"
    with pytest.raises(InputError, match="stands after TC"):
        list(read(many).changes)


def test_a_line_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobgraph.exports.patches.MAX_LINE", 1_000)
    with pytest.raises(InputError, match="Line 4 of the patch is longer"):
        list(read(WHOLE.replace('"o"', f'"{"o" * 2_000}"')).changes)


@pytest.mark.parametrize("facts", [{"id": "x"}, {"two words": "x"}, {"": "x"}])
def test_a_word_that_would_break_the_header_is_refused(facts: dict[str, str]) -> None:
    with pytest.raises(InputError, match="cannot be a word"):
        PatchHeader(NEW, OLD, facts)
