"""The files of the questions: their form, and which terms and tables they use."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from itertools import islice
from pathlib import Path

import pytest
from tests.questions.conftest import Tenant
from tests.questions.test_answers import QUESTIONS, all_rows, picks

from jobgraph.errors import InputError, UsageError
from jobgraph.questions import Question, answer, find_question, read_questions, to_text
from jobgraph.resources import resource_path
from jobgraph.store import PREFIXES
from jobgraph.vocabulary import JG, RDF, Table, Vocabulary

FOLDER = resource_path("ontology", "questions")
FILES = sorted(FOLDER.glob("*.rq"))
NAMED = Path(__file__).with_name("named_in_requirements.tsv")
TERM = re.compile(r"(?<![\w?])([a-z]+):([A-Za-z]\w*)")

each_file = pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])


def body_of(text: str) -> str:
    """The query without comments, prefixes, texts and IRIs."""
    return re.sub(r'^(PREFIX|#).*$|<[^>]*>|"[^"]*"', "", text, flags=re.MULTILINE)


@each_file
def test_first_line_asks_in_words(path: Path) -> None:
    assert re.match(r"# [A-Z][^\n]+\?\n", path.read_text())


@each_file
def test_prefixes_are_sorted_and_used(path: Path) -> None:
    prefixes = re.findall(r"^PREFIX (\w+): <\S+>$", path.read_text(), re.MULTILINE)
    assert prefixes == sorted({prefix for prefix, _ in TERM.findall(body_of(path.read_text()))} | set(prefixes))
    assert [p for p in prefixes if not re.search(rf"(?<!\w){p}:", body_of(path.read_text()))] == []


@each_file
def test_each_line_has_one_triple_at_most(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [line for line in lines if len(re.findall(r" \.(?= |$)", line)) > 1] == []
    assert [line for line in lines if len(line) > 120 and not line.startswith("#")] == []


@each_file
def test_answer_and_sql_stand_beside(path: Path) -> None:
    assert path.with_suffix(".csv").is_file()
    assert (Path(__file__).with_name("sql") / f"{path.stem}.sql").is_file()


def test_numbers_are_in_sequence() -> None:
    assert [question.number for question in QUESTIONS.values()] == list(range(1, len(FILES) + 1))
    assert len(FILES) >= 40


@pytest.mark.parametrize("name", QUESTIONS)
def test_parameters_are_columns_of_the_query(name: str) -> None:
    """A substitution binds only what SELECT lists; any other would be passed over without a word."""
    question = QUESTIONS[name]
    listed = set(re.findall(r"\?(\w+)", re.split(r"^WHERE", question.query, flags=re.MULTILINE)[0]))
    assert {parameter.name for parameter in question.parameters if parameter.kind != "limit"} <= listed


@pytest.mark.parametrize("name", QUESTIONS)
def test_order_is_total(name: str, tenants: Mapping[str, Tenant]) -> None:
    """Rows that are equal in all that ORDER BY names are equal in all."""
    question = QUESTIONS[name]
    keys = re.findall(r"\?(\w+)", re.findall(r"^ORDER BY (.*)$", question.query, re.MULTILINE)[-1])
    for tenant in tenants.values():
        for values in islice(picks(question, tenant), 1):
            found = all_rows(question, tenant, values)
            at = [found.columns.index(key) for key in keys if key in found.columns]
            if keys[-1] in found.columns:  # else it is the entity that a row is made of, and tells rows apart
                rows = set(found.texts())
                assert len({tuple(row[i] for i in at) for row in rows}) == len(rows)


@cache
def rule_terms() -> Mapping[str, frozenset[str]]:
    """The terms that a rule reads, by each term that it states."""
    found: dict[str, frozenset[str]] = {}
    for path in Vocabulary().rule_files():
        stated, _, read = body_of(path.read_text()).partition("WHERE")
        for term in terms_of(stated):
            found[term] = found.get(term, frozenset()) | terms_of(read)
    return found


def terms_of(text: str) -> frozenset[str]:
    found = frozenset(PREFIXES[prefix] + local for prefix, local in TERM.findall(text) if prefix in PREFIXES)
    return found | {RDF + "type"} if re.search(r"\ba\b", text) else found


def used_by(question: Question) -> set[str]:
    """The terms that a question names, and those from which rules state them."""
    used: set[str] = set()
    new = set(terms_of(body_of(question.query)))
    while new:
        used |= new
        new = {term for found in new for term in rule_terms().get(found, ())} - used
    return used


def named(vocabulary: Vocabulary) -> list[tuple[Table, str]]:
    with NAMED.open(encoding="utf-8", newline="") as stream:
        return [(vocabulary.tables[r["table"]], r["column"]) for r in csv.DictReader(stream, delimiter="\t")]


def is_used(table: Table, column: str, uses: list[set[str]]) -> bool:
    """Whether a question reads the column or, without one, the rows of the table.

    Rows are read by the name of their class, by a property that no other table states, or by a link that leads to
    their class only; those of a relation by both its ends. A plain junction has no class: its property must stand in
    a question beside the class of its subject.
    """
    used = set().union(*uses)
    if column:
        subject = [table.subject] if table.subject else []
        columns = [c for c in [*table.columns, *subject] if c.name == column]
        return any(not c.path or c.path in used for c in columns) or column in (table.key, *table.waived)
    if table.subject:
        return any({table.columns[0].path, table.subject.target} <= found for found in uses)
    ends = {link.path for link in table.links}
    has_both_ends = len(ends) == 2 and any(ends <= found for found in uses)
    return has_both_ends or table.class_iri in used or bool(own_properties(table) & used)


def own_properties(table: Table) -> set[str]:
    """The properties that this table alone states, and the links that lead to its class only."""
    stating, leading = stated_by()
    return {p for p in {c.path for c in table.columns} if stating[p] == {table.name}} | {
        path for path, targets in leading.items() if targets == {table.class_iri}
    }


@cache
def stated_by() -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    """The tables that state each property, and the classes to which it leads, "" where it starts at the parent."""
    stating: dict[str, set[str]] = {}
    leading: dict[str, set[str]] = {}
    for table in Vocabulary().tables.values():
        for column in table.columns:
            stating.setdefault(column.path, set()).add(table.name)
            leading.setdefault(column.path, set()).add("" if column.inverse else column.target)
    return stating, leading


def test_every_named_table_and_column_is_used(shipped_vocabulary: Vocabulary) -> None:
    uses = [used_by(question) for question in QUESTIONS.values()]
    unused = [(table.name, column) for table, column in named(shipped_vocabulary) if not is_used(table, column, uses)]
    assert unused == []


def test_questions_name_only_terms_that_are_there() -> None:
    vocabulary = Vocabulary()
    columns = {c.path for table in vocabulary.tables.values() for c in table.columns}
    known = columns | set(vocabulary.table_of_class) | set(rule_terms()) | scheme_terms()
    named_terms = {term for question in QUESTIONS.values() for term in terms_of(body_of(question.query))}
    assert {term for term in named_terms if term.startswith(JG)} - known == set()


def scheme_terms() -> set[str]:
    """The terms of score schemes, which no table states."""
    text = "".join(path.read_text() for path in (Vocabulary().ontology_path / "schemes").glob("*.ttl"))
    return {JG + name for name in re.findall(r"\bjg:(\w+)", text)}


@pytest.mark.parametrize("name", QUESTIONS)
def test_answer_with_scores_says_how_many_lack_evidence(name: str) -> None:
    question = QUESTIONS[name]
    header = re.split(r"^WHERE", question.query, flags=re.MULTILINE)[0]
    shows = re.search(r"jg:(computedOpportunityScore|importanceScore|demand|capabilityGap)\b", question.query)
    assert not shows or re.search(r"\?evidence\b|\?scoresWithoutEvidence\b", header)


@pytest.mark.parametrize("text", ["", "SELECT * { ?s ?p ?o }", "# Who?\n# job | jg:Job | required | The job.\n"])
def test_file_that_is_no_question_is_refused(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "ontology" / "questions"
    folder.mkdir(parents=True)
    (folder / "01_some.rq").write_text(text)
    with pytest.raises(InputError, match=r"01_some\.rq"):
        read_questions(Vocabulary(root=tmp_path))


@pytest.mark.parametrize(
    "name", ["jobs_of_persona", "jobs-of-persona", "01_jobs_of_persona", "1", "01", "Jobs_Of_Persona"]
)
def test_question_is_found_by_name_and_number(name: str) -> None:
    assert find_question(QUESTIONS, name).name == "jobs_of_persona"


@pytest.mark.parametrize("name", ["jobs_of_personas", "999", "", "nothing at all"])
def test_unknown_question_is_a_slip(name: str) -> None:
    with pytest.raises(UsageError, match=r"did you mean|see all with jobgraph ask"):
        find_question(QUESTIONS, name)


@pytest.mark.parametrize("name", QUESTIONS)
def test_answer_on_the_sample_is_as_expected(name: str, tenants: Mapping[str, Tenant]) -> None:
    """`jobgraph ask --all --tenant northwind-bio --out ontology/questions` writes these files."""
    question, tenant = QUESTIONS[name], tenants["sample/northwind-bio"]
    found = answer(tenant.store, tenant.names, question, question.examples)
    with (FOLDER / f"{question.number:02}_{name}.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    assert header == list(found.columns)
    assert rows == [[to_text(term) or "" for term in row] for row in found.rows]
