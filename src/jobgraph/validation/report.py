"""The validation report of a generation, and how many results of each severity it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from jobgraph.shacl.results import INFO, VIOLATION, WARNING, Result
from jobgraph.shacl.results import write_report as write_turtle

# The severities of SHACL with the words for them, the gravest first.
SEVERITIES: Mapping[str, str] = {VIOLATION: "violation", WARNING: "warning", INFO: "info"}


def severity_word(severity: str) -> str:
    """The word for a severity; one that is not of SHACL counts as a violation."""
    return SEVERITIES.get(severity, SEVERITIES[VIOLATION])


def count_severities(results: Iterable[Result]) -> dict[str, int]:
    """The number of results by the word for their severity, zeros included."""
    found = Counter(severity_word(result.severity) for result in results)
    return {word: found[word] for word in SEVERITIES.values()}


def write_report(results: Iterable[Result], path: Path) -> dict[str, int]:
    """Write the validation report as Turtle, one result at a time; give the number of results by severity."""
    counts = dict.fromkeys(SEVERITIES.values(), 0)

    def counted() -> Iterator[Result]:
        for result in results:
            counts[severity_word(result.severity)] += 1
            yield result

    with path.open("w", encoding="utf-8", newline="\n") as output:
        write_turtle(counted(), output)
    return counts
