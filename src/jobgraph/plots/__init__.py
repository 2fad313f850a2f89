"""Plots: charts of what the analyses find, ready for a slide.

draw_plot("landscape", Subject(source)).save("landscape.svg")
"""

from jobgraph.plots.catalog import PLOTS, PlotKind, Subject, draw_plot, find_plot
from jobgraph.plots.coverage import plot_coverage
from jobgraph.plots.dependencies import plot_dependencies
from jobgraph.plots.files import FORMATS, Chart, Plot, plot_format
from jobgraph.plots.gaps import plot_gaps
from jobgraph.plots.inheritance import plot_inheritance
from jobgraph.plots.landscape import plot_landscape
from jobgraph.plots.ranking import plot_ranking

__all__ = [
    "FORMATS",
    "PLOTS",
    "Chart",
    "Plot",
    "PlotKind",
    "Subject",
    "draw_plot",
    "find_plot",
    "plot_coverage",
    "plot_dependencies",
    "plot_format",
    "plot_gaps",
    "plot_inheritance",
    "plot_landscape",
    "plot_ranking",
]
