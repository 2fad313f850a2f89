"""Questions, analyses and reports as tables in pages over HTTP, described by OpenAPI.

`routes` runs in the server, all else in the tenant's worker, for the views.
"""
