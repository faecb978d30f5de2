"""The template as rules look at it: as written and as deployed, with its references resolved."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tools.template.expansion import TEMPLATE, Json, expand, source

Rule = Callable[["Stack"], Iterable[str]]
RULES: list[Rule] = []


def rule(check: Rule) -> Rule:
    """Register a house rule: it yields one sentence for each thing that is wrong."""
    RULES.append(check)
    return check


@dataclass(frozen=True)
class Stack:
    """One template. `text` is the file itself, for rules about its shape."""

    source: Json = field(default_factory=source)
    text: str = field(default_factory=lambda: TEMPLATE.read_text(encoding="utf-8"))

    @cached_property
    def expanded(self) -> Json:
        """What is deployed."""
        return expand(self.source)

    @property
    def resources(self) -> Mapping[str, Json]:
        """Every deployed resource by its logical id."""
        return self.expanded["Resources"]

    def of(self, kind: str) -> Iterator[tuple[str, Json]]:
        """Name and properties of the deployed resources of a type (without `AWS::`)."""
        for name, resource in self.resources.items():
            if resource["Type"] == f"AWS::{kind}":
                yield name, resource.get("Properties", {})

    def properties(self, name: str) -> Json:
        """The properties of one resource."""
        return self.resources[name].get("Properties", {})

    def functions(self) -> dict[str, Json]:
        """Functions by the folder of their code, as written."""
        return {
            resource["Properties"]["CodeUri"].removeprefix("functions/"): resource["Properties"]
            for resource in self.source["Resources"].values()
            if resource["Type"] == "AWS::Serverless::Function"
        }

    def role_of(self, folder: str) -> str:
        """The logical id of a function's role."""
        return target(self.functions()[folder]["Role"])

    def statements(self, role: str) -> Iterator[Json]:
        """The policy statements written into a role."""
        for policy in self.properties(role).get("Policies", []):
            yield from policy["PolicyDocument"]["Statement"]

    def number(self, value: Any) -> int:
        """A number, or the default of the parameter that it refers to."""
        if isinstance(value, Mapping):
            value = self.source["Parameters"][target(value)]["Default"]
        return int(value)


def target(value: Any) -> str:
    """The logical id that a Ref or GetAtt names; the text itself if it is text."""
    if isinstance(value, Mapping):
        if "Ref" in value:
            return str(value["Ref"])
        if "Fn::GetAtt" in value:
            path = value["Fn::GetAtt"]
            return path[0] if isinstance(path, list) else path.split(".")[0]
        if "Fn::Sub" in value:
            return target(value["Fn::Sub"])
    return value[0] if isinstance(value, list) else str(value)


def listed(value: Any) -> list[Any]:
    """A policy's value as a list, whether it was written as one or not."""
    return value if isinstance(value, list) else [value]


def named(name: str) -> str:
    """`open_case` as logical ids spell it: OpenCase."""
    return "".join(part.capitalize() for part in name.split("_"))
