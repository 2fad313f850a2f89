from __future__ import annotations

import pytest

from jobgraph.server.pages.profiles import PROFILES, best_profile

FULL, LABELLED, FRAMED = (f"<{PROFILES[token]}>" for token in ("full", "labelled", "framed"))


@pytest.mark.parametrize(
    ("header", "token"),
    [
        pytest.param(None, "full", id="none"),
        pytest.param("", "full", id="empty"),
        pytest.param(LABELLED, "labelled", id="one"),
        pytest.param(f"{LABELLED};q=0.2, {FRAMED};q=0.9", "framed", id="the_most_wanted"),
        pytest.param(f"{FRAMED}; q=0.5,{LABELLED}", "labelled", id="without_quality_is_1"),
        pytest.param(f"<urn:unknown>, {FRAMED};q=0.1", "framed", id="unknown_is_passed_over"),
        pytest.param(f"{FRAMED};q=0", "full", id="refused"),
        pytest.param("labelled", "full", id="a_token_is_no_uri"),
        pytest.param("<<>>;;q=9,<" * 500, "full", id="malformed"),
    ],
)
def test_profile_is_the_one_wanted_most(header: str | None, token: str) -> None:
    assert best_profile(header) == token
