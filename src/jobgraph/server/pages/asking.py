"""A request for a page, and how a view is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from jobgraph.server.access import Identity
from jobgraph.server.exchange import Exchange
from jobgraph.server.pages.headers import HTML
from jobgraph.server.problems import ProblemError
from jobgraph.server.reading import Question, query_seconds, send_answer
from jobgraph.server.state import Server
from jobgraph.server.workers import ViewJob

_MOST_PAGES = 10**9


@dataclass(frozen=True)
class Ask:
    """A request, who makes it, and what it is made of."""

    server: Server
    exchange: Exchange
    identity: Identity

    @property
    def base(self) -> str:
        """The start of the tenant's IRIs."""
        return str(self.server.generation(self.identity.tenant).manifest["base"])

    @property
    def root(self) -> str:
        """The address of the server, without a slash at its end."""
        return self.exchange.url(self.server.public_url).removesuffix(self.exchange.raw_path)

    @property
    def around(self) -> dict[str, str]:
        """What a view is told of the frame of a page."""
        session = {":session": "kept"} if "session" in self.exchange.facts else {}
        return {":root": self.exchange.root, **session}

    def field(self, name: str) -> str:
        """The value of a field of the query string; '' where it is not given.

        Raises
        ------
        ProblemError : it is given twice.
        """
        values = [value for key, value in self.exchange.fields if key == name]
        if len(values) > 1:
            raise ProblemError(400, f"{name} is given {len(values)} times; give it once.")
        return values[0] if values else ""

    def page_number(self) -> int:
        """The page of a list that is asked for.

        Raises
        ------
        ProblemError : it is no number from 1 on.
        """
        text = self.field("page") or "1"
        if not (text.isascii() and text.isdecimal() and 0 < int(text[:20]) < _MOST_PAGES):
            raise ProblemError(400, f"page is a whole number from 1 on, not {text!r}.")
        return int(text)

    def address(self, *names: str) -> str:
        """The address of the request with some of the fields that it has."""
        fields = {name: value for name in names if (value := self.field(name))}
        return f"{self.exchange.raw_path}{'?' if fields else ''}{urlencode(fields)}"

    async def send_view(self, view: str, media_type: str = HTML, /, **arguments: str) -> None:
        """Answer with what a view makes, which a generation always gives the same.

        Raises
        ------
        ProblemError, AnswerError, GoneError : there is no answer, or it ends before it is whole.
        """
        await self.send(view, arguments, media_type)

    async def send(
        self, view: str, arguments: Mapping[str, str], media_type: str = HTML, *, is_lasting: bool = True
    ) -> None:
        """Answer with what a view makes; `is_lasting` tells that a generation always gives the same.

        Raises
        ------
        ProblemError, AnswerError, GoneError : there is no answer, or it ends before it is whole.
        """
        told = {**arguments, **(self.around if media_type == HTML else {})}
        job = ViewJob(view, tuple(sorted(told.items())), media_type, self.server.settings.answer_mb << 20)
        question = Question(job, query_seconds(self.server, None), is_lasting=is_lasting)
        await send_answer(self.server, self.exchange, self.identity, question)
