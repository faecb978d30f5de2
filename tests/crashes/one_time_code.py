"""`one_time_code` dies; the customer asks for another code, or sends the form again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from closeloop.application.ports import TemporarilyUnavailable
from closeloop.domain.identity import CODES_PER_LINK, Channel
from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import acting, code_sent, landed
from tests.fakes.customer import Customer

if TYPE_CHECKING:
    from closeloop.application.pages import Form
    from closeloop.application.visits import View
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


def posted(scene: Scene, firm: Firm, form: Form, **typed: str) -> View:
    """Send a form; what comes back to the browser is all that the customer learns."""
    customer = scene.customer
    assert customer is not None
    visit = customer._visit("POST", form.action, {**form.hidden, **typed})
    view = firm.one_time_code(visit)
    if view.status == 503:
        raise TemporarilyUnavailable
    if view.ticket:
        customer.cookie = view.ticket.cookie(firm.keyring.session_key(), firm.clock.now())
    return view


def _by_sms(form: Form) -> bool:
    return form.hidden.get("channel") == "sms"


def ask(scene: Scene, firm: Firm) -> View:
    assert scene.customer is not None
    return posted(scene, firm, next(each for each in scene.customer.page.forms if _by_sms(each)))


def verify(scene: Scene, firm: Firm) -> View:
    assert scene.customer is not None
    form = scene.customer.form("c/verify")
    return posted(scene, firm, form, code=scene.customer.code(Channel.SMS))


def the_newest_code_is_right(scene: Scene) -> None:
    """A code may be spent unsent; none is sent twice, and the one that arrives last opens."""
    (link,) = [row for row in scene.rows if row["sk"].startswith("LINK#")]
    codes = [row for row in scene.rows if row["sk"].startswith("CHALLENGE#")]
    assert link["codes"] == len(codes) <= CODES_PER_LINK
    assert len(scene.firm.senders[Channel.SMS].outbox) <= len(codes)
    with acting(scene) as customer:
        customer.get("c")
        if not scene.firm.senders[Channel.SMS].outbox:  # in doubt, and it never came
            customer.submit(next(each for each in customer.page.forms if _by_sms(each)))
        customer.submit(customer.form("c/verify"), code=customer.code(Channel.SMS))
        assert customer.page.name == "choose"


def proved_once_or_begun_again(scene: Scene) -> None:
    """A right code opens one session. If its cookie was lost, the link leads there once more."""
    proved = [row for row in scene.rows if row.get("proved_by")]
    assert len(proved) == 1
    assert not [row for row in scene.rows if row["pk"].startswith("NUMBER#")], "no wrong code"
    with acting(scene) as customer:
        lost = customer.get("c").status == 401
    if lost:
        scene.customer = Customer(scene.firm)
        with acting(scene) as customer:
            customer.open(customer.link(Channel.EMAIL))
            customer.prove()
    assert scene.customer is not None
    assert scene.customer.page.name == "choose"


class OneTimeCodeCrashes:
    def test_a_code_that_dies_anywhere_is_sent_once_at_most_and_the_next_one_opens_f31_r11(
        self, place: Place
    ):
        every_death(landed(), ask, the_newest_code_is_right, place)

    def test_a_right_code_whose_check_dies_anywhere_opens_one_session_f07(self, place: Place):
        every_death(code_sent(), verify, proved_once_or_begun_again, place)


class OneTimeCodeDies:
    def test_a_code_that_was_throttled_or_lost_a_reply_is_asked_for_again_f17(self, place: Place):
        every_lost_answer(landed(), ask, the_newest_code_is_right, place)

    def test_a_check_that_was_throttled_or_lost_a_reply_opens_one_session_f17(self, place: Place):
        every_lost_answer(code_sent(), verify, proved_once_or_begun_again, place)

    def test_a_code_that_dies_twice_leaves_a_third_that_opens_f31(self, place: Place):
        two_deaths(landed(), ask, the_newest_code_is_right, place, lives=80)

    def test_a_check_that_dies_twice_opens_one_session_f07(self, place: Place):
        two_deaths(code_sent(), verify, proved_once_or_begun_again, place, lives=80)
