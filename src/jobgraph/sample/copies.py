"""The copies that a sample is made of: which tenant each belongs to, which rows it has, and what tells it apart."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from jobgraph.errors import UsageError
from jobgraph.sample.pattern import Level, Pattern, Row

_REGIONS = (
    "DACH", "Iberia", "Nordics", "Benelux", "France", "Italy", "UK and Ireland", "Baltics", "Balkans", "Canada",
    "Mexico", "Brazil", "Andes", "Japan", "Korea", "ASEAN", "India", "Australia", "Gulf", "Southern Africa",
)  # fmt: skip
_INDICATIONS = (
    "asthma", "psoriasis", "lupus", "migraine", "epilepsy", "heart failure", "hypertension", "stroke", "obesity",
    "diabetes", "gout", "osteoporosis", "melanoma", "lymphoma", "myeloma", "breast cancer", "lung cancer", "hepatitis",
    "HIV", "influenza", "sepsis", "cystic fibrosis", "haemophilia", "glaucoma",
)  # fmt: skip


@dataclass(frozen=True)
class SampleSize:
    """How much data: `jobs` jobs in all, dealt to `tenants` tenants.

    `defect_rate` is the probability that a row gets one defect; the shared rows and the first row of a table in each
    copy stay sound. Equal sizes and seeds give equal files.

    Raises
    ------
    UsageError : a number is out of its range.
    """

    jobs: int
    tenants: int
    defect_rate: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.jobs < 1 or self.tenants < 1:
            raise UsageError(f"{self.jobs} jobs for {self.tenants} tenants cannot be made; ask for one or more.")
        if not 0 <= self.defect_rate <= 1:
            raise UsageError(f"A defect rate of {self.defect_rate} is no probability; give one from 0 to 1.")


@dataclass(frozen=True)
class Part:
    """Rows that a copy may have: those of the sample tenant `origin`, `level` or higher, with its first `jobs` jobs."""

    origin: int
    level: Level
    jobs: int

    def rows(self, pattern: Pattern) -> list[Row]:
        """The rows, in the order of the sample; what needs a job that is left out is left out with it."""
        own = [row for row, origin in pattern.origins.items() if origin == self.origin]
        jobs = [row for row in pattern.rows[pattern.job_table] if pattern.origins.get(row) == self.origin]
        gone = _with_dependents(pattern, jobs[self.jobs :])
        return [row for row in own if pattern.levels[row] >= self.level and row not in gone]


@dataclass(frozen=True)
class Copy:
    """Copy `number` of the sample's rows; `number % tenants` is the tenant that it belongs to."""

    number: int
    part: Part
    seed: int
    tenants: int

    @property
    def tenant(self) -> int:
        """The number of the tenant, which is also that of its first copy."""
        return self.number % self.tenants

    @property
    def label(self) -> str:
        """What the names of this copy end with, for example ` (asthma, Nordics)`; no two copies have the same."""
        region, indication = len(_REGIONS), len(_INDICATIONS)
        turn, place = divmod(self.number, region * indication)
        # 47 has no divisor in common with the 480 pairs, so the pairs of one turn are all different.
        first, second = divmod((place * 47 + self.seed) % (region * indication), region)
        return f" ({_INDICATIONS[first]}, {_REGIONS[second]}{f' {turn + 1}' if turn else ''})"


def key_suffix(number: int, seed: int) -> str:
    """The last 12 digits of all keys of a copy; the odd factor makes them differ between copies."""
    return f"{(number * 0x9E3779B97F4B + seed * 0x5851F42D4C95 + 0x14057B7EF767) % (1 << 48):012x}"


def plan_copies(pattern: Pattern, size: SampleSize) -> Iterator[Copy]:
    """The copies, in turn one for each tenant; those of the last turn share the jobs that are left.

    A tenant's copies are all of one sample tenant, so that each links to the one before in the same shape.
    """
    jobs = [0] * pattern.tenants
    for row in pattern.rows[pattern.job_table]:
        jobs[pattern.origins[row]] += 1
    full = [jobs[tenant % pattern.tenants] for tenant in range(size.tenants)]
    turns, left = divmod(size.jobs, sum(full))
    shares = [total * left // sum(full) for total in accumulate(full, initial=0)]
    last = [after - before for before, after in pairwise(shares)]
    for turn in range(turns + 1):
        for tenant, kept in enumerate(last if turn == turns else full):
            number = turn * size.tenants + tenant
            if kept or turn == 0:
                yield Copy(number, _part(pattern, size, number, kept), size.seed, size.tenants)


def _part(pattern: Pattern, size: SampleSize, number: int, jobs: int) -> Part:
    is_of_sample, is_first = number < min(pattern.tenants, size.tenants), number < size.tenants
    level = Level.ONCE if is_of_sample else Level.TENANT if is_first else Level.COPY
    return Part(number % size.tenants % pattern.tenants, level, jobs)


def _with_dependents(pattern: Pattern, rows: Iterable[Row]) -> set[Row]:
    """The rows and all that cannot stand without them."""
    gone = set(rows)
    keys = {row.key for row in gone}
    queue = deque(gone)
    while queue:
        for row in pattern.linking.get(queue.popleft().key, ()):
            if row not in gone and _needs(row, keys):
                gone.add(row)
                keys.add(row.key)
                queue.append(row)
    return gone


def _needs(row: Row, gone: set[str]) -> bool:
    """True for a row that links to one of the keys where it must, or that would lose its last link to a tenant."""
    required = {link.name for link in row.table.links if link.required or not row.table.class_iri}
    if any(row.links.get(name) in gone for name in required):
        return True
    parents = {row.links[name] for name in row.table.tenant_columns if name in row.links}
    return bool(parents) and parents <= gone and row.table.tenancy == "Inherited"
