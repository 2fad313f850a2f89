"""All questions over a million triples: our answers beside those of rdflib's SPARQL, in one run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from jobgraph.pipeline import Plan
from jobgraph.pipeline.build import run_build
from jobgraph.questions import Question, answer, read_questions
from jobgraph.questions.values import bind_values
from jobgraph.sample import SampleSize, write_sample
from jobgraph.settings import Settings
from jobgraph.store import GraphNames, Home
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

SECONDS = 10  # after which rdflib is stopped; its time counts as this much


def test_questions_beside_rdflib(tmp_path: Path) -> None:
    vocabulary = Vocabulary()
    write_sample(tmp_path / "source", SampleSize(jobs=900, tenants=1), vocabulary=vocabulary)
    report = run_build(Plan(str(tmp_path / "source")), Settings(home=tmp_path / "home"))
    questions = list(read_questions(vocabulary).values())
    generation = Home(tmp_path / "home").tenant(report.tenants[0].slug).current()
    assert generation is not None
    names = generation.names
    with generation.open() as store:
        ours = [_seconds(store, names, question) for question in questions]
        store.dump(tmp_path / "graph.nq", RdfFormat.N_QUADS)
        _write_queries(store, names, questions, tmp_path / "queries.json")
        triples = len(store)
    command = [sys.executable, "-m", "tests.benchmarks.rdflib_questions", "graph.nq", "queries.json", str(SECONDS)]
    command[3:5] = [str(tmp_path / name) for name in command[3:5]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    print(f"\n{triples:,} triples, {len(questions)} questions; rdflib is stopped after {SECONDS} s")
    for question, mine, other in zip(questions, ours, theirs, strict=True):
        print(f"  {question.name:34} {mine:8.3f} s  rdflib {other['seconds']:8.3f} s, rows {other['rows']}")
    stopped = sum(other["rows"] is None for other in theirs)
    ratio = sum(other["seconds"] for other in theirs) / sum(ours)
    print(f"  all: {sum(ours):.1f} s, rdflib {ratio:.1f} times as long at least ({stopped} questions stopped)")
    assert triples > 1_000_000
    assert ratio > 20


def _seconds(store: Store, names: GraphNames, question: Question) -> float:
    start = time.perf_counter()
    answer(store, names, question, question.examples)
    return time.perf_counter() - start


def _write_queries(store: Store, names: GraphNames, questions: list[Question], path: Path) -> None:
    queries = []
    for question in questions:
        terms = bind_values(store, names, question, question.examples).terms
        text = _without_hints(question.query)
        queries.append({"text": text, "terms": {name: str(term) for name, term in terms.items()}})
    path.write_text(json.dumps(queries))


def _without_hints(query: str) -> str:
    """The query with patterns in place of `SELECT *` of one pattern: these say how to join to our store alone.

    rdflib would compare each row with each, and is quicker without.
    """
    optional = re.sub(r"OPTIONAL \{\s*SELECT \* \{([^{}]*)\}\s*\}", r"OPTIONAL {\1}", query)
    return re.sub(r"\{\s*SELECT \* \{([^{}]*)\}\s*\}", r"\1", optional)
