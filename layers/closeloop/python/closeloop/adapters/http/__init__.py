"""The edge to the public: API Gateway's events in, HTML answers out.

API Gateway has already matched the route, so there is no router here: a request names its
`resource`, and each function knows its own (docs/decisions/0020).
"""

from closeloop.adapters.http.edge import Edge, answer
from closeloop.adapters.http.requests import RefusedRequestError, parse

__all__ = ["Edge", "RefusedRequestError", "answer", "parse"]
