"""The tables of docs/scale.md, made from data/scale.json: figures by size, how they grow, and what would follow.

A figure y at x triples grows as y = a * x^b; b is the slope of the least squares line through the logarithms. What is
said of a larger size begins at the largest that was measured and grows from there by the steeper of b, the slope of
the last step, and 1; for memory, which most stages bound, without the 1.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jobgraph.resources import resource_path

ROOT = Path(__file__).resolve().parents[2]
FIGURES = resource_path("data") / "scale.json"
GUIDE = ROOT / "docs" / "scale.md"
LARGE = 100e6  # triples of the tenant that was never measured
PLATFORM = 100_000  # tenants of the platform that was never measured
_PLACE = r"(<!-- table: {} -->\n).*?(<!-- end -->)"
STAGES = (
    "read",
    "check",
    "map",
    "ontology",
    "load",
    "infer",
    "validate",
    "publish",
    "build",
    "mapping",
    "build with a record",
    "build of changes",
    "dump as nquads",
    "dump as turtle",
    "backup",
    "restore",
    "server start",
    "first lookup",
    "lookup",
    "questions",
    "first page",
)
Sizes = Sequence[Mapping[str, Any]]
Rows = Iterator[Sequence[str]]


def write_tables() -> None:
    """Write the tables into the guide."""
    GUIDE.write_text(with_tables(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


def with_tables(text: str) -> str:
    """The guide with the tables that the figures say."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    for name, rows in TABLES.items():
        if name in figures or name != "platform":
            table = "".join(f"| {' | '.join(row)} |\n" for row in rows(figures))
            text = re.sub(_PLACE.format(name), rf"\g<1>{table}\g<2>", text, flags=re.DOTALL)
    return text


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The slope of the least squares line through the logarithms.

    >>> round(exponent([1, 10, 100], [3, 30, 300]), 6)
    1.0
    """
    xs, ys = [math.log(x) for x in sizes], [math.log(y) for y in values]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)


def extrapolated(sizes: Sequence[float], values: Sequence[float], size: float, *, least: float) -> float:
    """What would be at another size, by the steepest of the slopes that the module names, and no less than `least`."""
    slope = max(least, exponent(sizes, values), exponent(sizes[-2:], values[-2:]))
    return values[-1] * float((size / sizes[-1]) ** slope)


def series(sizes: Sizes, stage: str, figure: str) -> tuple[list[float], list[float]]:
    """The triples and a figure of a stage at each size that has it."""
    pairs = [
        (float(size["triples"]), float(found[figure]))
        for size in sizes
        for found in size["figures"]
        if found["stage"] == stage and found[figure]
    ]
    return [x for x, _ in pairs], [y for _, y in pairs]


def stages(sizes: Sizes) -> list[str]:
    """The stages that were measured at some size."""
    known = {found["stage"] for size in sizes for found in size["figures"]}
    return [stage for stage in STAGES if stage in known]


def _size_rows(figures: Mapping[str, Any]) -> Rows:
    sizes: Sizes = figures["sizes"]
    yield "", *(millions(size["triples"]) for size in sizes)
    yield _rule(len(sizes))
    yield "triples in the store", *(f"{size['triples']:,}" for size in sizes)
    yield "rows of the source", *(f"{size['rows']:,}" for size in sizes)
    yield "source (CSV), MB", *(f"{size['source_mb']:,.0f}" for size in sizes)
    yield "store, MB", *(f"{size['store_mb']:,.0f}" for size in sizes)
    yield "store, bytes a triple", *(f"{1e6 * size['store_mb'] / size['triples']:.0f}" for size in sizes)
    yield "rows changed for the build of changes", *(_number(size.get("changed_rows"), 0) for size in sizes)
    yield "a worker of the server after all questions, MB", *(_number(size.get("worker_mb"), 0) for size in sizes)
    yield "taken on", *(str(size["date"]) for size in sizes)


def _time_rows(figures: Mapping[str, Any]) -> Rows:
    sizes: Sizes = figures["sizes"]
    yield "seconds: wall (processor)", *(millions(size["triples"]) for size in sizes), "exponent", "last step"
    yield _rule(len(sizes) + 2)
    for stage in stages(sizes):
        yield stage, *(_times(size, stage) for size in sizes), *_slopes(sizes, stage, "cpu_s")


def _memory_rows(figures: Mapping[str, Any]) -> Rows:
    sizes: Sizes = figures["sizes"]
    yield "peak memory, MB", *(millions(size["triples"]) for size in sizes), "exponent", "last step"
    yield _rule(len(sizes) + 2)
    for stage in stages(sizes):
        yield stage, *(_shown(size, stage, "peak_mb") for size in sizes), *_slopes(sizes, stage, "peak_mb")


def _disk_rows(figures: Mapping[str, Any]) -> Rows:
    sizes: Sizes = figures["sizes"]
    yield "what is there after it, MB", *(millions(size["triples"]) for size in sizes), "exponent", "last step"
    yield _rule(len(sizes) + 2)
    for stage in stages(sizes):
        if series(sizes, stage, "disk_mb")[0]:
            yield stage, *(_shown(size, stage, "disk_mb") for size in sizes), *_slopes(sizes, stage, "disk_mb")


def _large_rows(figures: Mapping[str, Any]) -> Rows:
    sizes: Sizes = figures["sizes"]
    yield "not measured", "processor, hours", "peak memory, GB", "disk, GB"
    yield _rule(3)
    for stage in stages(sizes):
        hours, memory, disk = (_at_large(sizes, stage, name) for name in ("cpu_s", "peak_mb", "disk_mb"))
        yield (
            stage,
            _number(hours and hours / 3600, 2),
            _number(memory and memory / 1e3, 1),
            _number(disk and disk / 1e3, 0),
        )


def _platform_rows(figures: Mapping[str, Any]) -> Rows:
    found = figures["platform"]
    count, by_stage = found["tenants"], {each["stage"]: each for each in found["figures"]}
    factor = PLATFORM / count
    yield "", f"{count:,} tenants, measured", "one tenant", f"{PLATFORM:,} tenants, in proportion"
    yield _rule(3)
    measured = (
        ("triples", found["triples"], 1, ""),
        ("home, disk", by_stage["build"]["disk_mb"], 1e-3, " GB"),
        ("home, files", found["files"], 1, ""),
        ("full build, processor", by_stage["build"]["cpu_s"], 1 / 3600, " h"),
        ("full build, wall", by_stage["build"]["wall_s"], 1 / 3600, " h"),
        ("backup, processor", by_stage["backup"]["cpu_s"], 1 / 3600, " h"),
        ("backup, disk", by_stage["backup"]["disk_mb"], 1e-3, " GB"),
    )
    for name, value, scale, unit in measured:
        is_time = unit == " h"
        own = " s" if is_time else " MB" if unit else ""
        digits = 2 if unit else 0
        yield name, f"{value:,.0f}{own}", f"{value / count:,.{digits}f}{own}", f"{value * factor * scale:,.0f}{unit}"


TABLES: Mapping[str, Callable[[Mapping[str, Any]], Rows]] = {
    "sizes": _size_rows,
    "times": _time_rows,
    "memory": _memory_rows,
    "disk": _disk_rows,
    "large": _large_rows,
    "platform": _platform_rows,
}


def millions(triples: float) -> str:
    """A size for the head of a table.

    >>> millions(1_190_000)
    '1.19 million'
    """
    return f"{triples / 1e6:.3g} million"


def _rule(columns: int) -> Sequence[str]:
    return "---", *["---:"] * columns


def _found(size: Mapping[str, Any], stage: str) -> Mapping[str, Any]:
    return next((found for found in size["figures"] if found["stage"] == stage), {})


def _times(size: Mapping[str, Any], stage: str) -> str:
    found = _found(size, stage)
    return f"{found['wall_s']:,.2f} ({found['cpu_s']:,.2f})" if found else ""


def _shown(size: Mapping[str, Any], stage: str, figure: str) -> str:
    return _number(_found(size, stage).get(figure), 0)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _slopes(sizes: Sizes, stage: str, figure: str) -> tuple[str, str]:
    xs, ys = series(sizes, stage, figure)
    return ("", "") if len(xs) < 2 else (f"{exponent(xs, ys):.2f}", f"{exponent(xs[-2:], ys[-2:]):.2f}")


def _at_large(sizes: Sizes, stage: str, figure: str) -> float | None:
    xs, ys = series(sizes, stage, figure)
    least = 0.0 if figure == "peak_mb" else 1.0
    return extrapolated(xs, ys, LARGE, least=least) if len(xs) > 1 else None
