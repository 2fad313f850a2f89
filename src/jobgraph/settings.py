"""The settings of jobgraph: one typed field each, read from the environment with the prefix JOBGRAPH_."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

PREFIX = "JOBGRAPH_"


class Settings(BaseModel):
    """How jobgraph behaves on this machine; every default works on a laptop."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    keep_days: float = Field(
        default=0,
        ge=0,
        description="Days that a generation stays in any case; 0 if its age does not count.",
    )
    changes_overlap_s: float = Field(
        default=3600,
        ge=0,
        le=1e9,
        description="Seconds before the last change that a build saw, whose rows `build --trust-updated` reads again.",
    )
    store: str | None = Field(
        default=None,
        description="Graph store of a SPARQL endpoint with the tenants, such as sparql+https://host/store; "
        "`{tenant}` in it is a tenant's short name.",
    )
    store_query: str = Field(
        default="",
        description="Where the endpoint takes queries, if it is not where well-known servers have it.",
    )
    store_update: str = Field(
        default="",
        description="Where the endpoint takes updates, if it is not where well-known servers have it.",
    )
    store_credentials: Path | None = Field(
        default=None,
        description="Folder with a file per tenant, named by its short name: a line `user` and a line `password`.",
    )
    store_ca_file: Path | None = Field(
        default=None,
        description="PEM file with more authorities whose certificates an endpoint may have.",
    )
    store_timeout_s: float = Field(
        default=120,
        gt=0,
        description="Seconds that one answer of an endpoint may be waited for.",
    )
    store_grace_s: int = Field(
        default=3600,
        ge=0,
        description="Seconds that a generation stays at an endpoint after another took its place, for its readers.",
    )
    spark_wait_s: int = Field(
        default=60,
        ge=1,
        description="Seconds to wait for a Spark cluster that has no executor, at the start or later.",
    )
    jwt_issuer: str | None = Field(
        default=None,
        description="Issuer (`iss`) whose JSON Web Tokens the server takes; none if unset.",
    )
    jwt_audience: str | None = Field(
        default=None,
        description="Audience (`aud`) that these tokens must be made for.",
    )
    jwt_jwks_file: Path | None = Field(
        default=None,
        description="File with the issuer's public keys as a JWK set; read again when it changes.",
    )
    jwt_tenant_claim: str = Field(
        default="tenant",
        min_length=1,
        description="Claim of these tokens that holds the short name of a tenant.",
    )
    jwt_role_claim: str = Field(
        default="role",
        min_length=1,
        description="Claim of these tokens that holds reader, writer or admin, or a list with one of them.",
    )

    @model_validator(mode="before")
    @classmethod
    def _add_environment(cls, given: dict[str, object]) -> dict[str, object]:
        """What is given counts before what the environment says."""
        variables = {field: os.environ.get(PREFIX + field.upper()) for field in cls.model_fields}
        return {field: value for field, value in variables.items() if value is not None} | given
