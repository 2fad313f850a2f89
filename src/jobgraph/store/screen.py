r"""A look at SPARQL text before it is parsed: what would call out, or bring the parser down, is refused.

The parser calls any address that SERVICE or LOAD names, and its stack overflows on a few kilobytes of nesting; neither
can be switched off. Two readings of a text are screened, as it stands and with `\uXXXX` decoded, for engines differ.

The parser finds keywords without looking where they end (`trueSERVICE<…>` calls out), so a bare word counts wherever it
contains one that is refused. It takes `<` as the start of an IRI or as "less than" by its place, which cannot be seen
from here: where the two would differ in what is a comment or a string after it, the text is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jobgraph.errors import RefusedError

MAX_BYTES = 1_000_000
MAX_NESTING = 100
MAX_OPERATORS = 2_000

_UNICODE = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_IRI_CHARACTER = rf"(?:[^<>\"{{}}|^`\\\x00-\x20]|{_UNICODE})"
_NAME_CHARACTERS = r"\w\-\u00b7\u203f\u2040"
# Tried in this order. No quantifier gives back what it took, so that the time is linear in the text.
_TOKENS = {
    "string": r'"""(?:"{0,2}+(?:[^"\\]|\\.))*+"""'
    r"|'''(?:'{0,2}+(?:[^'\\]|\\.))*+'''"
    r'|"(?:[^"\\\n\r]|\\[^\n\r])*+"'
    r"|'(?:[^'\\\n\r]|\\[^\n\r])*+'",
    "doubtful": rf"<(?:(?!//|[#']){_IRI_CHARACTER})*+[#']{_IRI_CHARACTER}*+>",  # no expression has `//`
    "iri": rf"<{_IRI_CHARACTER}*+>",
    "comment": r"#[^\r\n]*+",
    "language": r"@[A-Za-z]++(?:-++[A-Za-z0-9]++)*+",
    "name": rf"(?:[^\W\d][{_NAME_CHARACTERS}.]{{0,64}}+)?+:"
    rf"(?:[{_NAME_CHARACTERS}.:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])*+",
    "variable": r"[?$]\w++",
    "word": r"\d++\.\d++|\w++",
    "open": r"<<\(?|[({\[]",
    "close": r"\)?>>|[)}\]]",
    "operator": r"&&|\|\||[<>!]=|[-+*/|^!=<>?&]",
    "separator": r"[.;]",
    "comma": r",",
}
_TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _TOKENS.items()), re.DOTALL)
_CALL = re.compile("service|load", re.IGNORECASE)
_NAME_OF_CALL = re.compile(r"(?:^|\.)\w*(?:service|load)", re.IGNORECASE)
_NAME_OF_LOAD = re.compile(r"load(?:silent)?:", re.IGNORECASE)
_BEFORE_DATA = {"VALUES", "DATA"}  # a group that holds terms and no expressions: VALUES, INSERT DATA, DELETE DATA
_TERMS = {"string", "iri", "doubtful", "name", "variable", "word"}
# Words that make one more step of the algebra each.
_STEP = re.compile("optional|union|minus|filter|bind|graph|values|lateral|exists|as|not|in", re.IGNORECASE)


class _Token(NamedTuple):
    kind: str
    text: str


_NONE = _Token("", "")


def screen_query(text: str) -> None:
    """Refuse a query or an update that the store must not see; a text that passes may still not parse.

    Commas and values in VALUES, IN and the arguments of functions do not count as operators, and nothing does in
    INSERT DATA and DELETE DATA.

    Raises
    ------
    RefusedError : it is larger than 1 MB, calls out with SERVICE or LOAD, is nested more than 100 deep, or has more
        than 2,000 operators.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise RefusedError(f"The query has {size} bytes; at most {MAX_BYTES} are allowed. Split it.")
    if _is_plain(text):
        return
    for reading in dict.fromkeys((text, re.sub(_UNICODE, _decoded, text))):
        _refuse_size(_iter_tokens(reading))
        if _CALL.search(reading):
            _refuse_calls(list(_iter_tokens(reading)))


def _is_plain(text: str) -> bool:
    """Whether a text is too short to be large and names no call, however it is read; most are."""
    lower = text.lower()
    return (
        len(text) <= MAX_OPERATORS  # each of them takes a character
        and text.isascii()
        and not any(word in lower for word in ("service", "load", "\\"))
        and sum(map(text.count, "({[<")) <= MAX_NESTING
    )


def _decoded(escape: re.Match[str]) -> str:
    code = int(escape[0][2:], 16)
    return chr(code) if code <= 0x10FFFF else escape[0]


def _iter_tokens(text: str) -> Iterator[_Token]:
    """The tokens of `text` without comments; characters that belong to none are passed over.

    What may be an IRI with `#` or `'`, or a comparison, is refused; after PREFIX and BASE only an IRI can stand.
    """
    declaration = ["", ""]
    for match in _TOKEN.finditer(text):
        token = _Token(match.lastgroup or "", match[0])
        if token.kind == "doubtful" and declaration[0] != "PREFIX" and declaration[1] != "BASE":
            raise RefusedError(f"{token.text} can be read in two ways; declare a PREFIX, or put a space after <.")
        if token.kind != "comment":
            declaration = [declaration[1], token.text.upper()]
            yield token


def _refuse_calls(tokens: list[_Token]) -> None:
    """Refuse tokens that call out in any reading."""
    depth, before = 0, _NONE
    for index, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        found = _CALL.search(token.text)
        if found and (
            token.kind == "word"
            or (token.kind == "name" and _is_call(token.text, before, tokens[index + 1 : index + 3], depth))
        ):
            raise RefusedError(f"{found[0].upper()} is not allowed: a query reads this store alone. Leave it out.")
        before = token


def _is_call(name: str, before: _Token, following: list[_Token], depth: int) -> bool:
    """Whether a prefixed name can be read as a call: the keyword runs into a name, or follows a dot in one.

    `{ SERVICE:x { … } }` calls the address `:x`, and `LOAD:x` loads it; in `ex:a.b.SERVICE <x> { … }` the name ends
    before the second dot.
    """
    if depth == 0 and _NAME_OF_LOAD.match(name):
        return before.kind in {"", "iri"} or before.text == ";"
    opens = [token.text == "{" for token in following]
    is_group_next = any(opens[:1]) and before.text.upper() != "GRAPH"
    return bool(_NAME_OF_CALL.search(name)) and (is_group_next or ("." in name and opens == [False, True]))


def _refuse_size(tokens: Iterable[_Token]) -> None:
    """Refuse what is nested too deep or has too many operators."""
    brackets: list[str] = []
    operators, before, is_data_next = 0, _NONE, False
    for token in tokens:
        in_data = brackets[-1:] == ["data"]
        operators += not in_data and _is_operator(token, before, brackets[-1:])
        if token.kind == "open":
            is_data = in_data or (is_data_next and token.text == "{")
            is_data_next = is_data_next and not is_data
            brackets.append("data" if is_data else token.text)
        elif token.kind == "close":
            del brackets[-1:]
        is_data_next = is_data_next or (token.kind == "word" and token.text.upper() in _BEFORE_DATA)
        before = token
        if len(brackets) > MAX_NESTING:
            raise RefusedError(f"The query is nested more than {MAX_NESTING} deep. Flatten it.")
        if operators > MAX_OPERATORS:
            raise RefusedError(f"The query has more than {MAX_OPERATORS} operators. Split it, or use VALUES.")


def _is_operator(token: _Token, before: _Token, inside: list[str]) -> bool:
    """Whether `token` adds a step to the parsed query: an operator, a group, a pattern or an item of a list."""
    in_parentheses = inside == ["("]
    if token.kind == "word" and _STEP.fullmatch(token.text):
        return True
    if token.kind in _TERMS:
        return in_parentheses and before.kind in _TERMS
    if token.kind == "comma":
        return not in_parentheses
    return token.kind in {"operator", "separator"} or token.text in {"{", "["}


def bare_words(text: str) -> set[str]:
    """The words of a text, in capitals, that are outside of strings, IRIs, names, variables and comments.

    Raises
    ------
    RefusedError : it can be read in two ways.
    """
    return {token.text.upper() for token in _iter_tokens(text) if token.kind == "word"}
