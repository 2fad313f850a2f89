"""What Python makes of a tenant's graph in a worker: pages and tables, as bytes in a media type.

A view is a function of a `Tenant`, arguments by name and a media type; it gives the bytes in parts, or as `Linked` the
parts with a Link header, and raises `UsageError` or `AnswerError` for arguments that do not fit. `views.catalog` has
them by name.
"""
