"""The findings of the contract as a standard SHACL validation report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from jobgraph.contract import Admitted
from jobgraph.mapping.iris import entity_iri
from jobgraph.vocabulary import SH, Column, Vocabulary

_PREFIXES = f"@prefix sh: <{SH}> .\n\n"
_BATCH = 10_000


def write_report(admitted: Admitted, vocabulary: Vocabulary, path: Path, *, tenant: str, base: str) -> int:
    """Write the validation report of a tenant (its key) as Turtle; give the number of results.

    The rows that all tenants share are in its store, and so their results are in its report.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as report:
        report.write(_PREFIXES)
        results = _results(admitted, vocabulary, tenant, base)
        first = next(results, None)
        if first is None:
            report.write("[] a sh:ValidationReport ;\n    sh:conforms true ;\n    .\n")
            return 0
        report.write(f"[] a sh:ValidationReport ;\n    sh:conforms false ;\n    sh:result\n{first}")
        for count, result in enumerate(results, start=1):  # noqa: B007 the last number is the answer
            report.write(f" ,\n{result}")
        report.write(" ;\n    .\n")
    return count + 1


def _results(admitted: Admitted, vocabulary: Vocabulary, tenant: str, base: str) -> Iterator[str]:
    query = """SELECT table_name, key, column_name, path, value, component, message FROM findings
               WHERE tenant IN (?, '') ORDER BY ALL"""
    cursor = admitted.connection.cursor().execute(query, [tenant])
    while rows := cursor.fetchmany(_BATCH):
        for table_name, key, column_name, path, value, component, message in rows:
            source = vocabulary.tables[table_name]
            column = next(c for c in source.columns if (c.name, c.path) == (column_name, path))
            focus = entity_iri(base, vocabulary, source.class_iri, key)
            yield _result(f"<{focus}>", column, value, component, message)


def _result(focus: str, column: Column, value: str | None, component: str, message: str) -> str:
    path = f"[ sh:inversePath <{column.path}> ]" if column.inverse else f"<{column.path}>"
    shown = [] if value is None else [f"sh:value {_literal(column, value)} ;"]
    lines = [
        "[ a sh:ValidationResult ;",
        f"  sh:focusNode {focus} ;",
        f"  sh:resultMessage {json.dumps(message, ensure_ascii=False)}@en ;",
        f"  sh:resultPath {path} ;",
        "  sh:resultSeverity sh:Violation ;",
        f"  sh:sourceConstraintComponent <{component}> ;",
        *(f"  {line}" for line in shown),
        "]",
    ]
    return "\n".join(f"        {line}" for line in lines)


def _literal(column: Column, value: str) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"{text}^^<{column.datatype}>" if column.datatype else text
