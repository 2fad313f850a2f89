"""The SQL that makes the rows of one table out of its template, the copies and random numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jobgraph.contract.sql import name, text
from jobgraph.sample.copies import SampleSize
from jobgraph.sample.defects import KINDS, Slot, read_slots
from jobgraph.sample.marks import COPY_KEY, EARLIER_KEY, MARKS, TENANT, TENANT_KEY, key_prefix
from jobgraph.sample.templates import ALL_DEFECTS, NO_DEFECTS, SHARED, Templates
from jobgraph.vocabulary import JG, XSD, Table

_EARLIER_SHARE = 12  # one in so many job dependencies leads to the tenant's copy before, besides the first of a copy
_HALF = 1 << 32  # of the 64 random bits of a row, one half chooses other rows, the other half chooses a defect
_MANY = 1_000_003  # a prime, far above the numbers that a half is cut down to
_NUMBERS = {XSD + "integer", XSD + "decimal", XSD + "boolean"}

# The classes whose numbers, booleans and codes are judgements of a row alone. A row takes all of them from another
# row of the same tenant, so that formulas inside a row hold. Elsewhere they tie in with texts, times or other rows.
_JUDGED = {
    JG + "AgentSkill",
    JG + "Capability",
    JG + "CapabilityMapping",
    JG + "ConsultationFeedback",
    JG + "FunctionIndustryRelevance",
    JG + "GenAiOpportunity",
    JG + "InternalStakeholder",
    JG + "JobDependency",
    JG + "Outcome",
    JG + "StakeholderInfluence",
    JG + "WeekdayPattern",
}


class TableQueries:
    """The queries for one table; `slots` say which column each kind of defect befalls, none without a defect rate.

    In all of them `t` is the row's template, `o` the one that it takes its judgements from, and `d` the copy that it
    is of, with its place in the template (`position_`, from `first_` on, `count_` in all) and random numbers.
    """

    def __init__(self, templates: Templates, size: SampleSize, table: Table) -> None:
        self._templates, self._size, self._table = templates, size, table
        self._judged = _judged_columns(table)
        self.slots = self._read_slots() if size.defect_rate else {}

    def rows(self) -> str:
        """The rows as they are written."""
        columns = self._templates.pattern.headers[self._table.name]
        return self._select(", ".join(f"{self._cell(column)} AS {name(column)}" for column in columns))

    def _select(self, cells: str) -> str:
        """The SELECT of some cells of every row, in the order of the rows."""
        template = name(self._table.name)
        donor = f"CASE WHEN d.number_ = {SHARED} THEN d.position_ ELSE d.first_ + d.draw_ % d.count_ END"
        donors = f"JOIN {template} o ON o.position_ = {donor}" if self._judged else ""
        return f"SELECT {cells} FROM ({self._drawn()}) d JOIN {template} t ON t.position_ = d.position_ {donors}"

    def seeded(self) -> str:
        """The spoiled rows: table, number of the row, key as it is written, column, value, and kind of defect."""
        columns = " ".join(f"WHEN {text(kind)} THEN {text(slot.column)}" for kind, slot in self.slots.items())
        values = " ".join(f"WHEN {text(kind)} THEN {self._cell(slot.column)}" for kind, slot in self.slots.items())
        cells = f"""row_number() OVER () AS row_, {self._cell(self._table.key)} AS key_, d.defect_,
                    CASE d.defect_ {columns} END AS column_, CASE d.defect_ {values} END AS value_"""
        return f"""SELECT {text(self._table.name)}, row_, key_, column_, value_, defect_
                   FROM ({self._select(cells)}) WHERE defect_ IS NOT NULL ORDER BY row_"""

    def _drawn(self) -> str:
        label = text(f"{self._size.seed} {self._table.name}")
        drawn = f"""
            SELECT *, md5_number_lower(concat_ws(' ', {label}, number_, position_)) AS random_,
                   (random_ % {_HALF})::BIGINT AS draw_, (random_ // {_HALF})::BIGINT AS spoil_
            FROM (SELECT c.*, p.first_, p.count_, unnest(range(p.first_, p.first_ + p.count_)) AS position_
                  FROM (FROM copies_ ORDER BY number_) c
                  JOIN parts_ p ON p.part_ = c.part_ AND p.table_ = {text(self._table.name)})"""
        if not self.slots:
            return drawn
        is_spoiled = f"t.defects_ > {NO_DEFECTS} AND spoil_ % {_MANY} < {self._size.defect_rate * _MANY}"
        return f"""
            SELECT r.*, CASE WHEN {is_spoiled} THEN {_kind_sql(self.slots)} END AS defect_
            FROM ({drawn}) r JOIN {name(self._table.name)} t ON t.position_ = r.position_"""

    def _cell(self, column: str) -> str:
        sql = f"{'o' if column in self._judged else 't'}.{name(column)}"
        texts = set(self._templates.texts(self._table.name, column))
        if texts and texts <= {TENANT, ""}:
            sql = f"CASE WHEN {sql} IS NOT NULL THEN d.{MARKS[TENANT]} END"
        else:
            for mark in (mark for mark in MARKS if any(mark in text_ for text_ in texts)):
                sql = f"replace({sql}, {_mark(mark)}, {_filled(mark)})"
        here = {kind: slot for kind, slot in self.slots.items() if slot.column == column}
        spoiled = "".join(f" WHEN {text(kind)} THEN {slot.sql}" for kind, slot in here.items())
        return f"CASE d.defect_{spoiled} ELSE {sql} END" if spoiled else sql

    def _read_slots(self) -> dict[str, Slot]:
        first_key = f"replace(t.first_key_, {_mark(COPY_KEY)}, {_filled(COPY_KEY)})"
        first_key = f"replace({first_key}, {_mark(TENANT_KEY)}, {_filled(TENANT_KEY)})"
        return read_slots(self._table, dict(self._foreign_keys()), first_key=first_key, seed=self._size.seed)

    def _foreign_keys(self) -> Iterator[tuple[str, str]]:
        """The SQL of a key of another tenant's row, by link column."""
        pattern = self._templates.pattern
        if self._size.tenants == 1:
            return
        for link in self._table.links:
            target = pattern.vocabulary.table_of_class[link.target]
            origins = range(min(self._size.tenants, pattern.tenants))
            keys = [self._templates.first_key(target.name, origin) for origin in origins]
            if target.tenancy != "Itself" and all(keys):
                prefixes = [key_prefix(key, self._size.seed) for key in keys]
                cases = " ".join(f"WHEN {n} THEN {text(prefix)}" for n, prefix in enumerate(prefixes))
                yield link.name, f"CASE d.foreign_origin_ {cases} END || d.foreign_suffix_"


def _mark(mark: str) -> str:
    return f"chr({ord(mark)})"


def _filled(mark: str) -> str:
    """The SQL of what a copy puts in place of a mark."""
    if mark != EARLIER_KEY:
        return f"d.{MARKS[mark]}"
    is_chosen = f"(d.position_ = d.first_ OR d.draw_ // {_MANY} % {_EARLIER_SHARE} = 0)"
    earlier = f"d.{MARKS[EARLIER_KEY]}"
    return f"CASE WHEN {is_chosen} AND {earlier} IS NOT NULL THEN {earlier} ELSE d.{MARKS[COPY_KEY]} END"


def _kind_sql(slots: Mapping[str, Slot]) -> str:
    """The SQL of the kind of defect that befalls a row, NULL for none."""
    of_cells = [kind for kind in slots if not KINDS[kind].whole_row]
    return f"CASE t.defects_ WHEN {ALL_DEFECTS} THEN {_drawn_from(list(slots))} ELSE {_drawn_from(of_cells)} END"


def _drawn_from(kinds: list[str]) -> str:
    return f"[{', '.join(map(text, kinds))}][1 + spoil_ // {_MANY} % {len(kinds)}]" if kinds else "NULL"


def _judged_columns(table: Table) -> set[str]:
    if table.class_iri not in _JUDGED:
        return set()
    unique = {column for columns in table.unique for column in columns}
    # The order of rows under one parent is no judgement.
    columns = [c for c in table.columns if c.name not in unique and c.path != JG + "sequenceOrder"]
    return {c.name for c in columns if not c.repeated and (c.kind == "code" or c.datatype in _NUMBERS)}
