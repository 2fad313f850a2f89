"""What a notebook shows of a graph."""

from __future__ import annotations

from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from jobgraph.analysis import to_plain

if TYPE_CHECKING:
    from jobgraph.api.graph import KnowledgeGraph

_CLASSES = 8  # the largest
_OUTCOMES = 3  # the highest


def to_html(kg: KnowledgeGraph) -> str:
    """The tenant, its generation, its largest classes and its highest opportunities."""
    counts = dict(islice(kg.counts.items(), _CLASSES))
    heads = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in counts)
    cells = "".join(f"<td>{count:,}</td>" for count in counts.values())
    title = f"<b>{escape(kg.slug)}</b>, generation {escape(kg.generation)}, {sum(kg.counts.values()):,} entities"
    table = f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"
    return f"<div>{title}{table}{_opportunities(kg)}</div>"


def _opportunities(kg: KnowledgeGraph) -> str:
    answer = kg.opportunities(limit=_OUTCOMES)
    rows = answer.table.select("name", "job", "opportunity").iter_rows()
    lines = (f"{escape(str(name))} ({escape(str(job))}): {to_plain(score)}" for name, job, score in rows)
    listed = "".join(f"<li>{line}</li>" for line in lines)
    return f"Highest opportunities, of 20:<ol>{listed}</ol>" if listed else f"<p>{escape(' '.join(answer.notes))}</p>"
