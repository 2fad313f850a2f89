"""Processes that answer queries: each reads one generation of one tenant, and may be killed at any moment."""

from jobgraph.server.workers.jobs import AnswerError, GraphJob, Header, Job, QueryJob, ViewJob, encode_job
from jobgraph.server.workers.pool import Answer, WorkerPool
from jobgraph.server.workers.worker import warm_up
from jobgraph.server.workers.write_process import WriteJob
from jobgraph.server.workers.writers import WriteRefusedError, WriterPool

__all__ = [
    "Answer",
    "AnswerError",
    "GraphJob",
    "Header",
    "Job",
    "QueryJob",
    "ViewJob",
    "WorkerPool",
    "WriteJob",
    "WriteRefusedError",
    "WriterPool",
    "encode_job",
    "warm_up",
]
