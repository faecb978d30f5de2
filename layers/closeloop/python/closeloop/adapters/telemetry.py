"""Logs and metrics by Powertools: structured, correlated by case id, nothing personal in them.

Only ids, codes and counts are ever given to a log line; events and messages never are (T22).
"""

from __future__ import annotations

from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit


@cache
def logger() -> Logger:
    """The function's logger; its service name comes from the environment."""
    return Logger()


@cache
def metrics() -> Metrics:
    """The function's metrics, written to the log in CloudWatch's embedded format."""
    return Metrics()


def count(name: str, amount: int = 1) -> None:
    """Count something that operators watch."""
    metrics().add_metric(name=name, unit=MetricUnit.Count, value=amount)
