"""What is wrong, as a page."""

from __future__ import annotations

from jobgraph.exports.markup import said, tag
from jobgraph.server.html.layout import Frame, page
from jobgraph.server.pages.headers import HTML_TYPE
from jobgraph.server.problems import ProblemError


def problem_page(problem: ProblemError, root: str = "") -> ProblemError:
    """The same problem, said to people; `root` is the path of the server on its host."""
    body = page(
        "That did not work",
        tag("h1", f"{problem.status}: that did not work"),
        tag("p", said(problem.detail), class_="lead"),
        tag("p", tag("a", "Go to the overview", href="/")),
        frame=Frame(root=root),
    )
    headers = {name: value for name, value in problem.headers.items() if name != "content-type"}
    return ProblemError(problem.status, problem.detail, headers=headers, content=(HTML_TYPE, body))
