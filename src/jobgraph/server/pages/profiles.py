"""Which profile of a thing a client wants (W3C Content Negotiation by Profile): by header, or by `_profile`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from jobgraph.server.exchange import Exchange
from jobgraph.server.problems import ProblemError
from jobgraph.vocabulary import JG

FULL, LABELLED, FRAMED = "full", "labelled", "framed"
PROFILES: Mapping[str, str] = {token: f"{JG}profile/{token}" for token in (FULL, LABELLED, FRAMED)}
_WANTED = re.compile(r"<([^<>\s]+)>\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?\s*(?:,|$)", re.IGNORECASE)


def chosen_profile(exchange: Exchange) -> str:
    """The token of the profile to answer in.

    Raises
    ------
    ProblemError : `_profile` names one that there is not. A header that does gets the full record.
    """
    asked = [value for name, value in exchange.fields if name == "_profile"]
    tokens = {iri: token for token, iri in PROFILES.items()} | {token: token for token in PROFILES}
    if asked:
        if asked[0] not in tokens or len(asked) > 1:
            known = ", ".join(PROFILES)
            raise ProblemError(406, f"There is no profile {asked[0]!r}; choose one of {known}.")
        return tokens[asked[0]]
    return best_profile(exchange.header("accept-profile"))


def best_profile(header: str | None) -> str:
    """The profile that an Accept-Profile header wants most.

    >>> best_profile("<urn:other>, <https://w3id.org/jobgraph/profile/framed>;q=0.5")
    'framed'
    """
    tokens = {iri: token for token, iri in PROFILES.items()}
    wanted = [(float(quality or 1), tokens[iri]) for iri, quality in _WANTED.findall(header or "") if iri in tokens]
    quality, token = max(wanted, key=lambda pair: pair[0], default=(0.0, FULL))
    return token if quality > 0 else FULL


def profile_links(address: str, chosen: str, iri: str) -> str:
    """The value of a Link header: the thing itself, the profile of the answer, and the other profiles and forms.

    Parameters
    ----------
    address : of the data, without any query.
    """
    page = address.replace("/data/", "/page/", 1)
    links = [
        f'<{iri}>; rel="canonical"',
        f'<{PROFILES[chosen]}>; rel="profile"',
        f'<{page}>; rel="alternate"; type="text/html"',
        '</ontology>; rel="describedby"',
        *_others(address, chosen),
    ]
    return ", ".join(links)


def _others(address: str, chosen: str) -> Iterable[str]:
    for token, iri in PROFILES.items():
        if token != chosen:
            yield f'<{address}?_profile={token}>; rel="alternate"; formats="{iri}"'
