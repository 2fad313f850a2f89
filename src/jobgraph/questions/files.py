"""The files of the questions, `NN_name.rq`: a question in words, notes and parameters as comments, then the query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from jobgraph.errors import InputError, UsageError
from jobgraph.questions.parameters import Question, read_parameter
from jobgraph.vocabulary import Vocabulary

_FILE = re.compile(r"(\d+)_([a-z][a-z0-9_]*)")


def read_questions(vocabulary: Vocabulary) -> Mapping[str, Question]:
    """Every question of the ontology by name, in the order of their numbers.

    Raises
    ------
    InputError : a file cannot be read, or is no question.
    """
    questions = [_read_question(path) for path in sorted((vocabulary.ontology_path / "questions").glob("*.rq"))]
    return {question.name: question for question in sorted(questions, key=lambda question: question.number)}


def find_question(questions: Mapping[str, Question], name: str) -> Question:
    """The question of this name, which may have dashes, and its number before it or alone.

    Raises
    ------
    UsageError : there is none.
    """
    plain = name.strip().lower().replace("-", "_").removesuffix(".rq")
    by_name = {**{str(question.number): question for question in questions.values()}, **questions}
    number, _, slug = plain.partition("_")
    key = slug if number.isdigit() and slug else plain.lstrip("0")
    if key in by_name:
        return by_name[key]
    near = get_close_matches(key, questions, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "see all with jobgraph ask."
    raise UsageError(f"There is no question {name!r}; {hint}")


def _read_question(path: Path) -> Question:
    found = _FILE.fullmatch(path.stem)
    if not found:
        raise InputError(f"{path} is no name of a question; call it NN_name.rq.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    comments = [line.removeprefix("#").strip() for line in text.partition("PREFIX")[0].splitlines()]
    lines = [line for line in comments if line]
    if not lines or not text.startswith("# "):
        raise InputError(f"{path} does not begin with the question in words; write it as a comment.")
    return Question(
        number=int(found[1]),
        name=found[2],
        text=lines[0],
        notes=tuple(line for line in lines[1:] if " | " not in line),
        parameters=tuple(read_parameter(line, str(path)) for line in lines[1:] if " | " in line),
        query=text,
    )
