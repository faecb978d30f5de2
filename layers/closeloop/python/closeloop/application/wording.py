"""The words of a page, from the workflow a case is pinned to, with what every text may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from closeloop.application.pages import Page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from closeloop.application.ports import Rendering
    from closeloop.domain.money import Money


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of one workflow in one locale. `firm` holds `firm_name` and `support_contact`."""

    document: Mapping[str, Any]
    rendering: Rendering
    firm: Mapping[str, str]
    locale: str

    def text(self, name: str, **variables: Any) -> str:  # noqa: ANN401 - texts take any plain value
        """Render one text."""
        return self.rendering.text(self.document, name, {**self.firm, **variables})

    def has(self, name: str) -> bool:
        """Whether the workflow has such a text."""
        return name in self.document["pages"]

    def page(self, name: str, **variables: Any) -> Page:  # noqa: ANN401
        """Return the plain page `name`: title, intro, and help where it has one."""
        helps = f"{name}.help"
        return Page(
            name=name,
            title=self.text(f"{name}.title", **variables),
            paragraphs=(self.text(f"{name}.intro", **variables),),
            help=self.text(helps, **variables) if self.has(helps) else "",
        )

    def money(self, amount: Money) -> str:
        """Write an amount as the customer's locale does."""
        return self.rendering.money(amount, self.locale)

    def day(self, day: date) -> str:
        """Write a date as the customer's locale does."""
        return self.rendering.day(day, self.locale)


def known_locale(facts: Mapping[str, Any]) -> str:
    """The locale of a case's customer as the trigger stated it."""
    return str(facts.get("locale") or "en-GB").replace("-", "_")
