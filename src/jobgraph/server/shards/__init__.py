"""Tenants on several hosts: a small table says which host has which tenant, and a tenant moves without a failed read.

One table rules, and every host reads it again each second. A host that has not read it for some seconds answers
nothing, so that none answers for a tenant that is somewhere else by now. Who moves a tenant holds its writes on the old
host, copies the rest, changes the table in one rename, and lets both hosts look before the old copy goes.
"""
