"""The arithmetic of the bill."""

from collections import Counter

import pytest

from tools.bench.cost import cost, per_case, read_prices
from tools.bench.meter import Step
from tools.bench.story import Told

SECRET = "secrets-manager.GetSecretValue"
ASSUMED = {
    "touches_per_case": 1.5,
    "cold_share": 0.1,
    "warm_seconds": 0.1,
    "cold_seconds": 1.0,
    "memory_gb": 0.5,
    "platform_log_bytes": 100,
    "access_log_bytes": 10,
    "key_requests": 2,
    "traced_share": 0.25,
}


def told(touches: int) -> Told:
    """A case with as many touches, each of 4 write units and 10 bytes of log."""
    outreach = [Step("open_case", "open_case", write_units=10, read_units=2)]
    outreach += [
        Step(f"send_touch {number}", "send_touch", write_units=4, log_bytes=10)
        for number in range(touches)
    ]
    return Told(
        outreach=outreach,
        looks=[Step("GET /c/{link}", "mini_app")],
        requests=[Step("POST /c/{link}", "mini_app", Counter({SECRET: 2}), write_units=1)],
        back=[Step("writeback", "writeback", Counter({SECRET: 1}), write_units=5)],
        states=["Send touch", "What happened?"] * touches + ["Resolved"],
    )


def test_an_average_case_weighs_its_further_touches_by_how_many_need_them():
    amounts = per_case(told(1), told(3), told(3), ASSUMED)

    assert amounts["transition"] == 3 + 0.5 * 2
    assert amounts["write_unit"] == 10 + 4 + 1 + 5 + 0.5 * 4
    assert amounts["read_unit"] == 2
    assert amounts["invocation"] == 5 + 0.5
    assert amounts["gb_second"] == pytest.approx(5.5 * (0.1 + 0.1 * 1.0) * 0.5)
    assert amounts["api_request"] == 2
    assert amounts["secret_request"] == pytest.approx(0.1 * (2 + 2 + 1))  # mini_app twice
    assert amounts["trace"] == 5.5 * 0.25


def test_the_logs_are_ours_the_platform_s_and_the_api_s():
    amounts = per_case(told(1), told(3), told(3), ASSUMED)

    assert amounts["log_gb"] * 1024**3 == pytest.approx(10 * 1.5 + 5.5 * 100 + 2 * 10)


def test_amounts_become_dollars_per_thousand_cases():
    listed = read_prices()["prices"]
    nothing = dict.fromkeys(listed, 0.0)

    bill = cost(nothing | {"transition": 4, "write_unit": 100}, listed)

    assert bill["Step Functions"] == pytest.approx(1000 * 4 * 25 / 1e6)
    assert bill["DynamoDB"] == pytest.approx(1000 * 100 * 0.625 / 1e6)
    assert sum(bill.values()) == pytest.approx(bill["Step Functions"] + bill["DynamoDB"])


def test_every_price_has_a_source_and_is_on_the_bill():
    listed = read_prices()["prices"]
    bill = cost(dict.fromkeys(listed, 1.0), listed)

    whole = sum(1000 * each["usd"] / each["per"] for each in listed.values())
    assert sum(bill.values()) == pytest.approx(whole)
    assert all(each["source"].startswith("https://aws.amazon.com/") for each in listed.values())
