"""What the platform costs per 1,000 resolved cases: the counts times a checked-in price list."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bench.figures import Figure, Section, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.bench.story import Told

PRICES = Path(__file__).with_name("prices.json")
_CASES = 1000
_GB = 1024**3
_QUEUES, _REQUESTS_PER_MESSAGE = 2, 3  # triggers and writeback; send, receive, delete
_SECRET = "secrets-manager.GetSecretValue"  # noqa: S105 - the name of an operation
_PARTS = {
    "Step Functions": ("transition",),
    "DynamoDB": ("write_unit", "read_unit"),
    "Lambda": ("invocation", "gb_second"),
    "API Gateway and WAF": ("api_request", "waf_request"),
    "SQS and EventBridge": ("queue_request", "event"),
    "KMS and Secrets Manager": ("key_request", "secret_request"),
    "Logs and traces": ("log_gb", "trace"),
}


def read_prices(path: Path = PRICES) -> dict[str, Any]:
    """The price list and what is assumed beside the counts."""
    return json.loads(path.read_text(encoding="utf-8"))


def section(one: Told, later: Told, first: Told) -> Section:
    """Report a case that is resolved after the assumed number of touches on average.

    `one` was resolved at its first touch, `later` with more; in `first` every environment started.
    """
    listed = read_prices()
    assumed = {name: each["value"] for name, each in listed["assumed"].items()}
    amounts = per_case(one, later, first, assumed)
    costs = cost(amounts, listed["prices"])
    total = sum(costs.values())
    rows = [[part, f"{dollars:.4f}", f"{dollars / total:.0%}"] for part, dollars in costs.items()]
    why = [[name, f"{each['value']:g}", each["why"]] for name, each in listed["assumed"].items()]
    return Section(
        title="Platform cost per 1,000 resolved cases",
        about=(
            f"US dollars in {listed['region']}, list prices of {listed['date']} "
            "(`tools/bench/prices.json`), without messages. Times are assumed, the rest is counted."
        ),
        figures=[Figure("dollars per 1,000 resolved cases", total, digits=3)],
        tables=[
            Table(["part", "$", "share"], rows),
            Table(["counted per case", "amount"], [[n, f"{v:,.4g}"] for n, v in amounts.items()]),
            Table(["assumed", "value", "why"], why),
        ],
    )


def per_case(one: Told, later: Told, first: Told, assumed: Mapping[str, float]) -> dict[str, float]:
    """How much of everything that is billed an average case needs."""
    more = assumed["touches_per_case"] - 1
    further = later.further_touches[:1]
    weighed = [(1.0, step) for step in one.to_confirmation] + [(more, step) for step in further]
    requests = len(one.looks) + len(one.requests)
    invocations = sum(weight for weight, _ in weighed)
    cold = assumed["cold_share"]
    secrets: Counter[str] = Counter()  # what each function reads when it starts
    for step in first.to_confirmation:
        secrets[step.function] += step.calls[_SECRET]
    seconds = invocations * (assumed["warm_seconds"] + cold * assumed["cold_seconds"])
    logs = sum(weight * step.log_bytes for weight, step in weighed)
    logs += invocations * assumed["platform_log_bytes"] + requests * assumed["access_log_bytes"]
    added = (len(later.states) - len(one.states)) / (len(later.outreach) - len(one.outreach))
    return {
        "transition": len(one.states) + more * added,
        "write_unit": sum(weight * step.write_units for weight, step in weighed),
        "read_unit": sum(weight * step.read_units for weight, step in weighed),
        "invocation": invocations,
        "gb_second": seconds * assumed["memory_gb"],
        "api_request": requests,
        "waf_request": requests,
        "queue_request": _QUEUES * _REQUESTS_PER_MESSAGE,
        "event": 1,
        "key_request": assumed["key_requests"],
        "secret_request": cold * sum(weight * secrets[step.function] for weight, step in weighed),
        "log_gb": logs / _GB,
        "trace": invocations * assumed["traced_share"],
    }


def cost(amounts: Mapping[str, float], prices: Mapping[str, Any]) -> dict[str, float]:
    """Dollars per 1,000 cases, by part of the bill."""

    def dollars(name: str) -> float:
        price = prices[name]
        return _CASES * amounts[name] * price["usd"] / price["per"]

    return {part: sum(map(dollars, names)) for part, names in _PARTS.items()}
