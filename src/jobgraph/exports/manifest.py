"""The manifest of a package: what it is, where it came from, and the hash of everything in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from jobgraph.errors import PackageError

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
VERSION = "1"  # of what packages look like

Count = Annotated[int, Field(ge=0)]
Hash = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
KeyName = Annotated[str, StringConstraints(pattern="^ed25519:[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Content(_Part):
    """What a packed file has in it."""

    size: Count
    sha256: Hash


class FileFacts(_Part):
    """One file: its size and hash as it lies there, and of what is in it where that is packed.

    `format` is the name of the format of a file with data; other files have none.
    """

    size: Count
    sha256: Hash
    media_type: str
    format: str = ""
    content: Content | None = None


class ProfileFacts(_Part):
    """Which profile said what leaves."""

    name: str
    iri: str
    title: str


class Findings(_Part):
    """What validation found, by severity: in the whole generation, and in the package by its own contract."""

    quarantined: Count
    generation: Mapping[str, Count]
    package: Mapping[str, Count]


def in_words(found: Mapping[str, int]) -> str:
    """How much was found, the gravest first.

    >>> in_words({"info": 1, "violation": 1200, "warning": 0})
    '1,200 violations, 0 warnings, 1 info'
    """
    known = [word for word in ("violation", "warning", "info") if word in found]
    words = [f"{found[word]:,} {word}{'' if found[word] == 1 or word == 'info' else 's'}" for word in known]
    return ", ".join(words) or "not validated"


class Counts(_Part):
    """What there is, counted.

    `things` are those of each class, `properties` the triples of each property, `graphs` the triples of each graph;
    `triples` counts a triple once, however many graphs have it. `left_out` are links whose target stays, `masked` the
    values that were masked, by property.
    """

    triples: Count
    subjects: Count
    things: Mapping[str, Count]
    properties: Mapping[str, Count]
    graphs: Mapping[str, Count]
    left_out: Count
    masked: Mapping[str, Count]


class Hashes(_Part):
    """The RDFC-1.0 hashes: of the data set with its graphs, and of all triples as one graph."""

    dataset: Hash
    triples: Hash


class Previous(_Part):
    """The package that this one follows on."""

    generation: str
    dataset: Hash


class Manifest(_Part):
    """All that a package says about itself; its text follows from its facts alone.

    Parameters
    ----------
    iri : the name of the package, and the start of the addresses of its files.
    created : when the generation was made; the package has no moment of its own.
    graphs : the IRIs of the graphs, by kind.
    rules : the triples that each rule inferred in the generation.
    losses : what each format could not say.
    forced : what spoke against the export, where it was made all the same.
    signed_by : the name of the key that signed it.
    digest : the hash of the manifest itself without it, which shows that a copy is whole where nothing is signed.
    """

    package: str = VERSION
    iri: str
    profile: ProfileFacts
    tenant: str
    generation: str
    created: str
    base: str
    source: str
    rules: Mapping[str, Count]
    tool: str
    findings: Findings
    counts: Counts
    hashes: Hashes
    graphs: Mapping[str, str]
    losses: Mapping[str, tuple[str, ...]]
    forced: tuple[str, ...] = ()
    previous: Previous | None = None
    signed_by: KeyName | None = None
    files: Mapping[str, FileFacts]
    digest: str = ""

    def sealed(self) -> Manifest:
        """The same with its digest."""
        bare = self.model_copy(update={"digest": ""})
        return bare.model_copy(update={"digest": sha256(bare.to_bytes()).hexdigest()})

    def to_bytes(self) -> bytes:
        """The text of the manifest: one for the same facts."""
        return f"{json.dumps(self.model_dump(), indent=2, sort_keys=True, ensure_ascii=False)}\n".encode()


def read_manifest(text: bytes, location: Path) -> Manifest:
    """The manifest of a package from elsewhere.

    Raises
    ------
    PackageError : it is none, or not written as they are.
    """
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or MANIFEST
        raise PackageError(location, f"has a manifest that is none, at {place}: {first['msg']}") from None
    if manifest.package != VERSION:
        raise PackageError(
            location, f"is of version {manifest.package}, which this jobgraph does not know; it knows {VERSION}"
        )
    if manifest.to_bytes() != text or manifest.sealed() != manifest:
        raise PackageError(location, "has a manifest that is not as it was written")
    return manifest


def tool_name() -> str:
    """What makes packages here, with its version."""
    return f"jobgraph {version('jobgraph')}"


def digest_of(path: Path) -> tuple[int, str]:
    """The size and the sha256 of a file."""
    digest, size = sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()
