"""What the tests of pages share."""

from __future__ import annotations

from tests.server.views.small_tenants import small_home

__all__ = ["small_home"]
