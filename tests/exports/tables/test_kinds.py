from __future__ import annotations

import pytest

from jobgraph.exports.tables.kinds import value_test
from jobgraph.vocabulary import RDF, XSD


@pytest.mark.parametrize(
    ("datatype", "values", "others"),
    [
        ("boolean", ["true", "0"], ["TRUE", "yes", ""]),
        ("integer", ["7", "-07", "+7", "9" * 100], ["7.0", " 7", "", "9" * 5000]),
        ("unsignedByte", ["0", "255"], ["-1", "256"]),
        ("negativeInteger", ["-1"], ["0"]),
        ("decimal", ["1.50", ".5", "5.", "-3"], ["1,5", "1e3", "."]),
        ("double", ["1e3", "INF", "-INF", "NaN", "1.5"], ["inf", "1e", "nan"]),
        ("date", ["2024-02-29", "2025-01-31+02:00"], ["2025-02-29", "2025-1-31", "20250131"]),
        ("dateTime", ["2025-01-31T10:00:00.123Z", "2025-01-31T10:00:00"], ["2025-01-31", "2025-01-31T25:00:00"]),
        ("time", ["10:00:00", "10:00:00Z"], ["10:00", "noon"]),
        ("gYear", ["2024"], ["24"]),
        ("duration", ["P1Y2M", "-PT3.5S", "P2DT1H"], ["P", "PT", "1Y"]),
        ("anyURI", ["https://x/y z"], [" https://x", "a  b", ""]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_are_told_from_other_texts(datatype: str, values: list[str], others: list[str]) -> None:
    is_value = value_test(XSD + datatype)
    assert [text for text in [*values, *others] if is_value(text)] == values


@pytest.mark.parametrize("datatype", [XSD + "string", RDF + "JSON", RDF + "langString", "urn:any"])
def test_any_text_is_a_value_of_a_datatype_without_rules(datatype: str) -> None:
    assert all(map(value_test(datatype), ["", " ", "\x00", "{"]))
