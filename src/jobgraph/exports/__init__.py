"""Exports: what leaves a tenant's graph for whom, by profiles, and in which form.

profile = read_profile("partner", vocabulary=vocabulary, tenant=tenant)
with generation.open() as store:
    reasons = check_gate(generation, profile, store=store, now=date.today())
    selection = Selection(store, generation, profile, vocabulary=vocabulary)
    serialize(selection.quads(), output, RdfFormat.N_QUADS)

What a profile does not name does not leave.
"""

from jobgraph.exports.gate import check_gate
from jobgraph.exports.profile import (
    FORMAT_NAMES,
    ClassRule,
    Format,
    Mask,
    Policy,
    Profile,
    profile_names,
    read_profile,
)
from jobgraph.exports.selection import Counts, Selection

__all__ = [
    "FORMAT_NAMES",
    "ClassRule",
    "Counts",
    "Format",
    "Mask",
    "Policy",
    "Profile",
    "Selection",
    "check_gate",
    "profile_names",
    "read_profile",
]
