"""Fifty people submit while the core fails in one way after another: none lost, none twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e import workers
from tests.e2e.person import PLAN, Person, kinds
from tests.e2e.stage import chain_is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.customer import Customer, Page
    from tests.e2e.stage import Stage

Json = dict[str, Any]
Ready = tuple[Person, "Customer", "Page"]
SUBMISSIONS = 50
DOWN, UNANSWERED, FLAKY = 16, 17, 17


@pytest.fixture
def ready(stage: Stage) -> Iterator[_Crowd]:
    crowd = _Crowd(stage)
    yield crowd
    for _, customer, _ in crowd.people:
        customer.__exit__()


class _Crowd:
    """People who have proved who they are and are about to agree a plan."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.people: list[Ready] = []

    def gather(self, name: str, number: int) -> None:
        """Bring them to the form, four at a time."""
        self.people = self.stage.together(self._one, [name] * number)

    def submit(self) -> None:
        """Let all of them agree, four at a time; each page must say that it was received."""
        answers = self.stage.together(lambda each: each[0].choose(each[1], each[2]), self.people)
        assert {page.status for page in answers} == {200}

    def ended(self) -> list[tuple[Person, Json]]:
        """Every case once it has ended, the minute's sweep coming now and then."""
        left = [person for person, _, _ in self.people]
        found: list[tuple[Person, Json]] = []

        def all_over() -> bool:
            for person in [*left]:
                case = person.case()
                if case["status"] in ("resolved", "handed_off"):
                    found.append((person, case))
                    left.remove(person)
            return not left

        self.stage.until_swept("the end of every case", all_over)
        return found

    def reached_the_core(self, number: int) -> None:
        """Wait until so many have left an entry in the core's journal."""

        def enough() -> bool:
            return sum(len(person.journal()) for person, _, _ in self.people) >= number

        self.stage.until_swept(f"{number} entries in the journal", enough)

    def _one(self, name: str) -> Ready:
        person = self.stage.person(name)
        person.happens("payment_failed")
        link = person.link("email")
        customer = person.browser()
        return person, customer, person.prove(customer, link)


def _exactly_once_or_handed_off(ended: list[tuple[Person, Json]]) -> list[str]:
    """Return how each ended, having seen that the core's books agree (I1, I2, I3, I6)."""
    for person, case in ended:
        (submission,) = case["submissions"]
        journal = person.journal()
        assert [line["request_id"] for line in journal] in ([submission["id"]], [])
        if case["status"] == "resolved":
            assert len(journal) == 1, person.id
            assert case["handoffs"] == []
        else:
            (handoff,) = case["handoffs"]
            assert (handoff["reason"], handoff["owner"]) == (
                "writeback_failed",
                "payments_operations",
            )
        assert [m["channel"] for m in person.touches()].count("email") == 1
        assert chain_is_whole(case)
    return [case["status"] for _, case in ended]


def test_writes_that_are_never_answered_are_each_applied_once(stage: Stage, ready: _Crowd):
    """F12: every write is committed and hangs; the same request again cannot apply it again."""
    ready.gather("unanswered", UNANSWERED)
    with stage.core("commit_then_timeout"):
        ready.submit()
        ready.reached_the_core(UNANSWERED // 2)
    assert _exactly_once_or_handed_off(ready.ended()) == ["resolved"] * UNANSWERED


def test_a_flaky_core_gets_each_write_once_or_a_person_does(stage: Stage, ready: _Crowd):
    """F10, F12: half of all requests fail, before or after the commit, in a drawn order."""
    ready.gather("flaky", FLAKY)
    with stage.core("flaky"):
        ready.submit()
        ready.reached_the_core(FLAKY // 2)
    assert len(_exactly_once_or_handed_off(ready.ended())) == FLAKY


def test_an_outage_delays_submissions_and_their_touches_and_loses_none(stage: Stage, ready: _Crowd):
    """F15, F25: nothing is handed off for an outage alone; a due touch parks, and is not sent."""
    ready.gather("outage", DOWN)
    first, _, _ = ready.people[0]
    sent_before = {person.id: len(person.touches()) for person, _, _ in ready.people}
    with stage.core("down"):
        ready.submit()
        assert {person.case()["status"] for person, _, _ in ready.people} == {"submitted"}
        first.case_with("token_parked")
        assert all(person.journal() == [] for person, _, _ in ready.people)
    ended = ready.ended()
    assert _exactly_once_or_handed_off(ended) == ["resolved"] * DOWN
    for person, case in ended:
        assert len(person.touches()) == len(case["touches"])
        submitted_at = next(e["at"] for e in case["events"] if e["kind"] == "submitted")
        assert all(touch["at"] < submitted_at for touch in case["touches"])
    assert len(first.touches()) == sent_before[first.id]


def test_the_three_together_are_the_fifty_promised():
    assert DOWN + UNANSWERED + FLAKY == SUBMISSIONS


def test_a_worker_killed_between_commit_and_record_leaves_one_entry(stage: Stage):
    """F11, F23: the process dies while the core, which has committed, has not answered yet."""
    sian = stage.person("sian")
    sian.happens("payment_failed")
    link = sian.link()
    with sian.browser() as customer:
        choices = sian.prove(customer, link)
        with stage.core("commit_then_timeout", requests=1):
            sian.choose(customer, choices)
            stage.until("the core's commit", sian.journal)
            workers.kill(stage.resources["WritebackFunction"])
        sian.case_when("resolved")
        sian.recorded(customer)
    assert len(sian.journal()) == 1


def test_what_the_core_refuses_for_good_goes_to_its_owner(stage: Stage):
    """F10: a business refusal is an answer: no second try, a person gets it with the code."""
    petra = stage.person("petra")
    petra.happens("payment_failed")
    link = petra.link()
    with petra.browser() as customer:
        choices = petra.prove(customer, link)
        with stage.core("reject", requests=1):
            petra.choose(customer, choices, PLAN)
            case = petra.case_when("handed_off")
        page = customer.get("/c/status")
    (handoff,) = case["handoffs"]
    assert (handoff["reason"], handoff["context"]["rejected"]) == ("writeback_failed", "refused")
    assert petra.journal() == []
    assert "Recorded" not in page.content.headings
    assert kinds(case).count("handed_off") == 1
