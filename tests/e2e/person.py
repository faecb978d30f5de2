"""One customer of the shared world: what happens to them at the core, and what they do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from sandbox.customer import Customer, StuckError, newest_code

if TYPE_CHECKING:
    from sandbox.customer import Page
    from tests.e2e.stage import Stage

Json = dict[str, Any]
PLAN = "instalment_plan"
_BUSY_S = 120


@dataclass
class Person:
    """A customer on the core's books, the first obligation of theirs, and their messages."""

    stage: Stage
    account: Json

    @property
    def id(self) -> str:
        """The customer's id at the core."""
        return self.account["customer_id"]

    @property
    def owes(self) -> Json:
        """The obligation that everything here is about."""
        return self.account["obligations"][0]

    @property
    def about(self) -> Json:
        """The fields by which events and writes name the obligation."""
        return {name: self.owes[name] for name in ("customer_id", "obligation_id", "cycle")}

    def failed(self, version: int = 2) -> Json:
        """What the core says when this payment has failed, to be published by hand."""
        told = ("amount_minor", "currency", "due_date", "product", "segment")
        names = ("locale", "country")
        return {
            "schema_version": 1,
            "version": version,
            **self.about,
            **{name: self.owes[name] for name in told},
            "failure_code": "insufficient_funds",
            **{name: self.account[name] for name in names},
        }

    def happens(self, fact: str, **more: object) -> str:
        """Something happens at the core, which announces it; return the event's id."""
        return self.stage.driver.happen(self.id, fact, **more)

    # --- what came of it ---------------------------------------------------------------------

    def messages(self) -> list[Json]:
        """Everything this person received, oldest first."""
        addresses = dict.fromkeys(self.account[name] for name in ("email", "phone", "whatsapp"))
        found = [m for to in addresses for m in self.stage.driver.ask("/sandbox/messages", to=to)]
        return sorted(found, key=lambda message: message["at"])

    def touches(self) -> list[Json]:
        """The messages that carry a link: everything but codes."""
        return [message for message in self.messages() if message["links"]]

    def link(self, channel: str = "email") -> str:
        """Wait for the message on a channel and return its link."""

        def come() -> str | None:
            found = [m["links"][0] for m in self.touches() if m["channel"] == channel]
            return found[0] if found else None

        return self.stage.until(f"the {channel} to {self.id}", come)

    def cases(self) -> list[Json]:
        """The person's cases, oldest first."""
        return self.stage.driver.ask("/sandbox/cases", customer=self.id)

    def case(self) -> Json:
        """The person's one case, as soon as there is one."""
        (found,) = self.stage.until(f"a case of {self.id}", self.cases)
        return found

    def case_when(self, *statuses: str) -> Json:
        """The case once it has one of the statuses; with the minute's sweep now and then."""

        def there() -> Json | None:
            case = self.case()
            return case if case["status"] in statuses else None

        return self.stage.until_swept(f"{self.id} {' or '.join(statuses)}", there)

    def case_with(self, kind: str) -> Json:
        """The case once its audit trail has an event of the kind."""
        return self.stage.until(
            f"{kind} in the case of {self.id}",
            lambda: next((c for c in self.cases() if kind in kinds(c)), None),
        )

    def journal(self) -> list[Json]:
        """What the core ever wrote down for this person."""
        found = self.stage.driver.ask("/sandbox/core/journal")
        return [line for line in found if line["customer_id"] == self.id]

    # --- what the person does ----------------------------------------------------------------

    def browser(self) -> Customer:
        """A browser of their own, to be closed: a context manager."""
        return Customer(self.stage.driver.url)

    def open(self, customer: Customer, link: str) -> Page:
        """Open a link with the gesture that it asks for."""
        landing = customer.get(link)
        return customer.submit(landing, landing.content.forms[0])

    def ask_code(self, customer: Customer, page: Page) -> tuple[Page, str]:
        """Ask for a code; return the page to type it into and the code that came."""
        known = {message["id"] for message in self.messages()}
        form = page.form("/code")
        if form is None:
            raise StuckError(f"nowhere to ask for a code: {page.content.text[:300]}")
        typing = customer.submit(page, form)
        return typing, newest_code(self.messages, known, _BUSY_S)

    def type_code(self, customer: Customer, page: Page, code: str) -> Page:
        """Type a code into the page that asks for it."""
        form = page.form("/verify")
        if form is None:
            raise StuckError(f"nowhere to type a code: {page.content.text[:300]}")
        return customer.submit(page, form, code=code)

    def prove(self, customer: Customer, link: str) -> Page:
        """Open a link and prove who one is; return the page with the choices."""
        return self.type_code(customer, *self.ask_code(customer, self.open(customer, link)))

    def choose(self, customer: Customer, page: Page, action: str = PLAN) -> Page:
        """Commit the first choice of an action; return the page that answers."""
        form = page.form(f"/act/{action}")
        if form is None:
            page = customer.get(urljoin(page.url, f"c/act/{action}"))
            form = page.form(f"/act/{action}")
        if form is None:
            raise StuckError(f"{page.status}: {action} is not offered: {page.content.text[:300]}")
        chosen = {name: values[0] for name, values in form.choices.items()}
        return customer.submit(page, form, **chosen, **dict(form.buttons[:1]))

    def agree(self, channel: str = "email") -> None:
        """Open the channel's link, prove who one is, agree the first plan, see it recorded."""
        link = self.link(channel)
        with self.browser() as customer:
            self.choose(customer, self.prove(customer, link))
            self.recorded(customer)

    def recorded(self, customer: Customer) -> Page:
        """Look at the status page until it says that the core has it."""

        def says_so() -> Page | None:
            page = customer.get("/c/status")
            return page if "Recorded" in page.content.headings else None

        return self.stage.until(f"{self.id}'s page that says recorded", says_so)


def kinds(case: Json) -> list[str]:
    """The kinds of a case's audit events, in order."""
    return [event["kind"] for event in case["events"]]
