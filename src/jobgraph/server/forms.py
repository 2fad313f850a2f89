"""The files of a form (RFC 7578), cut out of the body as they came."""

from __future__ import annotations

import re

from jobgraph.server.problems import ProblemError

_MAX_FILES, _MAX_HEAD = 100, 8_000
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")  # RFC 2046, section 5.1.1
_FIELD = re.compile(r"^([A-Za-z-]+):[ \t]*([^\r\n;]*)", re.MULTILINE)
_PLAIN = {"", "7bit", "8bit", "binary"}


def read_files(boundary: str, body: bytes) -> list[tuple[str, bytes]]:
    r"""Each file with its media type, '' where it has none.

    Raises
    ------
    ProblemError : it is no form, has no file or too many, or one of them is encoded.

    >>> read_files("x", b"--x\r\nContent-Type: text/turtle\r\n\r\n<urn:a> a <urn:b> .\r\n--x--\r\n")
    [('text/turtle', b'<urn:a> a <urn:b> .')]
    """
    if not _BOUNDARY.fullmatch(boundary):
        raise ProblemError(400, "The form has no boundary; name it in the content type.")
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"), _MAX_FILES + 2)[1:]
    if not parts or len(parts) > _MAX_FILES + 1 or not parts[-1].startswith(b"--"):
        raise ProblemError(
            400, f"The form has no end, or more than {_MAX_FILES} files; send it whole, and less at once."
        )
    if len(parts) == 1:
        raise ProblemError(400, "The form has no files; send the graph as the body, or a file in the form.")
    return [_file(part) for part in parts[:-1]]


def _file(part: bytes) -> tuple[str, bytes]:
    head, end, content = part.partition(b"\r\n\r\n")
    if not end or len(head) > _MAX_HEAD:
        raise ProblemError(400, "A file of the form has no head; say its Content-Type, then an empty line.")
    fields = {match[1].lower(): match[2].strip().lower() for match in _FIELD.finditer(head.decode("latin-1"))}
    if fields.get("content-transfer-encoding", "") not in _PLAIN:
        raise ProblemError(415, "Encoded files are not read; send them as they are.")
    return fields.get("content-type", ""), content
