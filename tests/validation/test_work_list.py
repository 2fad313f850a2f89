"""Laws of the work list: of results that go by it holds what it would pick had it kept them all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Store
from tests.store.content import NAMES

from jobgraph.shacl.results import INFO, VIOLATION, WARNING, Result
from jobgraph.validation import Entities, Guide, Places, WorkList, severity_word, to_work_list
from jobgraph.validation.shape_labels import ShapeLabels
from jobgraph.vocabulary import Vocabulary

RESULTS = st.lists(
    st.builds(
        Result,
        focus=st.sampled_from("abcdef").map(lambda name: NamedNode(f"ex:{name}")),
        component=st.sampled_from(["ex:one", "ex:two"]),
        shape=st.sampled_from([NamedNode("ex:shape"), NamedNode("ex:other")]),
        severity=st.sampled_from([INFO, WARNING, VIOLATION]),
        message=st.sampled_from(["", "a", "b"]),
    ),
    max_size=40,
)


def listed(results: list[Result], vocabulary: Vocabulary) -> WorkList:
    return to_work_list(results, Entities(Store(), NAMES, vocabulary), Guide(Places(vocabulary), ShapeLabels({})))


@given(results=RESULTS)
def test_item_is_of_all_results_of_its_kind(results: list[Result], small_vocabulary: Vocabulary) -> None:
    kinds: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        kinds[severity_word(result.severity), str(result.shape)].append(result)
    found = listed(results, small_vocabulary)
    assert {(item.severity, f"<{item.shape_iri}>") for item in found.items} == kinds.keys()
    for item in found.items:
        ordered = sorted(kinds[item.severity, f"<{item.shape_iri}>"], key=Result.order_key)
        foci = dict.fromkeys(result.focus.value for result in ordered if isinstance(result.focus, NamedNode))
        assert [example.iri for example in item.examples] == list(foci)[:3]
        assert (item.count, item.message) == (len(ordered), ordered[0].message)
        assert item.rules == tuple(sorted({result.component for result in ordered}))


@given(results=RESULTS, random=st.randoms())
def test_order_of_results_does_not_matter(results: list[Result], random: Random, small_vocabulary: Vocabulary) -> None:
    shuffled = random.sample(results, len(results))
    assert listed(shuffled, small_vocabulary) == listed(results, small_vocabulary)


def test_beginning_says_what_it_leaves_out(small_vocabulary: Vocabulary) -> None:
    one = Result(NamedNode("ex:a"), "ex:one", NamedNode("ex:s"), WARNING)
    whole = listed([replace(one, shape=NamedNode(f"ex:{number}")) for number in range(53)], small_vocabulary)
    cut = whole.beginning()
    assert (len(whole.items), len(cut.items), cut.left_out) == (53, 50, 3)
    assert whole.counts == cut.counts == {"violation": 0, "warning": 53, "info": 0}
    assert whole.narrowed(lambda item: item.shape_iri == "ex:7").counts["warning"] == 1
