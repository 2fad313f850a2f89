"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a busy machine is no failure. Without chance under CI: one commit always gives one answer.
settings.register_profile("jobgraph", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("jobgraph")
