from __future__ import annotations

import pytest

from jobgraph.errors import UsageError
from jobgraph.store import Home, Tenant


def test_home_without_a_folder_has_no_tenants(home: Home) -> None:
    assert home.tenants() == []


def test_new_tenant_has_an_empty_generation(home: Home) -> None:
    generation = home.create_tenant("acme", base="https://example.org/").current()
    assert generation
    assert generation.manifest["base"] == "https://example.org/"
    with generation.open() as store:
        assert len(store) == 0


def test_tenants_come_sorted(home: Home) -> None:
    for slug in ("b", "a-1", "a"):
        home.create_tenant(slug, base="https://example.org/")
    assert home.tenants() == ["a", "a-1", "b"]


@pytest.mark.parametrize("slug", ["", "-a", "A", "a_b", "a.b", "..", "a/b", "é", "a\n", "a" * 64])
def test_name_that_is_no_slug_is_refused(home: Home, slug: str) -> None:
    with pytest.raises(UsageError, match="cannot name a tenant"):
        home.create_tenant(slug, base="https://example.org/")
    assert home.tenants() == []


@pytest.mark.parametrize("slug", ["a", "0", "a-b-", "a" * 63])
def test_slug_can_name_a_tenant(home: Home, slug: str) -> None:
    assert home.create_tenant(slug, base="https://example.org/").slug == slug


def test_tenant_is_made_once(home: Home, tenant: Tenant) -> None:
    with pytest.raises(UsageError, match="tenant acme already"):
        home.create_tenant("acme", base="https://example.org/")
    assert [generation.name for generation in tenant.generations()] == ["000001"]


def test_unknown_tenant_is_answered_with_near_names(home: Home, tenant: Tenant) -> None:
    with pytest.raises(UsageError, match=rf"no tenant acne; did you mean {tenant.slug}\?"):
        home.tenant("acne")


def test_unknown_tenant_in_an_empty_home_says_so(home: Home) -> None:
    with pytest.raises(UsageError, match="there are no tenants yet"):
        home.tenant("acme")


def test_tenant_that_may_be_missing_is_listed_once_it_publishes(home: Home) -> None:
    tenant = home.tenant("new", missing_ok=True)
    with tenant.begin() as draft:
        assert (home.tenants(), tenant.current()) == ([], None)
        draft.publish({"base": "https://example.org/"})
    assert home.tenants() == ["new"]
