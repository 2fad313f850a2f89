"""Pages for people, and every IRI of the graph as linked data.

The server calls `answer_openly` before it asks for a token, and `answer` before it looks at any protocol of its own.
"""

from jobgraph.server.pages.routes import answer
from jobgraph.server.pages.sign_in import answer_openly

__all__ = ["answer", "answer_openly"]
