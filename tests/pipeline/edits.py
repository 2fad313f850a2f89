"""Random edits of a folder of CSV files, and whether two homes hold the same."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from jobgraph.store import Generation, Home
from jobgraph.store.generations import FINDINGS, QUARANTINE, REPORT, WORK

Rows = list[list[str]]
_OF_ONE_BUILD = {"created", "generation", "parent", "source"}
_TIMES = {
    "http://purl.org/dc/terms/created",
    "http://purl.org/dc/terms/source",
    "http://www.w3.org/ns/prov#endedAtTime",
}
_BLANK_NODE = re.compile(r"_:\w+")  # a new name in each reading of the shapes
_SPOILED = ("", "no such value", "-1", "99999", "2025-13-01", "{a,b", "{}", "true")


def read_folder(folder: Path) -> dict[str, Rows]:
    """The header and the rows of each CSV file."""
    tables = {}
    for path in sorted(folder.glob("[!e]*.csv")):  # not the lists of what is expected
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
            tables[path.stem] = list(csv.reader(stream))
    return tables


def write_folder(folder: Path, tables: Mapping[str, Rows]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
    return folder


def edited(tables: Mapping[str, Rows], chance: random.Random, *, times: int) -> dict[str, Rows]:
    """The tables after some edits: cells spoiled or taken from elsewhere, rows that come, go, move and are copied."""
    found = {name: [list(row) for row in rows] for name, rows in tables.items()}
    keys = [row[rows[0].index("id")] for rows in found.values() if "id" in rows[0] for row in rows[1:] if len(row) > 1]
    for _ in range(times):
        rows = chance.choice([rows for rows in found.values() if len(rows) > 1])
        chance.choice(_EDITS)(rows, keys, chance)
    return found


def _change_cell(rows: Rows, keys: list[str], chance: random.Random) -> None:
    number, column = chance.randrange(1, len(rows)), chance.randrange(len(rows[0]))
    row = rows[number]
    row += [""] * (len(rows[0]) - len(row))
    others = [other[column] for other in rows[1:] if column < len(other)]
    row[column] = chance.choice([*_SPOILED, chance.choice(keys), *chance.choices(others, k=6)])


def _delete(rows: Rows, _keys: list[str], chance: random.Random) -> None:
    if len(rows) > 2:
        del rows[chance.randrange(1, len(rows))]


def _copy(rows: Rows, _keys: list[str], chance: random.Random) -> None:
    row = list(chance.choice(rows[1:]))
    if "id" in rows[0] and chance.random() < 0.8:
        row[rows[0].index("id")] = f"new {chance.randrange(10)}"
    rows.insert(chance.randrange(1, len(rows) + 1), row)


def _move(rows: Rows, _keys: list[str], chance: random.Random) -> None:
    rows.insert(chance.randrange(1, len(rows)), rows.pop(chance.randrange(1, len(rows))))


def _link(rows: Rows, keys: list[str], chance: random.Random) -> None:
    links = [number for number, name in enumerate(rows[0]) if name.endswith("_id") and name != "tenant_id"]
    row = chance.choice(rows[1:])
    if links and len(row) == len(rows[0]):
        row[chance.choice(links)] = chance.choice(keys)


_EDITS = (_change_cell, _change_cell, _change_cell, _delete, _copy, _move, _link)


def content(home: Path) -> dict[str, Any]:
    """All that a build left in a home but for what tells one build from another."""
    found: dict[str, Any] = {}
    for slug in Home(home).tenants():
        generation = Home(home).tenant(slug).current()
        assert generation is not None
        found[slug] = _generation(generation)
    report = json.loads((home / "build.json").read_text())
    for tenant in report["tenants"]:
        del tenant["generation"]
    found[""] = {"report": report | {"reason": ""}}
    files = [*home.glob("*.parquet"), *home.glob("last_build/*.parquet")]
    prints = home / "last_build" / "prints"
    found["prints"] = prints.read_bytes() if prints.exists() else b""
    return found | {path.name: _rows(path) for path in files}


def _generation(generation: Generation) -> dict[str, Any]:
    with generation.open() as store:
        graphs = {
            str(graph): {
                str(quad.triple)
                for quad in store.quads_for_pattern(None, None, None, graph)
                if quad.predicate.value not in _TIMES
            }
            for graph in store.named_graphs()
        }
    return {
        "graphs": {name: triples for name, triples in graphs.items() if triples},
        "manifest": {name: fact for name, fact in generation.manifest.items() if name not in _OF_ONE_BUILD},
        **{name: _BLANK_NODE.sub("_:b", (generation.path / name).read_text()) for name in (REPORT, WORK)},
        **{name: _rows(generation.path / name) for name in (QUARANTINE, FINDINGS)},
    }


def _rows(path: Path) -> list[Any]:
    with duckdb.connect() as connection:
        return connection.execute("FROM read_parquet(?) ORDER BY ALL", [str(path)]).fetchall()
