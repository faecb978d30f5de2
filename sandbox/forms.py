"""Read a page as a customer's browser does: its forms, choices, links, headings, words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_SILENT = ("script", "style", "title")
_HEADINGS = ("h1", "h2")
_CHOOSABLE = ("radio", "checkbox")


@dataclass(slots=True)
class Form:
    """A form: what it would send if nobody touched it, and what may be chosen in it."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict[str, str])
    choices: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    buttons: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


@dataclass(slots=True)
class Content:
    """What is on a page."""

    forms: list[Form] = field(default_factory=list[Form])
    links: list[str] = field(default_factory=list[str])
    headings: list[str] = field(default_factory=list[str])
    text: str = ""


def read(html: str) -> Content:
    """Return the forms, links, headings and words of a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.content.text = " ".join(" ".join(reader.words).split())
    return reader.content


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.content = Content()
        self.words: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._silent = 0
        self._heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _SILENT:
            self._silent += 1
        elif tag in _HEADINGS:
            self._heading = []
        elif tag == "a" and "href" in given:
            self.content.links.append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").upper())
            self.content.forms.append(self._form)
        elif self._form is not None:
            self._control(self._form, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent -= 1
        elif tag in _HEADINGS and self._heading is not None:
            self.content.headings.append(" ".join("".join(self._heading).split()))
            self._heading = None
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
            if self._heading is not None:
                self._heading.append(data)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(value)
            if "selected" in given:
                form.fields[self._select] = value
        elif tag == "button" or (tag == "input" and kind == "submit"):
            if name:
                form.buttons.append((name, value))
        elif tag == "input" and kind in _CHOOSABLE:
            form.choices.setdefault(name, []).append(value or "on")
            if "checked" in given:
                form.fields[name] = value or "on"
        elif tag in ("input", "textarea") and name:
            form.fields[name] = value
