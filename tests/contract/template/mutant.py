"""A template with one thing wrong, and how to write one in a line."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.contract.template.stack import Rule, Stack
from tools.template.expansion import TEMPLATE, Json, source

Change = Callable[[Json], Any]
_ABSENT: Any = object()


@dataclass(frozen=True)
class Mutant:
    """What is changed in the template, and the rule that must notice."""

    rule: Rule
    what: str
    change: Change | None = None
    text: tuple[str, str] | None = None

    def apply(self) -> Stack:
        """Return the broken template."""
        if self.text:
            return Stack(text=TEMPLATE.read_text(encoding="utf-8").replace(*self.text))
        broken = source()
        if self.change:
            self.change(broken)
        return Stack(source=broken)


def at(document: Any, path: str) -> Any:
    """Walk along a path of keys and positions; a leading resource name means its properties."""
    for step in path.split("/"):
        if isinstance(document, list):
            document = document[int(step)]
        elif "Resources" in document and step in document["Resources"]:
            document = document["Resources"][step].setdefault("Properties", {})
        else:
            document = document[step]
    return document


def put(path: str, value: Any) -> Change:
    """Set what is at a path."""

    def change(document: Json) -> None:
        holder, _, last = path.rpartition("/")
        place = at(document, holder)
        place[int(last) if isinstance(place, list) else last] = value

    return change


def drop(path: str) -> Change:
    """Remove what is at a path."""

    def change(document: Json) -> None:
        holder, _, last = path.rpartition("/")
        place = at(document, holder)
        del place[int(last) if isinstance(place, list) else last]

    return change


def forget(name: str) -> Change:
    """Remove a resource."""
    return lambda document: document["Resources"].pop(name)


def of_resource(name: str, attribute: str, value: Any = _ABSENT) -> Change:
    """Set or remove an attribute of a resource beside its properties."""

    def change(document: Json) -> None:
        if value is _ABSENT:
            del document["Resources"][name][attribute]
        else:
            document["Resources"][name][attribute] = value

    return change


def statement(role: str, sid: str) -> Callable[[Json], Json]:
    """Find a policy statement by its Sid."""

    def found(document: Json) -> Json:
        (policy,) = at(document, f"{role}/Policies")
        return next(s for s in policy["PolicyDocument"]["Statement"] if s.get("Sid") == sid)

    return found


def allow(role: str, sid: str, **changes: Any) -> Change:
    """Change members of a policy statement; None removes one."""

    def change(document: Json) -> None:
        found = statement(role, sid)(document)
        for name, value in changes.items():
            if value is None:
                del found[name]
            else:
                found[name] = value

    return change
