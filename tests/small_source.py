"""A source of a few small tables without a flaw: two tenants, their jobs and the outcomes of these."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

Row = dict[str, str]
Tables = dict[str, list[Row]]

MOMENT = "2025-01-01T00:00:00Z"
BASE = "https://jobgraph.example/id/"
LIMITS = {"max_users": "1", "max_agents": "1", "max_storage_gb": "1", "max_api_calls_per_month": "1"}


def tenant(slug: str, **cells: str) -> Row:
    required = {"status": "active", "tier": "enterprise", "tenant_path": slug, "tenant_level": "0", **LIMITS}
    times = {"created_at": MOMENT, "updated_at": MOMENT, "deleted_at": ""}
    return {"id": f"key-of-{slug}", "name": slug.title(), "slug": slug, **required, **times, **cells}


def job(key: str, slug: str, **cells: str) -> Row:
    required = {"name": f"Do {key}", "code": key.upper(), "functional_area": "medical_affairs", "status": "active"}
    times = {"created_at": MOMENT, "updated_at": MOMENT, "deleted_at": ""}
    return {"id": key, "tenant_id": f"key-of-{slug}", **required, **times, **cells}


def outcome(key: str, slug: str, job_key: str, **cells: str) -> Row:
    named = {"outcome_id": key.upper(), "outcome_statement": f"Minimize the time of {job_key}"}
    scores = {"importance_score": "8.0", "satisfaction_score": "5.0"}
    return {"id": key, "tenant_id": f"key-of-{slug}", "jtbd_id": job_key, **named, **scores, **cells}


def small_tables() -> Tables:
    """Two tenants, `acme` with the jobs a1 and a2 and `bolt` with b1, each job with one outcome."""
    jobs = {"a1": "acme", "a2": "acme", "b1": "bolt"}
    return {
        "tenants": [tenant("acme"), tenant("bolt")],
        "jobs_to_be_done": [job(key, slug) for key, slug in jobs.items()],
        "jtbd_outcomes": [outcome(f"outcome-{key}", slug, key) for key, slug in jobs.items()],
    }


def write_tables(folder: Path, tables: Mapping[str, list[Row]]) -> Path:
    """Write one CSV file a table; the first row of each names the columns."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder
