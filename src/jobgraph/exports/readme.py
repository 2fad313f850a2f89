"""The README of a package: what it holds, what one may do with it, and how to check and read it, for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from jobgraph.exports.manifest import FileFacts, Manifest, in_words
from jobgraph.exports.profile import Mask, Profile

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")
_MANY = {"neo4j", "parquet", "tables"}  # folders with a file for each class, or more
_VERIFY = "openssl pkeyutl -verify -pubin -inkey SENDER.pub -rawin -in manifest.json -sigfile manifest.json.sig"


def write_readme(manifest: Manifest, profile: Profile, labels: Mapping[str, str]) -> str:
    """The text in Markdown; `labels` are what people call classes and properties, by IRI."""
    parts = (
        _head(manifest, profile),
        _terms(manifest, profile),
        _content(manifest, labels),
        _masks(profile, labels),
        _quality(manifest),
        _files(manifest),
        _usage(manifest),
    )
    return "\n".join(line for part in parts for line in part)


def _head(manifest: Manifest, profile: Profile) -> Iterator[str]:
    yield f"# {plain(profile.title)}"
    yield ""
    yield plain(profile.description)
    yield ""
    yield from _table(
        ("", ""),
        [
            ("from", manifest.tenant),
            ("by the profile", f"{manifest.profile.name}, {manifest.profile.iri}"),
            ("generation", f"{manifest.generation}, made {manifest.created}"),
            ("out of", manifest.source),
            ("with", manifest.tool),
            ("triples", f"{manifest.counts.triples:,}"),
            ("name of the package", manifest.iri),
        ],
    )


def _terms(manifest: Manifest, profile: Profile) -> Iterator[str]:
    policy = profile.policy
    days = [
        f"from {policy.valid_from}" if policy.valid_from else "",
        f"until {policy.valid_until}" if policy.valid_until else "",
    ]
    rows = [
        ("from", policy.assigner_name or policy.assigner),
        ("for", policy.assignee_name or policy.assignee or "anyone"),
        ("to", ", ".join(policy.actions)),
        ("purpose", policy.purpose),
        ("valid", " ".join(filter(None, days)) or "without limit"),
        ("on condition that", "; ".join(policy.constraints)),
        ("must", "; ".join(policy.duties)),
        ("must not", "; ".join(policy.prohibitions)),
    ]
    yield from ("## What was agreed", "", "`policy.ttl` says so to machines, in ODRL.", "")
    yield from _table(("", ""), [row for row in rows if row[1]])
    if manifest.forced:
        yield from ("**This package was made although something spoke against it:**", "")
        yield from (f"- {plain(reason)}" for reason in manifest.forced)
        yield ""


def _content(manifest: Manifest, labels: Mapping[str, str]) -> Iterator[str]:
    counts = manifest.counts
    yield from ("## What is in it", "")
    rows = [(labels.get(iri, iri), f"{count:,}", iri) for iri, count in counts.things.items()]
    yield from _table(("things", "count", "class"), rows)
    if counts.left_out:
        yield from (f"{counts.left_out:,} links were left out, for what they lead to is not in the package.", "")
    yield from (
        "`contract/ontology.ttl` says what terms and codes mean, `contract/shapes.ttl` what holds of the data (SHACL),",
        "`profile.ttl` what was selected; `description.ttl` counts every class and property, in DCAT and VoID.",
        "",
    )


def _masks(profile: Profile, labels: Mapping[str, str]) -> Iterator[str]:
    rows = [
        (labels.get(class_iri, class_iri), labels.get(path, path), _mask(mask))
        for class_iri, rule in profile.classes.items()
        for path, mask in rule.properties.items()
        if mask
    ]
    rows += [(labels.get(iri, iri), "its IRI", "pseudonym") for iri, rule in profile.classes.items() if rule.pseudonym]
    if rows:
        yield from ("## What is masked", "")
        yield from _table(("of", "value", "how"), rows)


def _mask(mask: Mask) -> str:
    if mask.kind == "pseudonym":
        return "pseudonym"
    if mask.precision:
        return f"the {mask.precision} only"
    return f"rounded to {mask.step}" if mask.step else f"the first {mask.length} characters only"


def _quality(manifest: Manifest) -> Iterator[str]:
    findings = manifest.findings
    yield from ("## How good it is", "")
    rows = [
        ("held to the contract", findings.package),
        ("the whole generation, held to all shapes", findings.generation),
    ]
    yield from _table(("", "found"), [(name, in_words(found)) for name, found in rows])
    losses = {name: lost for name, lost in manifest.losses.items() if lost}
    if losses:
        yield from ("What a format cannot say:", "")
        yield from (f"- {name}: {plain(loss)}" for name, lost in losses.items() for loss in lost)
        yield ""


def _files(manifest: Manifest) -> Iterator[str]:
    yield from ("## Files", "")
    rows = [
        (f"{folder}: {len(files)} files" if len(files) > 1 else next(iter(files)), f"{sum(sizes):,}")
        for folder, files in _by_folder(manifest).items()
        if (sizes := [file.size for file in files.values()])
    ]
    yield from _table(("file", "bytes"), rows)


def _by_folder(manifest: Manifest) -> dict[str, dict[str, FileFacts]]:
    """The files by name, and those of formats with many files by folder."""
    found: dict[str, dict[str, FileFacts]] = {}
    for name, file in manifest.files.items():
        folder = name.partition("/")[0]
        found.setdefault(folder if folder in _MANY else name, {})[name] = file
    return found


def _usage(manifest: Manifest) -> Iterator[str]:
    yield from ("## How to check and read it", "")
    if manifest.previous:
        since = f"since generation {manifest.previous.generation}, whose data set is {manifest.previous.dataset}"
        yield from (f"This package holds what changed {since}. Applied to that package, it makes the full one:", "")
        yield from ("    jobgraph package verify .", "    jobgraph package apply . PACKAGE --out NEW", "")
    else:
        yield from ("    jobgraph package verify .", "    jobgraph package load . --home HOME --tenant NAME", "")
    yield "`manifest.json` has the SHA-256 of every file, and the hash of the data by RDFC-1.0."
    if manifest.signed_by:
        yield from ("It is signed with Ed25519; OpenSSL can check that, too:", "", f"    {_VERIFY}")
        yield from ("", f"The key is {manifest.signed_by}. Have it from the sender by another way than this package.")


def plain(text: str) -> str:
    """A text that Markdown shows as it is, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    yield from (f"| {' | '.join(map(plain, row))} |" for row in rows)
    yield ""
