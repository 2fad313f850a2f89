"""The statements in Spark's SQL: what DuckDB says otherwise comes out as Spark means it."""

from __future__ import annotations

import pytest

from jobgraph.spark.dialect import java_pattern, parse, to_spark


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param("list_bool_and(a)", "FORALL(a, e -> e)", id="all_true"),
        pytest.param("hash(a, b)", "XXHASH64(a, b)", id="hash"),
        pytest.param("flatten(a)", "FLATTEN(ARRAY_COMPACT(a))", id="flatten_skips_null"),
        pytest.param("regexp_full_match(a, 'x|y')", r"a RLIKE '(?d)\\A(?:x|y)\\z'", id="full_match"),
        pytest.param("regexp_matches(a, '^x$')", r"a RLIKE '(?d)^x\\z'", id="match"),
        pytest.param("regexp_replace(a, '(x)$', '\\1:', 'g')", r"REGEXP_REPLACE(a, '(?d)(x)\\z', '$1:')", id="replace"),
        pytest.param("strftime(a, '%Y-%mT%H')", r"DATE_FORMAT(a, 'yyyy-MM\'T\'HH')", id="letters_in_a_format"),
        pytest.param("try_cast(a AS DECIMAL(38, 18))", "TRY_CAST(a AS DECIMAL(38, 18))", id="decimal"),
        pytest.param("string_split(a, ',')", r"SPLIT(a, CONCAT('\\Q', ',', '\\E'))", id="split"),
        pytest.param("'it''s \\n'", r"'it\'s \\n'", id="text"),
        pytest.param("concat(a, b)", "CONCAT(COALESCE(a, ''), COALESCE(b, ''))", id="concat_skips_null"),
        pytest.param(
            "list_transform([a, b], lambda v, i: ['x', 'y'][i] || v)",
            "TRANSFORM(ARRAY(a, b), (v, i) -> ARRAY('x', 'y')[i] || v)",
            id="lambda",
        ),
        pytest.param(
            "list_transform([a, b], lambda v, i: ['x', 'y'][i] || canonical_json(v))",
            "ARRAY('x' || CANONICAL_JSON(a), 'y' || CANONICAL_JSON(b))",
            id="lambda_with_python_is_written_out",
        ),
        pytest.param(
            "list_transform([a], lambda c: list_transform(array_elements(c), lambda v: c || v))",
            "ARRAY(TRANSFORM(ARRAY_ELEMENTS(a), v -> a || v))",
            id="only_the_lambda_around_python_is_written_out",
        ),
    ],
)
def test_expression(said: str, meant: str) -> None:
    assert to_spark(parse(f"SELECT {said} FROM t")) == f"SELECT {meant} FROM t"


@pytest.mark.parametrize(
    ("pattern", "in_java"),
    [
        pytest.param("a.b$", r"a.b\z", id="end"),
        pytest.param(r"\$[$]", r"\$[$]", id="dollars"),
        pytest.param(r"[^\s,]\s\S", "[^\\t\\n\\f\\r ,][\\t\\n\\f\\r ][^\\t\\n\\f\\r ]", id="spaces"),
        pytest.param(r"[[a&&b]", r"[\[a\&\&b]", id="signs_of_java_in_a_class"),
        pytest.param(r"[]a]", r"[]a]", id="bracket_first"),
        pytest.param("[[:alpha:]_]", r"[\p{Alpha}_]", id="named_class"),
    ],
)
def test_pattern(pattern: str, in_java: str) -> None:
    assert java_pattern(pattern) == f"(?d){in_java}"
