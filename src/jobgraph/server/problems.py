"""What goes wrong, as RFC 9457 has it: a status, a title, and one sentence on what, where and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from jobgraph.errors import (
    AccessError,
    InputError,
    JobgraphError,
    RefusedError,
    ShapeRefusalError,
    SourceGoneError,
    StaleGenerationError,
    StorageError,
    UnknownGraphError,
    UsageError,
)
from jobgraph.server.workers.jobs import AnswerError

PROBLEM_TYPE = "application/problem+json"
_MAX_DETAIL = 2_000  # characters; what a request says may stand in it

_STATUS_OF_REASON = {
    "usage": 400,
    "refused": 403,
    "missing": 404,
    "unacceptable": 406,
    "too-large": 413,
    "memory": 422,
    "time": 504,
    "busy": 503,
    "storage": 503,
    "internal": 500,
}
_STATUS_OF_ERROR: Mapping[type[JobgraphError], int] = {  # the first that fits
    AccessError: 401,
    UnknownGraphError: 404,
    StaleGenerationError: 412,
    ShapeRefusalError: 422,
    UsageError: 400,
    InputError: 400,
    RefusedError: 403,
    SourceGoneError: 503,
    StorageError: 507,
}


class ProblemError(Exception):
    """An answer that says what is wrong.

    Parameters
    ----------
    extra : more members of the JSON object.
    content : a media type and bytes that say it better than JSON.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
        content: tuple[str, bytes] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail[:_MAX_DETAIL]
        self.headers = {"content-type": content[0] if content else PROBLEM_TYPE, **(headers or {})}
        self.extra, self._content = dict(extra or {}), content

    def body(self) -> bytes:
        """What is said: a JSON object, or what was given as the content."""
        if self._content:
            return self._content[1]
        title = HTTPStatus(self.status).phrase
        facts = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail, **self.extra}
        return json.dumps(facts, ensure_ascii=False).encode("utf-8", "backslashreplace")


def problem_of(error: ProblemError | AnswerError | JobgraphError) -> ProblemError:
    """The problem that an error of ours is."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, AnswerError):
        headers = {"Retry-After": "1"} if error.reason in {"busy", "storage"} else {}
        return ProblemError(_STATUS_OF_REASON[error.reason], error.sentence, headers=headers)
    status = status_of(type(error))
    headers = {"WWW-Authenticate": AccessError.challenge} if status == HTTPStatus.UNAUTHORIZED else {}
    return ProblemError(status, str(error), headers=headers)


def status_of(kind: type[JobgraphError]) -> int:
    """The status that an error of ours is answered with."""
    return next((status for known, status in _STATUS_OF_ERROR.items() if issubclass(kind, known)), 500)
