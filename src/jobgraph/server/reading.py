"""Answers that a worker gives: kept and given again, sent whole where they are small, else as a stream."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from jobgraph.server.access import Identity
from jobgraph.server.cache import Kept
from jobgraph.server.exchange import Exchange
from jobgraph.server.problems import ProblemError
from jobgraph.server.state import Server
from jobgraph.server.workers import Answer, AnswerError, Header, Job, ViewJob, encode_job
from jobgraph.store import Generation

_SAFE = ("GET", "HEAD")
_TRIES = 5  # where a generation goes between the moment it is looked up and the moment it is opened
_WHOLE_BYTES = 1 << 18  # up to here an answer is collected, so that an error that comes late is still an error


@dataclass(frozen=True)
class Question:
    """A job and what is known about its answer; `is_lasting` tells that it is the same each time."""

    job: Job
    seconds: float
    is_lasting: bool


@dataclass(frozen=True)
class _Asked:
    """A question of a generation: its job, encoded, and the key of its answer."""

    generation: Generation
    job: bytes
    key: str
    question: Question


async def send_answer(server: Server, exchange: Exchange, identity: Identity, question: Question) -> None:
    """Answer a request with what a worker says.

    Raises
    ------
    ProblemError, AnswerError, GoneError : there is no answer, or it ends before it is whole.
    """
    for _ in range(_TRIES):
        generation = server.generation(identity.tenant)
        try:
            await _send_from(generation, server, exchange, identity, question)
            return
        except AnswerError as error:
            is_pruned = error.reason == "storage" and generation != server.generation(identity.tenant)
            if not is_pruned or exchange.status:
                raise
    raise AnswerError("busy", "The data change faster than they can be read; try again in a moment.")


async def _send_from(
    generation: Generation, server: Server, exchange: Exchange, identity: Identity, question: Question
) -> None:
    """Answer from one generation."""
    exchange.facts |= {"generation": generation.name}
    job = encode_job(question.job)
    asker = f"{_program()} {identity.tenant} {generation.name} {identity.role} ".encode()
    key = hashlib.sha256(asker + job).hexdigest()  # a query can be long
    tag = f'"{generation.name}.{key[:16]}"'
    headers = {"etag": tag, "vary": "Accept, Authorization", "cache-control": "private, no-cache"}
    headers["jobgraph-generation"] = generation.name  # what is on a page may be of another one
    if question.is_lasting:
        if exchange.method in _SAFE and is_known(exchange.header("if-none-match"), tag):
            await exchange.respond(304, headers.items())
            return
        if kept := server.cache.get(key):
            headers |= {"content-type": kept.media_type, **_linked(kept.link)}
            await exchange.respond(200, headers.items(), kept.body)
            return
    else:
        headers |= {"cache-control": "no-store"}
        del headers["etag"]
    asked = _Asked(generation, job, key, question)
    await exchange.unless_gone(_ask(server, exchange, asked, headers))


@cache
def _program() -> str:
    """The version of the program: another one may answer the same question in another way."""
    return version("jobgraph")


def is_known(header: str | None, tag: str) -> bool:
    """Whether If-None-Match names a tag; `*`, which means any answer that there is, is not told from the header."""
    return tag in [item.strip().removeprefix("W/") for item in (header or "").split(",")]


async def _ask(server: Server, exchange: Exchange, asked: _Asked, headers: dict[str, str]) -> None:
    async def take(answer: Answer) -> bytes | None:
        """The answer, or none where it is too long to be collected and was sent as a stream."""
        first = await answer.beginning(_WHOLE_BYTES)
        headers.update(_described(answer.header))
        if answer.is_read:
            return first
        await exchange.stream(200, headers.items(), _after(first, answer.content()))
        return None

    question = asked.question
    is_long = isinstance(question.job, ViewJob)
    body = await server.pool.ask(asked.generation, asked.job, question.seconds, take, is_long=is_long)
    if body is None:
        return
    if question.is_lasting:
        server.cache.put(asked.key, Kept(headers["content-type"], body, headers.get("link", "")))
    await exchange.respond(200, headers.items(), body)


async def _after(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in others:
        yield part


def _described(header: Header) -> dict[str, str]:
    media_type = header.media_type
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return {"content-type": media_type + charset, **_linked(header.link)}


def _linked(link: str) -> dict[str, str]:
    return {"link": link} if link else {}


def query_seconds(server: Server, wanted: float | None) -> float:
    """The seconds that a query may take; a request may only lower them."""
    most = server.settings.query_seconds
    return most if wanted is None else min(wanted, most)


def no_type(available: tuple[str, ...]) -> ProblemError:
    """The problem where a client takes none of the types."""
    return ProblemError(406, f"The answer can be {', '.join(available)}; name one of them in Accept.")
