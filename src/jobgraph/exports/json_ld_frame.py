"""JSON-LD frames: read, checked, and matched against things, https://www.w3.org/TR/json-ld11-framing/#frame-matching."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from pyld import jsonld

from jobgraph.errors import UsageError
from jobgraph.exports.json_ld_context import Context
from jobgraph.vocabulary import RDFS

Node: TypeAlias = "dict[str, Any]"  # a node object in expanded form
Frame: TypeAlias = "dict[str, Any]"  # a frame in expanded form, its keys in order

_DEFAULTS = {"@embed": "@once", "@explicit": False, "@omitDefault": False, "@requireAll": False}
_NOWHERE = "relative:/"  # where IRIs end up that are none
_OURS = "context.jsonld"
_VALUE = ("@value", "@type", "@language")
_KNOWN = {"@id", "@default", *_VALUE, *_DEFAULTS}
_EMBEDS = ("@once", "@always", "@never")
_DEEPEST = 50


def read_frame(document: Mapping[str, Any], context: Context) -> Frame:
    """A frame in expanded form; where it has no context of its own, its words are those of ours.

    Raises
    ------
    UsageError : it is no frame, or has what we do not know: `@reverse`, `@included`, `@graph`, `@list`.
    """
    own = document.get("@context")
    is_ours = isinstance(own, str) and own.rpartition("/")[2] == _OURS
    words = {key: value for key, value in document.items() if not (is_ours and key == "@context")}
    unknown: list[str] = []
    options = {
        "base": _NOWHERE,
        "isFrame": True,
        "keepFreeFloatingNodes": True,
        "documentLoader": _refuse_remote,
        "expandContext": {"@context": context.definitions()},
    }
    try:
        json.dumps(words)
        expanded = jsonld.expand(words, options, on_property_dropped=unknown.append)
    except (jsonld.JsonLdError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"The frame is no JSON-LD frame: {_reason(error)}") from error
    if unknown:
        raise UsageError(f"The frame has {', '.join(unknown)}, which no context explains; correct it or write an IRI.")
    if not expanded:
        expanded = [{}]
    if len(expanded) != 1:
        raise UsageError("A frame is one object of JSON; put the alternatives into its @type.")
    _check(expanded[0], 0)
    return _in_order(expanded[0])


def default_frame(links: Iterable[str]) -> Frame:
    """The frame for a profile that has none: what a thing links to stands there by its class and name.

    Parameters
    ----------
    links : all properties that link to something; of one that were missing, whole trees would stand there.
    """
    silent = {"@omitDefault": [True]}
    name = {"@id": [{}], "@embed": ["@always"], "@explicit": [True], **silent, RDFS + "label": [silent]}
    return _in_order({link: [name] for link in links})


def _in_order(frame: Frame) -> Frame:
    """A frame with its keys in the order in which they are matched."""
    nested = {key: [_in_order(value) for value in values] for key, values in frame.items() if not key.startswith("@")}
    return {key: nested.get(key, frame[key]) for key in sorted(frame)}


def flag(frame: Frame, name: str) -> Any:  # noqa: ANN401  # what JSON has there
    """How a frame wants something done, by the name of the keyword."""
    return frame.get(name, [_DEFAULTS[name]])[0]


def iter_frames(frame: Frame) -> Iterator[Frame]:
    """A frame and those in it."""
    yield frame
    for key, inner in frame.items():
        if not key.startswith("@"):
            yield from (each for one in inner for each in iter_frames(one))


def subframe(frame: Frame, key: str) -> Frame:
    """The frame for the values of a property; one that says nothing of it wants them as it wants itself."""
    if key in frame:
        return next(iter(frame[key]), {})
    return {name: [flag(frame, name)] for name in ("@embed", "@explicit", "@requireAll")}


def matches(node: Node, frame: Frame, node_of: Callable[[str], Node]) -> bool:
    """Whether a thing is what a frame looks for.

    Parameters
    ----------
    node_of : what is known of the thing with an IRI.
    """
    want_all, is_found = flag(frame, "@requireAll"), False
    can_forbid, is_open = want_all or [] in frame.values(), True
    for key, wanted in frame.items():
        if is_found and not can_forbid and key not in _NAMES:
            return True
        if key.startswith("@") and key not in _NAMES:
            continue
        is_open = False
        fits = (
            _NAMES[key](node, wanted)
            if key in _NAMES
            else _property_fits(node.get(key, []), wanted, node_of, want_all=want_all)
        )
        if fits is None:
            continue
        if key in _NAMES and not want_all and _decides(key, wanted):
            return fits
        if not fits and (want_all or not wanted):
            return False
        is_found = is_found or fits
    return is_found or is_open


def matches_value(value: Node, pattern: Frame) -> bool:
    """Whether a literal is what a frame looks for; one that says nothing of values takes them all."""
    wanted = [pattern.get(key, []) for key in _VALUE]
    if not any(wanted):
        return True
    found = [value.get(key) for key in _VALUE]
    if not (found[0] in wanted[0] or _is_any(wanted[0])):
        return False
    return all(
        here in want or (here is None and not want) or (here is not None and _is_any(want))
        for here, want in zip(found[1:], wanted[1:], strict=True)
    )


def _id_fits(node: Node, wanted: list[Any]) -> bool:
    return not wanted or _is_any(wanted) or node["@id"] in wanted


def _type_fits(node: Node, wanted: list[Any]) -> bool:
    types = node.get("@type", [])
    if not wanted:
        return not types
    if len(wanted) == 1 and _is_any(wanted):
        return bool(types)
    return any((isinstance(want, dict) and "@default" in want) or want in types for want in wanted)


_NAMES: Mapping[str, Callable[[Node, list[Any]], bool]] = {"@id": _id_fits, "@type": _type_fits}


def _decides(key: str, wanted: list[Any]) -> bool:
    """Whether a name alone says whether a thing fits: an `@id` always, a `@type` where it names classes."""
    return key == "@id" or bool(wanted and wanted != [{}])


def _property_fits(
    values: list[Node],
    wanted: list[Any],
    node_of: Callable[[str], Node],
    *,
    want_all: bool,
) -> bool | None:
    """Whether values are what is wanted; None where there are none, and the frame has a value for that."""
    pattern = wanted[0] if wanted else None
    if not values and pattern and "@default" in pattern:
        return None
    if pattern is None:
        return not values
    if "@value" in pattern:
        return any(matches_value(value, pattern) for value in values)
    if pattern.keys() == {"@id"}:
        inner = {**pattern, "@requireAll": [want_all]}
        return any("@id" in value and matches(node_of(value["@id"]), inner, node_of) for value in values)
    return bool(values)


def _is_any(wanted: list[Any]) -> bool:
    return bool(wanted) and wanted[0] == {}


def _check(frame: object, depth: int) -> None:
    """Refuse what is in no frame that we know."""
    if not isinstance(frame, dict) or depth > _DEEPEST:
        raise UsageError(f"A frame is an object of JSON, with others inside it down to {_DEEPEST}; {frame!r} is none.")
    for key, values in frame.items():
        if key.startswith("@"):
            _check_keyword(key, values)
        elif len(values) > 1:
            raise UsageError(f"The frame has {len(values)} patterns for {key}; write one.")
        else:
            for value in values:
                _check(value, depth + 1)
    if flag(frame, "@embed") not in _EMBEDS:
        raise UsageError(f"The frame has {frame['@embed'][0]!r} as its @embed; choose one of {', '.join(_EMBEDS)}.")


def _check_keyword(key: str, values: list[Any]) -> None:
    if key not in _KNOWN:
        raise UsageError(f"The frame has {key}, which is not known; it may have {', '.join(sorted(_KNOWN))}.")
    names = [name for name in values if isinstance(name, str)] if key in _NAMES else []
    if relative := [name for name in names if name.startswith(_NOWHERE)]:
        raise UsageError(
            f"The frame has {relative[0].removeprefix(_NOWHERE)} as its {key}, which no context explains; write an IRI."
        )


def _refuse_remote(url: str, _: object) -> dict[str, Any]:
    raise ValueError(f"its context {url} is not read; put the context itself into the frame")


def _reason(error: BaseException) -> str:
    """What is wrong in the words of who found it first, on one line."""
    while error.__cause__:
        error = error.__cause__
    text = str(error.args[0] if error.args else error).splitlines()[0]
    return f"{text.rstrip('.')[:300]}."
