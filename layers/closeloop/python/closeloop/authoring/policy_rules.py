"""Checks a Cedar policy: that it is valid, that it refuses by name, that it fits the blueprint."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import cedarpy

from closeloop.authoring.cedar_source import Statement, line_with, statements
from closeloop.authoring.problems import Problem, one_of
from closeloop.authoring.text_files import read_text
from closeloop.domain.blueprint import Reason
from closeloop.domain.policy import FACT_TYPES, MORE_PROOF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_QUOTED = re.compile(r"`(?:Action::)?\"?([^`\"]+)\"?`")
_WHERE = re.compile(r"^for policy `policy\d+`, ")
# Said of every policy whose action is unknown, after that has been said.
_FOLLOWS = "unable to find an applicable action"
_REASONS = (*tuple(Reason)[:9], MORE_PROOF)


@dataclass(frozen=True, slots=True)
class PolicyFiles:
    """A workflow's policy and its schema, as text; names are relative to the workflows' folder."""

    policy: str
    policy_file: str
    schema: str
    schema_file: str

    @classmethod
    def of(cls, folder: Path, problems: list[Problem]) -> PolicyFiles | None:
        """Read both files; None, with the problems added, if one is missing."""
        names = [f"{folder.name}/policy.cedar", f"{folder.name}/policy.cedarschema"]
        texts = [read_text(folder.parent / name, name, problems) for name in names]
        policy, schema = texts
        if policy is None or schema is None:
            return None
        return cls(policy, names[0], schema, names[1])


def problems_of(files: PolicyFiles, actions: list[str]) -> list[Problem]:
    """Everything wrong with the policy; an invalid one is not looked at any further."""
    found = list(_invalid_schema(files))
    found = found or list(_invalid(files))
    return found or [*_unnamed(files), *_permits(files, actions)]


def rules(policy: str) -> dict[str, str]:
    """The ids of a valid policy's rules against something, with where a case goes for each."""
    return {
        rule["annotations"]["id"]: rule["annotations"]["reason"]
        for rule in _rules(policy)
        if rule["effect"] == "forbid"
    }


def _invalid_schema(files: PolicyFiles) -> Iterator[Problem]:
    try:
        cedarpy.Schema.from_str(files.schema)
    except ValueError as error:
        words = _first_line(str(error))
        line = line_with(files.schema, *_QUOTED.findall(words), words.rsplit(" ", 1)[-1])
        yield Problem(files.schema_file, line, f"this is no Cedar schema: {words}")


def _invalid(files: PolicyFiles) -> Iterator[Problem]:
    """What Cedar says against the policy, with the line that Cedar does not say."""
    parts = statements(files.policy)
    try:
        cedarpy.policies_to_json_str(files.policy)
    except ValueError as error:
        broken = next((part for part in parts if not _parses(part.text)), parts[0])
        words = _first_line(str(error))
        line = broken.line_of(words.rsplit(" ", 1)[-1])
        yield Problem(files.policy_file, line, f"this is not Cedar: {words}")
        return
    for slot in ("?principal", "?resource"):
        if slot in files.policy:
            message = "no templates here: name what the rule is about"
            yield Problem(files.policy_file, line_with(files.policy, slot), message)
            return
    result = cast("Any", cedarpy).validate_policies(files.policy, files.schema)
    for error in result.errors:
        if not error.policy_id:
            yield Problem(files.schema_file, 1, f"this is no Cedar schema: {error.error}")
        elif _FOLLOWS not in error.error:
            part = parts[int(error.policy_id.removeprefix("policy"))]
            line, message = _explained(part, _WHERE.sub("", _first_line(error.error)))
            yield Problem(files.policy_file, line, message)


def _explained(part: Statement, words: str) -> tuple[int, str]:
    """The line that Cedar means, and what to write there."""
    name = next(iter(_QUOTED.findall(words)), "")
    line = part.line_of(name, "when", "unless")
    if words.startswith("attribute"):
        return line, f"there is no fact `{name}`: use {one_of(FACT_TYPES)}"
    if words.startswith("unrecognized action"):
        return line, f"the action `{name}` is not in the schema: add it there, or correct it here"
    return line, f"Cedar refuses this: {words}"


def _unnamed(files: PolicyFiles) -> Iterator[Problem]:
    """A handoff names the rule that refused, so each forbid has an id of its own, and a reason."""
    seen: dict[str, int] = {}
    for part, rule in zip(statements(files.policy), _rules(files.policy), strict=True):
        if rule["effect"] != "forbid":
            continue
        notes = rule.get("annotations", {})
        line = part.line_of("forbid")
        if not notes.get("id"):
            yield Problem(files.policy_file, line, 'this forbid has no name: add @id("…")')
        elif notes["id"] in seen:
            message = f"the id `{notes['id']}` is taken in line {seen[notes['id']]}: choose another"
            yield Problem(files.policy_file, part.line_of("@id"), message)
        seen.setdefault(notes.get("id", ""), part.line_of("@id"))
        if notes.get("reason") not in _REASONS:
            message = f"this forbid needs @reason: write {one_of(_REASONS)}"
            yield Problem(files.policy_file, part.line_of("@reason", "forbid"), message)


def _permits(files: PolicyFiles, actions: list[str]) -> Iterator[Problem]:
    """A permit with conditions refuses without a name; without a permit, so does everything."""
    permitted: set[str] = set()
    for part, rule in zip(statements(files.policy), _rules(files.policy), strict=True):
        if rule["effect"] != "permit":
            continue
        if (
            rule["conditions"]
            or rule["principal"]["op"] != "All"
            or rule["resource"]["op"] != "All"
        ):
            message = (
                "a permit with conditions refuses without a name: permit always, and write the"
                " opposite as a forbid with @id"
            )
            yield Problem(files.policy_file, part.line_of("permit"), message)
        permitted |= _actions_of(rule["action"], actions)
    for name in actions:
        if name not in permitted:
            message = f"nothing permits `{name}`: add a permit for it"
            yield Problem(files.policy_file, 1, message)


def _actions_of(scope: dict[str, Any], actions: list[str]) -> set[str]:
    if scope["op"] == "All":
        return set(actions)
    entities = scope.get("entities") or [scope["entity"]]
    return {entity["id"] for entity in entities}


def _rules(policy: str) -> list[dict[str, Any]]:
    """The rules of a valid policy as Cedar understands them, in the order of the text."""
    static: dict[str, Any] = json.loads(cedarpy.policies_to_json_str(policy))["staticPolicies"]
    return [static[name] for name in sorted(static, key=lambda name: int(name[len("policy") :]))]


def _parses(text: str) -> bool:
    try:
        cedarpy.policies_to_json_str(text)
    except ValueError:
        return False
    return True


def _first_line(words: str) -> str:
    return words.strip().splitlines()[0]
