"""What a request asks of a table: the values of its parameters, and which page."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import urlencode

from jobgraph.errors import UsageError
from jobgraph.server.rest.tables import Table, write_table
from jobgraph.server.views.answers import Linked
from jobgraph.server.views.tenant import Tenant
from jobgraph.server.workers.jobs import AnswerError

LIMIT, MOST_ROWS, MOST_PAGES = 100, 1_000, 1_000_000
PAGING = ("limit", "page", "generation")
_WHOLE = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Asked:
    """The name in the path, the values by parameter, and the page of so many rows in a generation."""

    generation: str
    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    limit: int = LIMIT
    page: int = 1

    @property
    def start(self) -> int:
        """How many rows come before the page."""
        return (self.page - 1) * self.limit

    @property
    def stop(self) -> int:
        """How many rows there are up to the end of the page."""
        return self.page * self.limit

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        facts: Mapping[str, object],
        *,
        total: int | None,
        has_more: bool | None = None,
    ) -> Table:
        """The table of this page; `total` says whether there is another one, `has_more` where it is not known."""
        follows = total > self.stop if total is not None else bool(has_more)
        all_facts = {"generation": self.generation, **facts}
        return Table(tuple(columns), rows, all_facts, self.page, self.limit, total, self._next() if follows else "")

    def _next(self) -> str:
        paging = {"generation": self.generation, "limit": str(self.limit), "page": str(self.page + 1)}
        return f"?{urlencode({**self.values, **paging})}"


def page(table: Table, media_type: str) -> Linked:
    """The page of a table in a media type, with the link to the one that follows."""
    return linked(write_table(table, media_type), table)


def linked(content: bytes, table: Table) -> Linked:
    """The bytes of a page with the link to the one that follows."""
    return Linked([content], f'<{table.next}>; rel="next"' if table.next else "")


def read_asked(
    tenant: Tenant, arguments: Mapping[str, str], takes: Collection[str] = (), *, limit: int = LIMIT
) -> Asked:
    """What a request asks.

    Parameters
    ----------
    takes : the names of the parameters; those that begin with `[` are any with a name in brackets.
    limit : the rows of a page where the request does not say.

    Raises
    ------
    UsageError : a parameter is unknown, or does not fit.
    AnswerError : the generation that is asked for is not current any longer.
    """
    values = dict(without_paging(arguments))
    check_names(values, [*takes, *PAGING])
    return Asked(
        generation=_same_generation(tenant, arguments.get("generation")),
        name=arguments.get(":name", ""),
        values=values,
        limit=_whole("limit", arguments.get("limit", str(limit)), MOST_ROWS),
        page=_whole("page", arguments.get("page", "1"), MOST_PAGES),
    )


def without_paging(arguments: Mapping[str, str]) -> Mapping[str, str]:
    """The fields of the request that say nothing of pages."""
    return {name: text for name, text in arguments.items() if name not in PAGING and not name.startswith(":")}


def check_names(values: Collection[str], takes: Collection[str]) -> None:
    """Let pass what is known.

    Raises
    ------
    UsageError : a parameter is unknown; the sentence has near names.
    """
    for name in values:
        if name not in takes:
            near = get_close_matches(name, takes, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(takes) or 'none'}."
            raise UsageError(f"There is no parameter {name!r}; {hint}")


def _whole(name: str, text: str, highest: int) -> int:
    number = int(text) if _WHOLE.fullmatch(text) else 0
    if not 1 <= number <= highest:
        raise UsageError(f"{name} {text[:20]!r} does not fit; give a whole number from 1 to {highest:,}.")
    return number


def _same_generation(tenant: Tenant, asked: str | None) -> str:
    """The name of the generation that is read, which must be that of the page before."""
    name = tenant.generation.name
    if asked is not None:
        if not _WHOLE.fullmatch(asked):
            raise UsageError(f"generation {asked[:20]!r} does not fit; give the number that a page says.")
        if int(asked) != tenant.generation.number:
            sentence = f"Pages of generation {asked} are not there any longer: it is {name} now; begin with page 1."
            raise AnswerError("missing", sentence)
    return name
