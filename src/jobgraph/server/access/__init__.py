"""Access: who a request speaks for. The tenant comes from the token and from nowhere else.

access = Access.from_settings(settings, host="127.0.0.1")
identity = access.identify(scope["headers"])  # or AccessError: 401 with WWW-Authenticate: Bearer
if identity.role < Role.WRITER: ...
"""

from jobgraph.server.access.bearer import Access
from jobgraph.server.access.identity import Identity, Role
from jobgraph.server.access.jwt_issuer import JwtIssuer
from jobgraph.server.access.loopback import is_loopback_host, open_identity
from jobgraph.server.access.tokens import Token, TokenFile

__all__ = ["Access", "Identity", "JwtIssuer", "Role", "Token", "TokenFile", "is_loopback_host", "open_identity"]
