"""Moments of change: which recorded rows are taken to be as they were while their moment is, and so need not be read.

A row is settled if its moment was over well before the last build, by the clock of the source, and if its key was that
of no other row. While a row with this key and the very same moment is there, its other cells are not asked for. That
moments only need to differ, and not to grow, makes late commits, clocks that lie and restored rows harmless. A row that
is written without another moment is not seen: only a comparison of all cells sees it.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from jobgraph.vocabulary import Table

MODIFIED = "http://purl.org/dc/terms/modified"
FEWEST_ROWS = 1000  # of a table whose rows can be settled; a smaller one is read whole in less time than listed

# A database spells moments in UTC or all without a zone; the cast overlooks zones. What is no moment is never settled.
_SETTLED = """
    WITH dated AS (SELECT *, TRY_CAST(moment AS TIMESTAMP) AS time_ FROM base.moments),
         mark AS (SELECT max(time_) AS time_ FROM dated WHERE time_ <= current_timestamp AT TIME ZONE 'UTC')
    SELECT d.table_, r.key_, d.row_, d.moment
    FROM dated d JOIN base.records r ON r.table_ = d.table_ AND r.row_ = d.row_ CROSS JOIN mark m
    SEMI JOIN (SELECT table_, key_ FROM base.records GROUP BY ALL HAVING count(*) = 1) u
        ON u.table_ = r.table_ AND u.key_ = r.key_
    SEMI JOIN (SELECT table_ FROM base.records GROUP BY ALL HAVING count(*) >= $fewest_rows)
        large ON large.table_ = d.table_
    WHERE isfinite(d.time_) AND d.time_ < m.time_ - to_seconds(CAST($overlap_s AS DOUBLE))"""


def moment_column(source_table: Table, column_names: Collection[str]) -> str | None:
    """The column with the moment of a row's last change; None if the source has none, or no keys."""
    column = source_table.column_of(MODIFIED)
    return column if column in column_names and source_table.key in column_names else None


def settle(connection: duckdb.DuckDBPyConnection, *, overlap_s: float | None) -> None:
    """Make the table `base.settled` of the rows in large tables that are settled; an empty one if `overlap_s` is None.

    `overlap_s` is how long, in seconds, a moment must have been over when the last build saw the greatest one of the
    source that was not yet to come. What two writes within one tick of a clock do is seen if it is longer than that.
    """
    connection.execute("CREATE TABLE base.settled(table_ VARCHAR, key_ VARCHAR, row_ BIGINT, moment VARCHAR)")
    if overlap_s is not None:
        connection.execute(f"INSERT INTO base.settled {_SETTLED}", {"overlap_s": overlap_s, "fewest_rows": FEWEST_ROWS})
