"""The settings of jobgraph: one typed field each, read from the environment with the prefix JOBGRAPH_."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar, cast

from jobgraph.errors import UsageError

PREFIX = "JOBGRAPH_"
Value = TypeVar("Value")


@dataclass(frozen=True)
class Rule:
    """What a setting is if nobody says otherwise, what it means, and what it may be: bounds of numbers, a pattern."""

    default: object
    description: str
    ge: float
    gt: float
    le: float
    pattern: str

    def fault(self, value: object) -> str:
        """What is wrong with a value; '' if nothing is."""
        if isinstance(value, str):
            return "" if re.search(self.pattern, value) else f"{value!r} does not match {self.pattern}"
        if not isinstance(value, int | float):
            return ""
        if not math.isfinite(value):
            return f"{value} is no number"
        if not self.gt < value >= self.ge:
            return f"{value} is not more than {self.gt}" if value <= self.gt else f"{value} is less than {self.ge}"
        return f"{value} is more than {self.le}" if value > self.le else ""


def setting(
    default: Value,
    description: str,
    *,
    ge: float = -math.inf,
    gt: float = -math.inf,
    le: float = math.inf,
    pattern: str = "",
) -> Value:
    """A field of settings; see `Rule`."""
    return cast("Value", field(default=Rule(default, description, ge, gt, le, pattern)))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How jobgraph behaves on this machine; every default works on a laptop.

    What is given counts before what the environment says, and both may be texts.

    Raises
    ------
    UsageError : a value does not fit its field.
    """

    home: Path = setting(Path(".jobgraph"), "Folder that holds the tenants' stores.")
    base: str = setting(
        "https://jobgraph.example/id/",
        "Start of every IRI that is minted for a row; ends with a slash.",
        pattern=r"^https?://[^\s<>\"{}|\\^`]+/$",
    )
    memory_limit_mb: int = setting(
        700, "Memory, in MB, that the table engine may use before it spills to disk.", ge=100
    )
    threads: int = setting(2, "Threads that the table engine uses.", ge=1)
    keep_generations: int = setting(5, "Generations of a tenant that stay after a build; older ones are pruned.", ge=1)
    keep_days: float = setting(0, "Days that a generation stays in any case; 0 if its age does not count.", ge=0)
    changes_overlap_s: float = setting(
        3600,
        "Seconds before the last change that a build saw, whose rows `build --trust-updated` reads again.",
        ge=0,
        le=1e9,
    )
    store: str | None = setting(
        None,
        "Graph store of a SPARQL endpoint with the tenants, such as sparql+https://host/store; "
        "`{tenant}` in it is a tenant's short name.",
    )
    store_query: str = setting("", "Where the endpoint takes queries, if it is not where well-known servers have it.")
    store_update: str = setting("", "Where the endpoint takes updates, if it is not where well-known servers have it.")
    store_credentials: Path | None = setting(
        None, "Folder with a file per tenant, named by its short name: a line `user` and a line `password`."
    )
    store_ca_file: Path | None = setting(
        None, "PEM file with more authorities whose certificates an endpoint may have."
    )
    store_timeout_s: float = setting(120, "Seconds that one answer of an endpoint may be waited for.", gt=0)
    store_grace_s: int = setting(
        3600, "Seconds that a generation stays at an endpoint after another took its place, for its readers.", ge=0
    )
    spark_wait_s: int = setting(
        60, "Seconds to wait for a Spark cluster that has no executor, at the start or later.", ge=1
    )
    jwt_issuer: str | None = setting(None, "Issuer (`iss`) whose JSON Web Tokens the server takes; none if unset.")
    jwt_audience: str | None = setting(None, "Audience (`aud`) that these tokens must be made for.")
    jwt_jwks_file: Path | None = setting(
        None, "File with the issuer's public keys as a JWK set; read again when it changes."
    )
    jwt_tenant_claim: str = setting(
        "tenant", "Claim of these tokens that holds the short name of a tenant.", pattern="."
    )
    jwt_role_claim: str = setting(
        "role", "Claim of these tokens that holds reader, writer or admin, or a list with one of them.", pattern="."
    )

    def __post_init__(self) -> None:
        for name, rule in rules(type(self)).items():
            given = getattr(self, name)
            if given is rule:
                given = os.environ.get(PREFIX + name.upper(), rule.default)
            kind, _, or_none = str(self.__dataclass_fields__[name].type).partition(" | ")
            try:
                value = None if given is None and or_none else _KINDS[kind](str(given))
            except ValueError:
                raise _fault(name, f"{given!r} is no {_WORDS[kind]}") from None
            if fault := rule.fault(value):
                raise _fault(name, fault)
            object.__setattr__(self, name, value)


def rules(kind: type[Settings]) -> dict[str, Rule]:
    """What is known of each setting of a kind, by name."""
    return {part.name: part.default for part in fields(kind) if isinstance(part.default, Rule)}


def _fault(name: str, fault: str) -> UsageError:
    return UsageError(f"{PREFIX}{name.upper()}: {fault}; correct or unset it.")


_KINDS: Mapping[str, Callable[[str], object]] = {"Path": Path, "str": str, "int": int, "float": float}
_WORDS = {"int": "whole number", "float": "number"}
