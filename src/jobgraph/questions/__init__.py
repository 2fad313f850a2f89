"""Competency questions: named SPARQL queries with typed parameters, and their answers.

    question = find_question(read_questions(vocabulary), "jobs_of_persona")
    answer(store, graphs, question, {"persona": "Wren the Curious Liaison"}).rows

Values are bound as RDF terms and never become part of the query's text.
"""

from jobgraph.questions.answers import Answer, Evidence, answer, to_text
from jobgraph.questions.files import find_question, read_questions
from jobgraph.questions.parameters import Kind, Parameter, Question
from jobgraph.questions.values import bind_values

__all__ = [
    "Answer",
    "Evidence",
    "Kind",
    "Parameter",
    "Question",
    "answer",
    "bind_values",
    "find_question",
    "read_questions",
    "to_text",
]
