"""What a request for the landscape chooses, and the answers that the page is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import polars as pl

from jobgraph.analysis import ANALYSES, Answer, Source
from jobgraph.analysis.opportunities import landscape
from jobgraph.analysis.schemes import DEFAULT_SCHEME, ScoreScheme
from jobgraph.analysis.selection import RANGES, SELECTS, select_outcomes, within
from jobgraph.server.rest.analysis_parameters import read_choices
from jobgraph.server.rest.paging import Asked, read_asked
from jobgraph.server.views.analysis import source_of
from jobgraph.server.views.tenant import Tenant

ADDRESS = "/landscape"
_ROWS = 25
_FIELDS = ("scheme", *SELECTS, *RANGES)


@dataclass(frozen=True)
class Shown:
    """The values that were asked with, the outcomes that they choose, all of them in order, and those that are listed.

    The list holds what is in a part of the chart; the chart holds all.
    """

    asked: Asked
    base: str
    source: Source
    scheme: ScoreScheme
    outcomes: pl.DataFrame
    answer: Answer
    listed: Answer

    @property
    def has_part(self) -> bool:
        """Whether only a part of the chart is listed."""
        return any(name in self.asked.values for name in RANGES)

    @property
    def has_outcomes(self) -> bool:
        """Whether there is any outcome, chosen or not."""
        return bool(self.source.views["outcomes"].height)

    @property
    def address(self) -> str:
        """The address of the page."""
        return self.address_of(ADDRESS, *_FIELDS)

    @property
    def whole_address(self) -> str:
        """The address of the page that lists all of the chart."""
        return self.address_of(ADDRESS, "scheme", *SELECTS)

    def data_address(self, analysis: str) -> str:
        """Where the answer of an analysis is as data, with what it takes of the choices."""
        return self.address_of(f"/analysis/{analysis}", *ANALYSES[analysis].takes)

    def address_of(self, path: str, *names: str) -> str:
        """A path with the values of some fields, as far as they are given."""
        fields = {name: self.asked.values[name] for name in _FIELDS if name in names and name in self.asked.values}
        return f"{path}{'?' if fields else ''}{urlencode(fields)}"


def read_shown(tenant: Tenant, given: Mapping[str, str]) -> Shown:
    """What is asked for, and the answers.

    Parameters
    ----------
    given : the fields of the request; those that are empty count as left out.

    Raises
    ------
    UsageError : a field is unknown, or its value does not fit.
    """
    filled = {name: text for name, text in given.items() if text}
    asked = read_asked(tenant, filled, _FIELDS, limit=_ROWS)
    choices = read_choices(ANALYSES["opportunities"], asked.values, limit=asked.stop)
    source = source_of(tenant)
    scheme = source.scheme(choices.scheme or DEFAULT_SCHEME)
    outcomes = select_outcomes(source.views, {name: asked.values[name] for name in SELECTS if name in asked.values})
    answer = landscape(outcomes, source.views["jobs"], scheme)
    listed = within(answer, {name: getattr(choices, name) for name in RANGES if name in choices.given})
    return Shown(asked, tenant.names.base, source, scheme, outcomes, answer, listed)
