"""All rules over a tenant's store, beside the bulk load of the data that they look at."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.benchmarks.runs import count_lines, run

from jobgraph.sample import SampleSize, write_sample
from jobgraph.vocabulary import Vocabulary

pytestmark = pytest.mark.benchmark

# In one process, so that neither the start of Python nor that of the modules counts for either.
LOAD_AND_INFER = """
import json, sys, time
from pathlib import Path
from pyoxigraph import NamedNode, Store
from jobgraph.inference import infer
from jobgraph.store import GraphNames, bulk_load
from jobgraph.vocabulary import Vocabulary

folder, base, slug, *files = sys.argv[1:]
names, vocabulary = GraphNames(base, slug), Vocabulary()
bulk_load(Path(folder), [(path, names.ontology) for path in vocabulary.ontology_files()])
start = time.perf_counter()
bulk_load(Path(folder), [(Path(file), None) for file in files], lenient=True)
load_s = time.perf_counter() - start
store = Store(folder)
reads = [NamedNode(name) for name in (names.asserted, names.shared, names.ontology)]
start = time.perf_counter()
counts = infer(store, rules=vocabulary.rule_files(), reads=reads, writes=NamedNode(names.inferred))
again_start = time.perf_counter()
again = infer(store, rules=vocabulary.rule_files(), reads=reads, writes=NamedNode(names.inferred))
end = time.perf_counter()
assert again == counts and all(counts.values())
times = {"load_s": load_s, "infer_s": again_start - start, "again_s": end - again_start}
Path(folder, "times.json").write_text(json.dumps({**times, "inferred": sum(counts.values())}))
"""


@pytest.mark.parametrize("jobs", [900, 9000])
def test_rules_beside_the_load(jobs: int, tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "quads"
    write_sample(source, SampleSize(jobs=jobs, tenants=1), vocabulary=Vocabulary())
    run([sys.executable, "-m", "jobgraph", "mapping", source, "--out", out, "--quiet"])
    files = sorted(out.glob("*.nq"))
    (slug,) = (file.stem for file in files if not file.stem.startswith("_"))
    found = []
    for number in range(3 if jobs < 1000 else 1):
        folder = tmp_path / f"store{number}"
        whole = run([sys.executable, "-c", LOAD_AND_INFER, folder, "https://jobgraph.example/id/", slug, *files])
        times = json.loads((folder / "times.json").read_text())
        found.append((times["infer_s"] / times["load_s"], times, whole))
    ratio, times, whole = min(found, key=lambda entry: entry[0])
    print(f"\n{count_lines(files):,} triples, {times['inferred']:,} inferred, whole process {whole}")
    print(f"  load {times['load_s']:.2f} s, rules {times['infer_s']:.2f} s, again {times['again_s']:.2f} s")
    print(f"  {ratio:.2f} times the load")
    assert ratio <= 0.5
