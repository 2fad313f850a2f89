"""The door for few rows, of any tables at once: what `rows`, `links` and `unique_keys` say in SQL, row by row.

A statement over one of our wide tables costs tens of milliseconds to plan, however few its rows are. A law holds this
to the other door: a build of changes equals one of everything.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from jobgraph.contract.cells import rule_of
from jobgraph.contract.links import COMPONENTS, is_owner
from jobgraph.contract.tables import Owners, TableInSource
from jobgraph.contract.unique_keys import COMPONENT
from jobgraph.contract.verdicts import NUMBERS, Verdicts
from jobgraph.vocabulary import JG, Column, UniqueKey, Vocabulary

Keys = dict[tuple[str, str], tuple[str, bool]]  # tenant and deletion by table and key


@dataclass
class Row:
    """One row on its way: first its cells as read, then what is made of them.

    `live` has the cells to state by column, once the row is known to be live. `faults` counts what is in quarantine or
    found in it. `was` is the tenant and the deletion that others saw in the last build.
    """

    found: TableInSource
    number: int
    cells: Mapping[str, str | None]
    was: tuple[str, bool] | None = None
    tenant: str | None = None
    is_deleted: bool = False
    is_lost: bool = False
    faults: int = 0
    live: dict[str, str | None] = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        """The key; None where there is none."""
        return self.cells.get(self.found.table.key)

    @property
    def is_live(self) -> bool:
        """Whether it is stated."""
        return not (self.is_lost or self.is_deleted)

    @property
    def state(self) -> str:
        """What the record calls it."""
        return "lost" if self.is_lost else "deleted" if self.is_deleted else "live"


class Entry(NamedTuple):
    """One entry for the quarantine; the sentence is made of its rule, value and words."""

    table: str
    key: str | None
    row: int
    column: str | None
    value: str | None
    rule: str
    tenant: str | None
    words: str | None
    is_whole: bool


class FewRows:
    """The steps of the door; the rows of a step come in the order of their numbers."""

    def __init__(self, vocabulary: Vocabulary, owners: Owners, verdicts: Verdicts) -> None:
        self.vocabulary, self.owners, self.verdicts = vocabulary, owners, verdicts
        self.keys: Keys = {}
        self.entries: list[Entry] = []
        self.findings: list[tuple[Any, ...]] = []
        self._deleted_columns = {
            t.name: next((c for c in t.columns if c.path == JG + "deletedAt"), None) for t in vocabulary.tables.values()
        }

    def admit(self, rows: Sequence[Row], defects: Mapping[tuple[str, int], list[tuple[Any, ...]]]) -> None:
        """Find owner and deletion of rows, and which are lost; the rows that their tenancy leads to are done.

        `defects` are what the source says is wrong with rows: column, value and rule.
        """
        uses: Counter[tuple[str, str | None]] = Counter()
        for row in rows:
            if row.key is not None:
                self.keys.pop((row.found.table.name, row.key), None)
        for row in rows:
            row.tenant = self._tenant(row)
            row.is_deleted = self._is_deleted(row)
            for column, value, rule in defects.get((row.found.table.name, row.number), ()):
                no_key = row.found.needs_key and row.key is None
                self._note(row, column, value, rule, is_whole=rule == "broken-row" and (no_key or row.tenant is None))
            uses[row.found.table.name, row.key] += 1
            self._look_at_row(row, repetition=uses[row.found.table.name, row.key])
            if not row.is_lost and row.key is not None and row.tenant is not None:
                self.keys[row.found.table.name, row.key] = (row.tenant, row.is_deleted)
            if row.is_live:
                self._look_at_cells(row)

    def check(self, rows: Iterable[Row]) -> None:
        """Check the links, values and unique keys of all live rows."""
        live = [row for row in rows if row.is_live]
        for row in live:
            broken = self._check_links(row)
            for column in broken:
                row.live[column] = None
            if row.found.table.class_iri and row.is_live:
                self._check_values(row, broken)
        self._check_unique_keys(row for row in live if row.is_live)

    def key_values(self, row: Row) -> Iterator[tuple[UniqueKey, list[str]]]:
        """The unique keys of a live row that has all cells of them, with what it states there."""
        for key in row.found.table.unique_keys:
            values = [self._term(row.live.get(column.name), column) for column in key.columns]
            if None not in values:
                yield key, [value for value in values if value is not None]

    def _tenant(self, row: Row) -> str | None:
        table = row.found.table
        if table.tenancy == "Shared":
            return ""
        if table.tenancy == "Inherited":
            targets = {link.name: self._target(link) for link in table.links}
            ends = ((targets[c], row.cells.get(c)) for c in table.tenant_columns)
            found = (self.keys[t, key] for t, key in ends if key is not None and (t, key) in self.keys)
            return next((tenant for tenant, _ in found), self.owners.only or None)
        if table.tenancy == "Itself":
            return self._owner(row.key)
        named = row.cells.get(table.column_of(JG + "belongsToTenant") or "")
        if named is None:
            return "" if table.tenancy == "OwnOrShared" else self.owners.only or None
        return self._owner(named)

    def _owner(self, key: str | None) -> str | None:
        return key if key in self.owners.slugs or key in self.owners.deleted else None

    def _is_deleted(self, row: Row) -> bool:
        if self.owners.include_deleted:
            return False
        column = self._deleted_columns[row.found.table.name]
        cell = row.cells.get(column.name) if column else None
        is_own = column is not None and cell is not None and self.verdicts.is_valid(column, cell)
        return is_own or (row.found.table.tenancy != "Shared" and row.tenant in self.owners.deleted)

    def _look_at_row(self, row: Row, *, repetition: int) -> None:
        if row.is_lost:
            return
        owners = row.found.owner_columns
        column = next((c for c in owners if row.cells.get(c) is not None), owners[0])
        if row.key is None and row.found.needs_key:
            rule = "missing-key"
        elif row.key is not None and repetition > 1:
            rule = "duplicate-key"
        elif row.tenant is not None:
            return
        elif row.found.table.tenancy == "Itself":
            rule = "tenant-name"
        else:
            rule = "missing-tenant" if row.cells.get(column) is None else "unknown-tenant"
        is_of_key = rule.endswith("-key")
        where, value = (row.found.table.key, row.key) if is_of_key else (column, row.cells.get(column))
        self._note(row, where, value, rule, words=column, is_whole=True)

    def _look_at_cells(self, row: Row) -> None:
        """Note the cells that cannot be stated, and make the live ones; of a column of two kinds, the code counts."""
        for column in row.found.literals_first:
            cell = row.cells.get(column.name)
            row.live[column.name] = cell
            if cell is None:
                continue
            if not column.repeated:
                row.live[column.name] = self.verdicts.canonical(column, cell)
            elif not self.verdicts.is_valid(column, cell):
                row.live[column.name] = None
            if row.live[column.name] is None:
                words, is_list = rule_of(column).words, column.repeated
                self._note(
                    row, column.name, cell, "list" if is_list else "datatype", f"list of {words}" if is_list else words
                )

    def _check_links(self, row: Row) -> list[str]:
        """Note the broken links of a live row, of which a plain junction is lost; give their columns."""
        source, broken = row.found.table, []
        for link in source.links:
            cell = row.live.get(link.name)
            if not is_owner(source, link) and (rule := self._link_fault(row, link, cell)):
                words = link.target.rpartition("/")[2]
                self._note(row, link.name, cell, rule, words, is_whole=not source.class_iri)
                broken.append(link.name)
        return broken

    def _link_fault(self, row: Row, link: Column, cell: str | None) -> str:
        if cell is None:
            return "" if row.found.table.class_iri else "missing-end"
        target = self.vocabulary.table_of_class[link.target]
        end = self.keys.get((target.name, cell))
        if end is None:
            return "missing-target"
        if end[1]:
            return "deleted-target"
        return "foreign-tenant" if target.tenancy != "Itself" and end[0] not in ("", row.tenant) else ""

    def _check_values(self, row: Row, broken: Sequence[str]) -> None:
        for column in row.found.table.columns:
            cell = row.live.get(column.name)
            if column.required and (cell is None or column.name in broken):
                self._find(row, column, "required", None)
            kinds = self._kinds(column) if cell is not None else ()
            for kind in kinds:
                values = dict.fromkeys(self.verdicts.elements(column, cell or "") or ())
                for value in (v for v in values if self._fails(kind, column, v)):
                    self._find(row, column, kind, value)

    def _kinds(self, column: Column) -> tuple[str, ...]:
        """What the values of a column are looked at for."""
        kinds = ("code",) * bool(column.scheme) + ("pattern",) * bool(column.pattern)
        return kinds + tuple(sign for sign, _ in column.bounds)

    def _fails(self, kind: str, column: Column, value: str) -> bool:
        if kind == "code":
            scheme = self.vocabulary.scheme_of(column)
            return scheme is not None and value not in scheme.concepts
        if kind == "pattern":
            return not self.verdicts.matches(column, value)
        return self.verdicts.is_out_of_bounds(kind, dict(column.bounds)[kind], value)

    def _check_unique_keys(self, rows: Iterable[Row]) -> None:
        sharing: dict[tuple[str, tuple[str, ...]], list[tuple[Row, UniqueKey]]] = defaultdict(list)
        for row in rows:
            for key, values in self.key_values(row):
                sharing[key.iri, tuple(values)].append((row, key))
        for pairs in sharing.values():
            counts = Counter(row.tenant for row, _ in pairs)
            for row, key in pairs if len(pairs) > 1 else ():
                self._find_repeated(row, key, counts)

    def _find_repeated(self, row: Row, key: UniqueKey, counts: Mapping[str | None, int]) -> None:
        met = (t for t, n in counts.items() if (n > 1 if t == row.tenant else "" in (t, row.tenant)))
        for tenant in {other if row.tenant == "" else row.tenant for other in met}:
            source, names = row.found.table, ", ".join(c.name for c in key.columns)
            facts = (names, key.iri, None, COMPONENT, source.shape, source.severity, key.message, tenant)
            self.findings.append((source.name, row.key, row.number, *facts))
            row.faults += 1

    def _term(self, cell: str | None, column: Column) -> str | None:
        if cell is None:
            return None
        if column.datatype in NUMBERS:
            return self.verdicts.number(cell) or cell
        scheme = self.vocabulary.scheme_of(column)
        return cell if scheme is None else scheme.concepts.get(cell, cell)

    def _target(self, link: Column) -> str:
        return self.vocabulary.table_of_class[link.target].name

    def _find(self, row: Row, column: Column, kind: str, value: str | None) -> None:
        shape = (column.shape, column.severity, column.message, row.tenant)
        facts = (column.name, column.path, value, COMPONENTS[kind], *shape)
        self.findings.append((row.found.table.name, row.key, row.number, *facts))
        row.faults += 1

    def _note(
        self,
        row: Row,
        column: str | None,
        value: str | None,
        rule: str,
        words: str | None = None,
        *,
        is_whole: bool = False,
    ) -> None:
        place = (row.found.table.name, row.key, row.number, column, value)
        self.entries.append(Entry(*place, rule, row.tenant, words, is_whole))
        row.faults += 1
        row.is_lost = row.is_lost or is_whole
