from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from jobgraph.errors import UsageError
from jobgraph.exports import Mask
from jobgraph.exports.masks import Pseudonyms, masking
from jobgraph.vocabulary import XSD

KEY = b"0123456789abcdef"


def typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + datatype))


@pytest.mark.parametrize(
    ("mask", "value", "masked"),
    [
        pytest.param(Mask("coarse", precision="year"), typed("2025-03-04", "date"), typed("2025", "gYear"), id="year"),
        pytest.param(
            Mask("coarse", precision="month"),
            typed("2025-03-04T10:00:00Z", "dateTime"),
            typed("2025-03", "gYearMonth"),
            id="month",
        ),
        pytest.param(
            Mask("coarse", precision="year"), typed("-12025-03-04", "date"), typed("-12025", "gYear"), id="long_year"
        ),
        pytest.param(Mask("coarse", precision="year"), Literal("in spring"), None, id="no_date"),
        pytest.param(Mask("coarse", step="5"), typed("13", "integer"), typed("15", "integer"), id="integer"),
        pytest.param(Mask("coarse", step="0.25"), typed("0.6", "decimal"), typed("0.5", "decimal"), id="decimal"),
        pytest.param(
            Mask("coarse", step="100"), typed("1149.5", "decimal"), typed("1100", "decimal"), id="no_exponent"
        ),
        pytest.param(Mask("coarse", step="5"), typed("NaN", "double"), None, id="not_a_number"),
        pytest.param(Mask("coarse", step="5"), Literal("many"), None, id="no_number"),
        pytest.param(Mask("coarse", length=4), Literal("weekly report"), Literal("week…"), id="text"),
        pytest.param(
            Mask("coarse", length=4), Literal("plan", language="en"), Literal("plan", language="en"), id="short"
        ),
    ],
)
def test_value_is_made_coarser(mask: Mask, value: Literal, masked: Literal | None) -> None:
    assert masking(mask, "urn:p", None)(value) == masked


def test_pseudonym_is_the_published_algorithm() -> None:
    import hashlib
    import hmac

    key = hmac.digest(KEY, b"jobgraph pseudonyms for urn:them", "sha256")
    expected = hmac.new(key, b"thing\0urn:x", hashlib.sha256).hexdigest()[:32]
    assert Pseudonyms(KEY, "urn:them").of_thing("urn:x") == expected


@given(st.text(), st.text())
def test_pseudonym_depends_on_partner_key_property_and_value(one: str, other: str) -> None:
    names = [Pseudonyms(KEY, "urn:a"), Pseudonyms(KEY, "urn:b"), Pseudonyms(KEY[::-1], "urn:a")]
    found = {
        p.of_value(path, Literal(text)).value for p in names for path in ("urn:p", "urn:q") for text in {one, other}
    }
    assert len(found) == 6 * len({one, other})
    assert all(re.fullmatch("[0-9a-f]{32}", text) for text in found)
    assert names[0].of_value("urn:p", Literal(one)) == Pseudonyms(KEY, "urn:a").of_value("urn:p", Literal(one))


def test_short_key_and_no_key_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 16"):
        Pseudonyms(b"short", "urn:a")
    with pytest.raises(UsageError, match="need a key"):
        masking(Mask("pseudonym"), "urn:p", None)
