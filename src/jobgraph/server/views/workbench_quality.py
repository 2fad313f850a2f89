"""What is wrong with the data of a tenant, whose work it is, and what became of the rows of the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jobgraph.exports.markup import Markup, tag
from jobgraph.server.html.workbench import workbench_page
from jobgraph.server.views.pages import frame
from jobgraph.server.views.quality_coverage import columns_of, coverage_section
from jobgraph.server.views.quality_figures import read_figures, tiles
from jobgraph.server.views.quality_quarantine import quarantine_section
from jobgraph.server.views.quality_work import Chosen, work_section
from jobgraph.server.views.tenant import Tenant

_PARTS = (("work", "Work list"), ("quarantine", "Quarantine"), ("coverage", "Coverage of the source"))


def quality_page(tenant: Tenant, arguments: Mapping[str, str], _media_type: str) -> Iterable[bytes]:
    """The work list by severity, shape or owner, the quarantine, and the coverage of the source.

    Raises
    ------
    AnswerError : there is no table of the name that is asked for.
    """
    around = frame(tenant, arguments)
    if table := arguments.get("table", ""):
        return [workbench_page(f"Columns of {table}", columns_of(tenant, table), frame=around, here="/quality")]
    content = (
        tag("h1", "Quality"),
        tag("p", "What does not conform to the shapes, and what could not be stated.", class_="lead"),
        tiles(read_figures(tenant)),
        _ways(),
        work_section(tenant, Chosen.of(arguments)),
        quarantine_section(tenant),
        coverage_section(tenant),
    )
    return [workbench_page("Quality", *content, frame=around, here="/quality")]


def _ways() -> Markup:
    items = [tag("li", tag("a", title, href=f"#{anchor}")) for anchor, title in _PARTS]
    return tag("nav", tag("ul", items, class_="row"), aria_label="On this page")
