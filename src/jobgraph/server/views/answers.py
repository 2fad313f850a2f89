"""What a view gives where its bytes are not all, and where there is nothing to give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jobgraph.server.workers.jobs import AnswerError


@dataclass(frozen=True)
class Linked:
    """The parts of an answer, and the value of its Link header; '' for none."""

    parts: Iterable[bytes]
    link: str = ""


def missing() -> AnswerError:
    """The same answer for what there is not and for what is another tenant's."""
    return AnswerError("missing", "There is nothing of this name, or it is not yours.")
