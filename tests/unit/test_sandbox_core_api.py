"""The core system over HTTP, as the product's connector calls it, and every way it can fail."""

import time
from collections.abc import Iterator

import pytest

from tests.fakes.local_world import KEY, LocalWorld, local_world

PLAN = {
    "customer_id": "amara",
    "obligation_id": "inv-0001",
    "cycle": "2026-11",
    "request_id": "act-1",
    "currency": "GBP",
    "total_minor": 12_000,
    "instalments": [{"due_date": "2026-12-01", "amount_minor": 12_000}],
}
WRITE = {**KEY, "Idempotency-Key": "act-1"}
QUESTION = "/v1/customers/amara/obligations/inv-0001?cycle=2026-11"


@pytest.fixture
def local() -> Iterator[LocalWorld]:
    with local_world() as made:
        made.client.post("/sandbox/core/accounts", json={"customer_id": "amara"})
        yield made


def fail(local: LocalWorld, mode: str, **more: float) -> None:
    body = {"target": "core", "mode": mode, **more}
    assert local.client.post("/sandbox/faults", json=body).status_code == 200


def entries(local: LocalWorld) -> int:
    return len(local.client.get("/sandbox/core/journal").json())


def post(local: LocalWorld) -> int:
    return local.client.post("/v1/arrangements", json=PLAN, headers=WRITE).status_code


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "wrong"}])
def test_without_its_key_nothing_is_answered(local: LocalWorld, headers: dict[str, str]) -> None:
    assert local.client.get(QUESTION, headers=headers).status_code == 401
    written = local.client.post("/v1/arrangements", json=PLAN, headers={**WRITE, **headers})
    assert written.status_code == (401 if headers else 201)
    assert entries(local) == (0 if headers else 1)


def test_a_write_answers_201_then_200_then_409(local: LocalWorld) -> None:
    first = local.client.post("/v1/arrangements", json=PLAN, headers=WRITE)
    again = local.client.post("/v1/arrangements", json=PLAN, headers=WRITE)
    other = local.client.post("/v1/arrangements", json={**PLAN, "total_minor": 1}, headers=WRITE)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()
    assert entries(local) == 1


def test_read_back_shows_the_record_or_404(local: LocalWorld) -> None:
    assert local.client.get("/v1/arrangements/act-1", headers=KEY).status_code == 404
    stored = local.client.post("/v1/arrangements", json=PLAN, headers=WRITE).json()
    assert local.client.get("/v1/arrangements/act-1", headers=KEY).json() == stored
    assert local.client.get("/v1/promises/act-1", headers=KEY).status_code == 404


@pytest.mark.parametrize("headers", [KEY, {**KEY, "Idempotency-Key": "act-2"}])
def test_a_write_whose_key_is_not_its_request_id_is_malformed(
    local: LocalWorld, headers: dict[str, str]
) -> None:
    assert local.client.post("/v1/arrangements", json=PLAN, headers=headers).status_code == 400


def test_a_broken_rule_answers_422_with_its_code(local: LocalWorld) -> None:
    reply = local.client.post("/v1/arrangements", json={**PLAN, "currency": "EUR"}, headers=WRITE)
    assert reply.status_code == 422
    assert reply.json()["code"] == "wrong_currency"


def test_a_core_that_is_down_changes_nothing_and_says_when_to_return(local: LocalWorld) -> None:
    fail(local, "down", requests=2)
    question = local.client.get(QUESTION, headers=KEY)
    assert (question.status_code, question.headers["retry-after"]) == (503, "1")
    assert post(local) == 503
    assert entries(local) == 0
    assert post(local) == 201


def test_a_timeout_after_the_commit_is_found_by_look_up(local: LocalWorld) -> None:
    """F12: the write is there, the answer is not."""
    fail(local, "commit_then_timeout", requests=1, seconds=1)
    assert post(local) == 504
    assert entries(local) == 1
    assert local.client.get("/v1/arrangements/act-1", headers=KEY).status_code == 200
    assert post(local) == 200


def test_a_late_commit_is_not_there_at_once(local: LocalWorld) -> None:
    """F13: a look-up that finds nothing proves nothing before the settle time."""
    fail(local, "late_commit", requests=1, seconds=1)
    assert post(local) == 504
    assert entries(local) == 0
    deadline = time.monotonic() + 10
    while entries(local) == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert entries(local) == 1


def test_a_reject_is_for_good_and_leaves_questions_alone(local: LocalWorld) -> None:
    fail(local, "reject")
    assert local.client.get(QUESTION, headers=KEY).status_code == 200
    assert post(local) == 422
    assert entries(local) == 0


def test_slow_is_late_and_right(local: LocalWorld) -> None:
    fail(local, "slow", requests=1, seconds=1)
    begun = time.monotonic()
    assert post(local) == 201
    assert time.monotonic() - begun >= 1


def test_off_turns_a_fault_off(local: LocalWorld) -> None:
    fail(local, "down")
    fail(local, "off")
    assert post(local) == 201
