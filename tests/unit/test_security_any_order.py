"""Whatever is done in whatever order, nobody submits without the proof that policy asks (T11).

Two browsers on one link press, replay and mix whatever any page ever offered to either of them.
Beside them a model keeps account of what each has truly proved: a right code, in time, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from closeloop.application import case_file
from closeloop.application.visits import Visit
from closeloop.domain.case import CaseStatus
from closeloop.domain.evidence import Head, Verified, verify
from closeloop.domain.identity import Assurance, Channel
from tests.fakes.customer import Customer
from tests.fakes.firm import Firm
from tests.fakes.intruder import DEBT, ask, links, post, rows, touched, words_on

if TYPE_CHECKING:
    from closeloop.application.pages import Form

# Above the limit of an independent code, so that each level of proof opens something.
AMOUNT = 60000
NEEDS = {
    "instalment_plan": Assurance.CODE_INDEPENDENT_CHANNEL,
    "promise_to_pay": Assurance.CODE_INDEPENDENT_CHANNEL,
    "dispute": Assurance.CODE_SAME_CHANNEL,
    "ask_for_person": Assurance.LINK,
}
PROVES = {
    Channel.SMS: Assurance.CODE_SAME_CHANNEL,
    Channel.EMAIL: Assurance.CODE_INDEPENDENT_CHANNEL,
}
PATHS = st.sampled_from(
    ["c", "c?said=code_sent", "c/status", *(f"c/act/{action}" for action in NEEDS)]
)
BROWSERS = st.integers(0, 1)
STARTS = st.sampled_from([None, Assurance.LINK, *PROVES])


@dataclass
class Browser(Customer):
    """A customer's browser, and what its session has truly proved."""

    proved: Assurance | None = None
    right: str = ""
    code_by: Channel = Channel.SMS
    replaced: list[str] = field(default_factory=list)


class AnyOrder(RuleBasedStateMachine):
    @initialize(starts=st.tuples(STARTS, STARTS))
    def begin(self, starts: tuple[Channel | Assurance | None, ...]) -> None:
        """The two begin apart: outside, inside, or having proved something already."""
        self.firm = Firm()
        self.case_id = touched(self.firm, 2, amount_minor=AMOUNT)
        (self.link,) = links(self.firm, Channel.SMS)
        self.browsers = [Browser(self.firm), Browser(self.firm)]
        self.forms: list[Form] = []
        self.submitters: list[Assurance | None] = []
        for who, start in enumerate(starts):
            if start is not None:
                self.open(who)
            if isinstance(start, Channel):
                self.prove(who, start, slip=False)

    def shown(self, browser: Browser) -> None:
        """Keep every form that was ever offered, and hold pages to what was proved."""
        view = browser.views[-1]
        if view.page is None:
            return
        self.forms.extend(form for form in view.page.forms if form not in self.forms)
        if browser.proved in {None, Assurance.LINK}:
            assert "600.00" not in words_on(view)
            assert not [word for word in DEBT if word in words_on(view)]

    @rule(who=BROWSERS)
    def open(self, who: int) -> None:
        browser = self.browsers[who]
        browser.open(self.link)
        if browser.status == 200:
            browser.proved = Assurance.LINK
        self.shown(browser)

    @rule(who=BROWSERS, path=PATHS)
    def look(self, who: int, path: str) -> None:
        browser = self.browsers[who]
        browser.get(path)
        self.shown(browser)

    @rule(who=BROWSERS, channel=st.sampled_from(list(PROVES)))
    def ask_for_code(self, who: int, channel: Channel) -> None:
        browser = self.browsers[who]
        offered = [form for form in self.offered(browser) if form.action == "c/code"]
        if not offered:
            return
        before = len(self.firm.senders[channel].outbox)
        browser.submit(replace(offered[0], hidden={**offered[0].hidden, "channel": channel.value}))
        if len(self.firm.senders[channel].outbox) > before:
            browser.right, browser.code_by = browser.newest(channel, r"\b(\d{6})\b"), channel
        self.shown(browser)

    @rule(who=BROWSERS, right=st.booleans())
    def type_code(self, who: int, *, right: bool) -> None:
        browser = self.browsers[who]
        offered = [form for form in self.offered(browser) if form.action == "c/verify"]
        if not offered:
            return
        before = browser.cookie
        browser.submit(offered[0], code=browser.right if right else "000000")
        if browser.cookie.split(".")[1:2] != before.split(".")[1:2]:
            assert right or browser.right == "000000"
            browser.proved = PROVES[browser.code_by]
            browser.replaced.append(before)
        self.shown(browser)

    @rule(who=BROWSERS, channel=st.sampled_from(list(PROVES)), slip=st.booleans())
    def prove(self, who: int, channel: Channel, *, slip: bool) -> None:
        """What customers do: ask, and type what arrives, if not at the first go."""
        self.look(who, "c?said=not_sent")
        self.ask_for_code(who, channel)
        if slip:
            self.type_code(who, right=False)
        self.type_code(who, right=True)

    @rule(who=BROWSERS, action=st.sampled_from(["instalment_plan", "promise_to_pay"]))
    def agree(self, who: int, action: str) -> None:
        self.act(who, action)

    @rule(who=BROWSERS, action=st.sampled_from([each for each in NEEDS if "person" not in each]))
    def act(self, who: int, action: str) -> None:
        """What customers do: choose an action and commit to the first thing that it offers."""
        browser = self.browsers[who]
        self.look(who, f"c/act/{action}")
        for form in self.offered(browser):
            if form.fields and form.fields[0].options:
                self.submit(browser, form, form.action, form.fields[0].options[0].value)

    @precondition(lambda self: self.forms)
    @rule(who=BROWSERS, data=st.data())
    def press_any_button_ever_seen(self, who: int, data: st.DataObject) -> None:
        """A form of any page and either browser, under its token or one's own, sent anywhere."""
        browser = self.browsers[who]
        form = data.draw(st.sampled_from(self.forms))
        own = [each.hidden["csrf"] for each in self.offered(browser) if "csrf" in each.hidden]
        if own and data.draw(st.booleans()):
            form = replace(form, hidden={**form.hidden, "csrf": own[0]})
        options = [
            option.value for each in self.forms for field in each.fields for option in field.options
        ]
        choice = data.draw(st.sampled_from(options or [""]))
        actions = [form.action, *(f"c/act/{action}" for action in sorted(NEEDS))]
        self.submit(browser, form, data.draw(st.sampled_from(actions)), choice)

    @rule(who=BROWSERS)
    def go_back_to_a_session_that_was_replaced(self, who: int) -> None:
        """T8: a cookie from before a code was right is dead ever after."""
        for cookie in self.browsers[who].replaced:
            assert ask(self.firm, Visit("GET", "/c", cookie=cookie)).status == 401

    @rule(seconds=st.sampled_from([1, 90, 299, 301]))
    def wait(self, seconds: int) -> None:
        self.firm.clock.advance(seconds=seconds)

    def submit(self, browser: Browser, form: Form, action: str, choice: str) -> None:
        if not action.startswith("c/act/"):
            return
        before = len(self.submissions())
        name = action.removeprefix("c/act/")
        fields = {**form.hidden, "choice": choice}
        ask(self.firm, post("/c/act/{action}", fields, browser.cookie, action=name))
        if len(self.submissions()) > before:
            self.submitters.append(browser.proved)

    def offered(self, browser: Browser) -> list[Form]:
        page = browser.views[-1].page if browser.views else None
        return list(page.forms) if page else []

    def submissions(self) -> list[dict[str, Any]]:
        return [row for key, row in rows(self.firm).items() if key.sk.startswith("SUBMISSION#")]

    @invariant()
    def no_submission_without_the_proof_that_policy_asks_and_at_most_one(self) -> None:
        found = self.submissions()
        assert len(found) == len(self.submitters) <= 1
        for row, truly in zip(found, self.submitters, strict=True):
            stated = Assurance(row["evidence"]["assurance"])
            assert stated.meets(NEEDS[row["action"]])
            assert truly is stated

    @invariant()
    def messages_and_history_stay_within_their_bounds(self) -> None:
        case = case_file.load(self.firm.table, self.case_id)
        assert case is not None
        assert case.status in {CaseStatus.OPEN, CaseStatus.SUBMITTED}
        events = self.firm.table.query(f"CASE#{self.case_id}", "EVENT#")
        assert verify(self.case_id, events, Head(case.seq, case.head)) == Verified(case.seq)
        sent = [len(self.firm.senders[channel].outbox) for channel in Channel]
        assert sum(sent) <= 1 + 3  # the touch, and three codes for its link


def test_in_any_order_nobody_submits_without_proof_and_nobody_twice():
    """T11, ASVS 2.3.1."""
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(max_examples=60, stateful_step_count=30, deadline=None),
    )
