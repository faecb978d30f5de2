"""The pages around an action: landing, proof of identity, progress, receipt, and every way out.

Until identity is proved, a page says nothing about the person or the matter: somebody else may be
holding the phone (T3, CONC 7.9.7R).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from closeloop.application import keys
from closeloop.application.pages import Field, Form, Page, Way
from closeloop.application.wording import Wording, known_locale
from closeloop.domain import identity
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Assurance, Channel
from closeloop.domain.instants import from_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.application.ports import Item, Keyring, Rendering, Table, Workflows
    from closeloop.application.visits import Visit, Visitor
    from closeloop.domain.case import Case

_SAID = {
    "code_wrong": "code.wrong",
    "code_void": "code.too_late",
    "no_address": "prove.no_address",
    "not_sent": "prove.not_sent",
}
_PLAIN = {
    CaseStatus.PAUSED: "paused",
    CaseStatus.SETTLED: "closed",
    CaseStatus.WITHDRAWN: "closed",
    CaseStatus.EXPIRED: "closed",
}


@dataclass(frozen=True, slots=True)
class StepPages:
    """Writes the pages. `firm` holds `firm_name` and `support_contact`."""

    table: Table
    workflows: Workflows
    rendering: Rendering
    keyring: Keyring
    firm: Mapping[str, str]

    def common(self, name: str) -> Page:
        """A page that is the same for every case and for none."""
        return self._common().page(name)

    def landing(self, link: str) -> Page:
        """The inert page behind a link: who is asking, and one button."""
        words = self._common()
        form = Form(f"c/{link}", words.text("landing.button"))
        return replace(words.page("landing"), forms=(form,))

    def expired(self, link: str) -> Page:
        """The page of a link that has run out: it can be renewed."""
        words = self._common()
        form = Form("c/renew", words.text("expired.button"), hidden={"link": link})
        return replace(words.page("expired"), forms=(form,))

    def renewed(self, link: str) -> Page:
        """The page after renewal: the same link opens again."""
        words = self._common()
        form = Form(f"c/{link}", words.text("landing.button"))
        return replace(words.page("renewed"), forms=(form,))

    def identify(self, visitor: Visitor, visit: Visit) -> Page:
        """Ask for the code that was sent, or offer to send one.

        To somebody who has proved something, only a code by another road is worth sending.
        """
        words = self.words(visitor.case)
        alert = self._alert(words, visit)
        page = (
            self._code_page(words, visitor)
            if visitor.session.challenge and visit.said != "not_sent"
            else self._prove_page(words, visitor)
        )
        person = Way("c/act/ask_for_person", words.text("prove.person"))
        back = Way("c", words.text("choose.other"))
        ways = (person, back) if _proved(visitor) else (person,)
        return replace(page, alert=alert, ways=ways)

    def status(self, visitor: Visitor) -> Page:
        """How the case stands: received, recorded with a receipt, or why there is nothing to do."""
        case, words = visitor.case, self.words(visitor.case)
        if case.status in _PLAIN:
            return words.page(_PLAIN[case.status])
        if case.status is CaseStatus.HANDED_OFF:
            return self._handed_off(words, visitor)
        if case.status is CaseStatus.RESOLVED:
            return self._receipt(words, visitor) if _proved(visitor) else words.page("closed")
        reference = words.text("received.reference", reference=_reference(case))
        page = words.page("received")
        return replace(
            page,
            waiting=True,
            paragraphs=(*page.paragraphs, reference, words.text("received.wait")),
            ways=(Way("c/status", words.text("received.again")),),
        )

    def words(self, case: Case) -> Wording:
        """The words of a case's own workflow."""
        document = self.workflows.pinned(case.bundle)
        return Wording(document, self.rendering, self.firm, known_locale(case.facts))

    def csrf(self, visitor: Visitor) -> str:
        """The token that the visitor's forms carry."""
        return visitor.ticket.csrf(self.keyring.session_key())

    def code_forms(
        self, words: Wording, visitor: Visitor, *, only_independent: bool, text: str = "prove.send"
    ) -> tuple[Form, ...]:
        """One form for each address of record that a code can go to, best first.

        Its button says `text` for the channel: `prove.send_sms`.
        """
        session = visitor.session
        channels = (Channel.SMS, Channel.EMAIL)
        offered = [
            channel
            for channel in channels
            if channel in session.hints
            and (not only_independent or channel.independent_of(session.channel))
        ]
        return tuple(
            Form(
                "c/code",
                words.text(f"{text}_{channel}", address=session.hints[channel]),
                hidden={"csrf": self.csrf(visitor), "channel": channel.value},
                secondary=at > 0,
            )
            for at, channel in enumerate(offered)
        )

    def _common(self) -> Wording:
        return Wording(self.workflows.common(), self.rendering, self.firm, "en_GB")

    def _alert(self, words: Wording, visit: Visit) -> str:
        key = _SAID.get(visit.said)
        if key == "code.wrong":
            left = visit.left
            return words.text("code.last_try") if left == 1 else words.text(key, tries_left=left)
        return words.text(key) if key else ""

    def _prove_page(self, words: Wording, visitor: Visitor) -> Page:
        forms = self.code_forms(words, visitor, only_independent=_proved(visitor))
        return replace(words.page("prove"), forms=forms)

    def _code_page(self, words: Wording, visitor: Visitor) -> Page:
        session = visitor.session
        minutes = int(identity.CODE_LIFE.total_seconds() // 60)
        page = words.page("code", address=session.sent_to or "", minutes=minutes)
        verify = Form(
            "c/verify",
            words.text("code.button"),
            hidden={"csrf": self.csrf(visitor), "challenge": session.challenge or ""},
            fields=(Field("code", words.text("code.label")),),
        )
        proved = _proved(visitor)
        again = self.code_forms(words, visitor, only_independent=proved, text="code.resend")
        return replace(page, forms=(verify, *(replace(form, secondary=True) for form in again)))

    def _handed_off(self, words: Wording, visitor: Visitor) -> Page:
        """Who answers and by when; which desk it is, only to somebody who has proved identity."""
        case = visitor.case
        handoff = case.handoff or {}
        due = from_text(handoff["due_at"]).date() if handoff else case.deadline_at.date()
        desks: Mapping[str, str] = words.document["owners"] if _proved(visitor) else {}
        owner = desks.get(handoff.get("owner", ""), words.text("handed_off.owner"))
        return words.page("handed_off", owner=owner, due_date=words.day(due))

    def _receipt(self, words: Wording, visitor: Visitor) -> Page:
        case = visitor.case
        (row,) = self.table.get(keys.submission(case.id, case.submission or ""))
        page = words.page("recorded")
        return replace(page, facts=_facts(words, case, row)) if row else page


def _proved(visitor: Visitor) -> bool:
    """Whether the visitor has proved more than having received a message."""
    return visitor.session.assurance is not Assurance.LINK


def _reference(case: Case) -> str:
    """What the customer can quote: the end of the submission's id."""
    return (case.submission or "")[:8].upper()


def _facts(words: Wording, case: Case, row: Item) -> tuple[tuple[str, str], ...]:
    recorded = words.day(from_text(row["ended_at"]).date()) if row.get("ended_at") else ""
    return (
        (words.text("receipt.title"), words.text("receipt.reference", reference=_reference(case))),
        (words.text("receipt.when"), words.text("receipt.recorded_at", recorded_at=recorded)),
        (words.text("receipt.agreed"), row["evidence"].get("agreement", {}).get("text", "")),
    )
