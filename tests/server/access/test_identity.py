from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from jobgraph.errors import UsageError
from jobgraph.server.access import Role
from jobgraph.server.access.identity import is_tenant

ORDER = [Role.READER, Role.WRITER, Role.ADMIN]


@pytest.mark.parametrize(("one", "other"), list(product(ORDER, ORDER)))
def test_roles_compare_by_what_they_allow(one: Role, other: Role) -> None:
    a, b = ORDER.index(one), ORDER.index(other)
    assert (one < other, one <= other, one > other, one >= other) == (a < b, a <= b, a > b, a >= b)


def test_role_is_the_text_that_names_it() -> None:
    assert [Role.named(name) for name in ("reader", "writer", "admin")] == ORDER
    with pytest.raises(UsageError, match="There is no role 'Admin'; choose one of reader, writer, admin"):
        Role.named("Admin")


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("acme", True),
        ("nobody", False),
        ("", False),
        (".", False),
        ("..", False),
        ("../tenants/acme", False),
        ("acme/", False),
        ("acme\0", False),
        ("ACME", False),
        ("a" * 10_000, False),
    ],
)
def test_tenant_is_a_name_with_a_published_generation(home: Path, slug: str, expected: bool) -> None:  # noqa: FBT001
    assert is_tenant(home, slug) is expected
