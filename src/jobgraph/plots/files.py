"""Plots as pictures: SVG, PNG, and HTML that needs no other file and no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import altair as alt
import vl_convert

from jobgraph.errors import UsageError
from jobgraph.store.durable import storage_errors

Chart: TypeAlias = alt.LayerChart | alt.HConcatChart

_SCALE = 2  # pixels of a PNG for one px of the plot


@dataclass(frozen=True)
class Plot:
    """A chart of altair that shows itself as a picture, so that a notebook with it needs no network."""

    chart: Chart

    def to_svg(self) -> str:
        """The picture as SVG."""
        return vl_convert.vegalite_to_svg(self.chart.to_dict())

    def to_png(self) -> bytes:
        """The picture as PNG, sharp on a slide."""
        return vl_convert.vegalite_to_png(self.chart.to_dict(), scale=_SCALE)

    def to_html(self) -> str:
        """One HTML page with all scripts in it."""
        return vl_convert.vegalite_to_html(self.chart.to_dict(), bundle=True)

    def save(self, path: Path | str) -> None:
        """Write the picture in the format that the name of the file ends with: .html, .png or .svg.

        Raises
        ------
        UsageError : it ends otherwise.
        StorageError : the file cannot be written.
        """
        target = Path(path)
        content = plot_format(target)(self)
        with storage_errors(target):
            target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

    def _repr_svg_(self) -> str:
        return self.to_svg()


FORMATS: Mapping[str, Callable[[Plot], bytes | str]] = {
    ".html": Plot.to_html,
    ".png": Plot.to_png,
    ".svg": Plot.to_svg,
}


def plot_format(path: Path) -> Callable[[Plot], bytes | str]:
    """What makes the format that the name of a file ends with.

    Raises
    ------
    UsageError : it ends otherwise.
    """
    if path.suffix.lower() not in FORMATS:
        raise UsageError(f"{path} names no format of a plot; end it with one of {', '.join(FORMATS)}.")
    return FORMATS[path.suffix.lower()]
