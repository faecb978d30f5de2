"""What a page says and asks, without a word of HTML: one layout shows them all.

Texts come from the workflow folder the case is pinned to, and are escaped where they are shown.
Paths are relative to the mini-app's root, so that any domain or stage may stand before them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field; `text` is what choosing it means, in full."""

    value: str
    label: str
    text: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """Something to fill in: a choice when it has options, else a one-time code."""

    name: str
    label: str
    options: tuple[Option, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One thing the customer can do here. `hidden` goes back as it came; `weight` is its rank."""

    action: str
    button: str
    hidden: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: tuple[Field, ...] = ()
    title: str = ""
    intro: str = ""
    secondary: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A link to another step."""

    href: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page. `alert` is said first; `waiting` pages look again by themselves."""

    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    alert: str = ""
    forms: tuple[Form, ...] = ()
    ways: tuple[Way, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    help: str = ""
    waiting: bool = False
