"""What a question and a parameter are, and what a parameter's line in a question's file says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jobgraph.errors import InputError
from jobgraph.vocabulary import JG

Kind = Literal["entity", "code", "decimal", "integer", "limit"]

REQUIRED = "required"
ANY = "any"
_NAME = re.compile(r"[a-z][A-Za-z]*")
_KINDS = re.compile(
    r"jg:(?P<class>[A-Z]\w*)"
    r"|code (?P<code>[a-z][a-z-]*)"
    r"|(?P<number>decimal|integer) (?P<lowest>\d+)\.\.(?P<highest>\d*)"
    r"|(?P<limit>limit)"
)


@dataclass(frozen=True)
class Parameter:
    """One value that a question takes.

    `target` is the IRI of the class of an entity, or of the list of a code. `lowest` and `highest` bound a number.
    `default` is the text that counts if no value is given; None where the question then asks about all (`any`) or
    where a value is `required`. A `limit` is no variable of the query: it cuts the ordered rows.
    """

    name: str
    kind: Kind
    sentence: str
    example: str = ""
    default: str | None = None
    is_required: bool = False
    target: str = ""
    lowest: Decimal = Decimal(0)
    highest: Decimal | None = None

    @property
    def wants(self) -> str:
        """The kind in words.

        >>> Parameter("least", "decimal", "The lowest score.", lowest=Decimal(0), highest=Decimal(20)).wants
        'a number from 0 to 20'
        """
        local = self.target.rpartition("/")[2]
        upper = f"from {self.lowest} to {self.highest}" if self.highest is not None else f"of {self.lowest} or more"
        return {
            "entity": f"the IRI, code or name of a jg:{local}",
            "code": f"a code of the list {local}",
            "decimal": f"a number {upper}",
            "integer": f"a whole number {upper}",
            "limit": "a whole number of 1 or more",
        }[self.kind]

    @property
    def otherwise(self) -> str:
        """What counts if no value is given."""
        return REQUIRED if self.is_required else f"{self.default} if none is given" if self.default else ANY


@dataclass(frozen=True)
class Question:
    """A question in plain words, its parameters, and the SPARQL query that answers it.

    `notes` say what the answer leaves out or counts.
    """

    number: int
    name: str
    text: str
    notes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    query: str

    @property
    def examples(self) -> Mapping[str, str]:
        """The example value of each parameter that has one."""
        return {parameter.name: parameter.example for parameter in self.parameters if parameter.example}

    @property
    def limit(self) -> Parameter | None:
        """The parameter that cuts the rows; None where all come."""
        return next((parameter for parameter in self.parameters if parameter.kind == "limit"), None)


def read_parameter(line: str, place: str) -> Parameter:
    """The parameter of a line `name | kind | default | example | sentence`.

    Raises
    ------
    InputError : the line does not have these five parts.

    >>> read_parameter("job | jg:Job | required | PHARMA_MA_PUB_001 | The job.", "here").target
    'https://w3id.org/jobgraph/Job'
    """
    name, kind, default, example, sentence = _parts(line, place)
    found = _KINDS.fullmatch(kind)
    if not found or not _NAME.fullmatch(name) or not sentence.endswith("."):
        raise InputError(
            f"{place}: {line!r} is no parameter; write a name, jg:CLASS or code LIST or decimal 0.. or integer 0.. or "
            "limit, a default, an example and a sentence."
        )
    return Parameter(
        name=name,
        kind=_kind(found),
        sentence=sentence,
        example=example,
        default=None if default in (REQUIRED, ANY) else default,
        is_required=default == REQUIRED,
        target=f"{JG}{found['class']}" if found["class"] else f"{JG}code/{found['code']}" if found["code"] else "",
        lowest=Decimal(found["lowest"] or (1 if found["limit"] else 0)),
        highest=Decimal(found["highest"]) if found["highest"] else None,
    )


def _parts(line: str, place: str) -> list[str]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 5 or not parts[2]:
        raise InputError(f"{place}: {line!r} has not the five parts of a parameter; see CONTRIBUTING.md.")
    return parts


def _kind(found: re.Match[str]) -> Kind:
    if found["class"]:
        return "entity"
    return "code" if found["code"] else found["number"] or "limit"  # type: ignore[return-value]  # as the pattern says
