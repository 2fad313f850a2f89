"""The settings of jobgraph: one typed field each, read from the environment with the prefix JOBGRAPH_."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How jobgraph behaves on this machine; every default works on a laptop."""

    model_config = SettingsConfigDict(env_prefix="JOBGRAPH_", frozen=True)

    home: Path = Field(
        default=Path(".jobgraph"),
        description="Folder that holds the tenants' stores.",
    )
    base: str = Field(
        default="https://jobgraph.example/id/",
        pattern=r"^https?://[^\s<>\"{}|\\^`]+/$",
        description="Start of every IRI that is minted for a row; ends with a slash.",
    )
    memory_limit_mb: int = Field(
        default=700,
        ge=100,
        description="Memory, in MB, that the table engine may use before it spills to disk.",
    )
    threads: int = Field(
        default=2,
        ge=1,
        description="Threads that the table engine uses.",
    )
    keep_generations: int = Field(
        default=5,
        ge=1,
        description="Generations of a tenant that stay after a build; older ones are pruned.",
    )
