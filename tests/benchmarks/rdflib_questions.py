"""The questions asked of rdflib: a Dataset in memory, one query after the other, each given up after some seconds."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import cast

from rdflib import Dataset
from rdflib.term import Identifier
from rdflib.util import from_n3


def main() -> None:
    """Print, for each query of a JSON file, its rows and seconds; no rows where it took more than the seconds given."""
    quads, queries, seconds = Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3])
    dataset = Dataset(default_union=True)
    dataset.parse(quads, format="nquads")
    signal.signal(signal.SIGALRM, _give_up)
    answers = []
    for query in queries:
        bound = {name: cast("Identifier", from_n3(term)) for name, term in query["terms"].items()}
        start = time.perf_counter()
        signal.alarm(seconds)
        try:
            rows = len(list(dataset.query(query["text"], initBindings=bound)))
        except TimeoutError:
            rows = None
        signal.alarm(0)
        answers.append({"rows": rows, "seconds": time.perf_counter() - start})
    print(json.dumps(answers))


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    main()
