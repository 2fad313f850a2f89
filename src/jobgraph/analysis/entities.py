"""Which entity a user means: by IRI, code or name."""

from __future__ import annotations

import polars as pl

from jobgraph.errors import UsageError
from jobgraph.store import suggest


def find_entity(entities: pl.DataFrame, named: str, *, kind: str) -> str:
    """The IRI of the entity that has this IRI (or ends so), code or name, at last in any case.

    Parameters
    ----------
    entities : `iri`, and `code` and `name` where there are any.
    kind : what they are, for the error.

    Raises
    ------
    UsageError : none fits (the sentence has near matches), or several do (it has their IRIs).
    """
    columns = [column for column in ("iri", "code", "name") if column in entities.columns]
    exact, folded = ((pl.col(name) == named for name in columns), (_folded(name) == named.lower() for name in columns))
    short = [pl.col("iri").str.ends_with(f"/{named}")] if "/" in named else []
    for condition in (*exact, *short, *folded):
        found = entities.filter(condition)["iri"].unique()
        if found.len() == 1:
            return str(found[0])
        if found.len() > 1:
            listed = ", ".join(found.sort()[:5])
            raise UsageError(f"{found.len()} of kind {kind} are called {named!r}; name one by its IRI: {listed}.")
    texts = {text for column in columns for text in entities[column].drop_nulls()}
    names = {text for text in texts if not text.startswith("http")} or texts
    hint = suggest(named, names) if names else "there are none of this kind in the tenant."
    raise UsageError(f"There is no {kind} {named!r}; {hint}")


def _folded(name: str) -> pl.Expr:
    return pl.col(name).str.to_lowercase()
