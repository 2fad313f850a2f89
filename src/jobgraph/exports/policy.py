"""ODRL policies as profiles have them.

Source: https://www.w3.org/TR/odrl-model/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from jobgraph.errors import InputError
from jobgraph.exports.profile import Policy
from jobgraph.vocabulary import RDFS
from jobgraph.vocabulary.graph import Graph

ODRL = "http://www.w3.org/ns/odrl/2/"
_SIGNS = {"eq": "is", "neq": "is not", "lt": "before", "lteq": "at most", "gt": "after", "gteq": "at least"}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Limit:
    """A constraint of a permission: what is limited, how, and by what."""

    operand: str
    operator: str
    value: NamedNode | Literal


def read_policy(graph: Graph, node: object, path: Path) -> Policy:
    """The policy that a node of a profile describes.

    Raises
    ------
    InputError : a date is none, its operator says nothing of a time, or it ends before it begins.
    """
    reader = _Reader(graph, path)
    rules = [node, *graph.all(node, ODRL + "permission")]
    limits = [limit for rule in rules for limit in reader.limits(rule)]
    dated = [limit for limit in limits if limit.operand == "dateTime"]
    first = [day for limit in dated if (day := reader.first_day(limit))]
    last = [day for limit in dated if (day := reader.last_day(limit))]
    assigner, assignee = (reader.party(rules, side) for side in ("assigner", "assignee"))
    policy = Policy(
        iri=getattr(node, "value", ""),
        assigner=assigner,
        assignee=assignee,
        purpose=", ".join(reader.name(limit.value) for limit in limits if limit.operand == "purpose"),
        valid_from=max(first, default=None),
        valid_until=min(last, default=None),
        prohibitions=reader.actions([node], "prohibition"),
        duties=reader.actions(rules, "duty") + reader.actions([node], "obligation"),
        actions=tuple(sorted(reader.name(action) for rule in rules for action in graph.all(rule, ODRL + "action"))),
        constraints=tuple(sorted(reader.words(limit) for limit in limits if limit.operand not in _KNOWN)),
        assigner_name=reader.name(NamedNode(assigner)) if assigner else "",
        assignee_name=reader.name(NamedNode(assignee)) if assignee else "",
    )
    if policy.valid_from and policy.valid_until and policy.valid_from > policy.valid_until:
        raise InputError(f"{path}: the policy ends on {policy.valid_until} before it begins; correct its dates.")
    return policy


_KNOWN = {"dateTime", "purpose"}


@dataclass(frozen=True)
class _Reader:
    """Reads the parts of a policy."""

    graph: Graph
    path: Path

    def limits(self, rule: object) -> Iterator[_Limit]:
        for node in self.graph.all(rule, ODRL + "constraint"):
            values = self.graph.all(node, ODRL + "rightOperand")
            operand = self._local(node, "leftOperand")
            if len(values) != 1 or not isinstance(values[0], NamedNode | Literal) or not operand:
                raise InputError(
                    f"{self.path}: a constraint of the policy is not whole; give it one left operand and one value."
                )
            yield _Limit(operand, self._local(node, "operator") or "eq", values[0])

    def first_day(self, limit: _Limit) -> date | None:
        return self._day(limit, {"gteq": lambda day: day, "gt": lambda day: day + _DAY, "eq": lambda day: day})

    def last_day(self, limit: _Limit) -> date | None:
        return self._day(limit, {"lteq": lambda day: day, "lt": lambda day: day - _DAY, "eq": lambda day: day})

    def _day(self, limit: _Limit, known: dict[str, Callable[[date], date]]) -> date | None:
        if limit.operator not in {"eq", "gt", "gteq", "lt", "lteq"}:
            raise InputError(f"{self.path}: the operator {limit.operator} bounds no time; use lteq or gteq.")
        try:
            day = datetime.fromisoformat(limit.value.value).date()
        except ValueError:
            raise InputError(f"{self.path}: {limit.value.value!r} is no date; write it as 2027-12-31.") from None
        return known[limit.operator](day) if limit.operator in known else None

    def party(self, rules: list[object], side: str) -> str:
        found = dict.fromkeys(term.value for rule in rules for term in self.graph.all(rule, ODRL + side))
        if len(found) > 1:
            raise InputError(f"{self.path}: the policy has {len(found)} values for {side}; leave one.")
        return next(iter(found), "")

    def actions(self, rules: list[object], kind: str) -> tuple[str, ...]:
        """What the rules of one kind speak of, in words."""
        nodes = [node for rule in rules for node in self.graph.all(rule, ODRL + kind)]
        named = [(node, action) for node in nodes for action in self.graph.all(node, ODRL + "action")]
        limits = {node: "; ".join(self.words(limit) for limit in self.limits(node)) for node in nodes}
        return tuple(sorted(" ".join(filter(None, (self.name(a), limits[node]))) for node, a in named))

    def words(self, limit: _Limit) -> str:
        return f"{limit.operand} {_SIGNS.get(limit.operator, limit.operator)} {self.name(limit.value)}"

    def name(self, term: object) -> str:
        if isinstance(term, Literal):
            return term.value
        value = getattr(term, "value", "")
        return self.graph.text(term, RDFS + "label") or (value.removeprefix(ODRL) if value.startswith(ODRL) else value)

    def _local(self, node: object, property_: str) -> str:
        return self.graph.text(node, ODRL + property_).removeprefix(ODRL)
