"""The query of a question with its values written into it, for those who go on from there by hand.

Answers never come from it: there the values are bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jobgraph.questions.parameters import Question
from jobgraph.questions.values import Values
from jobgraph.store.tokens import iter_tokens

# What begins a list, in which a value alone cannot stand, and what ends it.
_END = {"HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}"}
_LISTS = {"SELECT": {"WHERE", "{"}, "GROUP": _END, "ORDER": _END - {"ORDER"}}


def filled_query(question: Question, values: Values) -> str:
    """The query with terms in the place of the variables that have values; without their columns, and with the limit.

    Terms are written as in N-Triples, where every character of a text that could end it is escaped.
    """
    head, start, body = question.query.partition("PREFIX")
    terms = {name: str(term) for name, term in values.terms.items()}
    limit = f"LIMIT {values.limit}\n" if values.limit is not None else ""
    return f"{head}{''.join(_filled(f'{start}{body}', terms)).rstrip()}\n{limit}"


def _filled(text: str, terms: Mapping[str, str]) -> Iterator[str]:
    kind, ends, depth = "", set[str](), 0  # of the list that a token stands in
    was_left_out = False
    for token in iter_tokens(text):
        depth += (token.text == "(") - (token.text == ")")
        if token.word in _LISTS:
            kind, ends = token.word, _LISTS[token.word]
        elif {token.word, token.text} & ends:
            kind, ends = "", set()
        is_value = token.name in terms
        is_left_out = is_value and kind == "SELECT" and depth == 0
        if not is_left_out and not (was_left_out and token.kind == "space"):
            shown = terms.get(token.name, token.text)
            yield f"({shown})" if is_value and kind and depth == 0 else shown
        was_left_out = is_left_out
