from __future__ import annotations

from jobgraph.exports.package_data import compression_of


def test_packing_follows_from_the_name() -> None:
    names = {"data/graph.nq": "none", "data/graph.nq.gz": "gzip", "data/graph.nq.zst": "zstd"}
    assert {name: compression_of(name) for name in names} == names
