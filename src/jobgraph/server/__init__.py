"""The server: SPARQL, graph store, linked data and REST over HTTP, for many tenants; each request speaks for one."""
