"""What API Gateway routes, what it answers by itself, and what our edge knows are the same."""

from __future__ import annotations

from closeloop.adapters.http import requests, responses
from tests.contract.template.edge_rules import HEADERS, ROUTES


def test_the_edge_knows_exactly_the_routes_that_the_template_is_held_to():
    known = {
        (method.lower(), path) for path, methods in requests._ROUTES.items() for method in methods
    }
    assert known == set(ROUTES)


def test_api_gateways_own_answers_carry_the_headers_of_ours():
    """SECURITY 2.8: on every response, whoever makes it."""
    ours = {name: value for name, value in responses._ALWAYS.items() if name != "Content-Type"}

    assert ours == HEADERS
