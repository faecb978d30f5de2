"""Give moto's state machine interpreter the JSONata evaluator that it ships without.

moto 5.2.5 declares a bridge to a Java library and never connects it: every expression calls None.
`tests/contract/test_case_journey_runs.py` tells the day moto evaluates JSONata by itself, so that
this module goes away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jsonata import Jsonata
from moto.stepfunctions.parser.asl.jsonata import jsonata as bridge


def evaluate(expression: str) -> Any:
    """Evaluate an expression that declares its own variables; failures are moto's own kind."""
    try:
        return Jsonata(expression).evaluate(None)
    except Exception as error:
        raise bridge.JSONataException("UNKNOWN", str(error)) from error


@contextmanager
def jsonata_in_moto() -> Iterator[None]:
    """Connect the evaluator for as long as the block lasts."""
    before = bridge._eval_jsonata
    bridge._eval_jsonata = evaluate
    try:
        yield
    finally:
        bridge._eval_jsonata = before
