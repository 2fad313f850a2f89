"""What Spark forks its Python workers from: our functions are imported once, and not by each worker anew."""

from __future__ import annotations

from pyspark import daemon

import jobgraph.spark.build  # noqa: F401 to have it in each worker

if __name__ == "__main__":
    daemon.manager()
