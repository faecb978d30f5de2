"""Asks a valid policy questions, to see that it fits the facts it is given and the blueprint.

The questions lie on either side of every number and word that the policy compares with.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import cedarpy

from closeloop.authoring.cedar_source import line_with
from closeloop.authoring.problems import Problem
from closeloop.domain.identity import Assurance, Channel
from closeloop.domain.policy import FACT_TYPES, Facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from closeloop.authoring.model import BlueprintFile
    from closeloop.authoring.policy_rules import PolicyFiles

_CEDAR = cast("Any", cedarpy)  # its dictionaries are untyped
_OTHER = {"currency": "XXX", "segment": "other", "country": "XX"}
Literals = dict[str, list[Any]]


def problems_of(files: PolicyFiles, blueprint: BlueprintFile) -> Iterator[Problem]:
    """What the policy and its schema do not agree upon with the facts and with the blueprint."""
    by_amount = questions(files.policy)
    for action in blueprint.actions:
        error = _refused_by_schema(files, action, by_amount[0][0])
        if error:
            yield _schema_problem(files, action, error)
            return
    for name, action in blueprint.actions.items():
        needs = (action.assurance, action.independent_above_minor)
        for message in _assurance(files.policy, name, *needs):
            yield Problem(files.policy_file, line_with(files.policy, f'"{name}"'), message)


@lru_cache(maxsize=8)
def questions(policy: str) -> list[list[Facts]]:
    """For each amount worth asking about, every mix of the other values compared with.

    The case is neither protected nor disputed, and the customer has shown a passkey.
    """
    literals = _literals(json.loads(cedarpy.policies_to_json_str(policy)), {})
    example = Facts(
        amount_minor=0,
        currency="",
        days_overdue=0,
        segment="",
        country="",
        disputed=False,
        protections=(),
        assurance=Assurance.PASSKEY,
        link_channel=Channel.EMAIL,
    )
    mixed: dict[str, list[Any]] = {"days_overdue": _sides(literals, "days_overdue", 0)}
    for name, other in _OTHER.items():
        mixed[name] = [*dict.fromkeys(literals.get(name, [])), other]
    mixes = [dict(zip(mixed, values, strict=True)) for values in itertools.product(*mixed.values())]
    return [
        [replace(example, amount_minor=amount, **mix) for mix in mixes]
        for amount in _sides(literals, "amount_minor", 1)
    ]


def _sides(literals: Literals, name: str, least: int) -> list[int]:
    """Each number that an attribute is compared with, and its neighbours."""
    numbers: list[int] = [least, *literals.get(name, [])]
    near = {each for number in numbers for each in (number - 1, number, number + 1)}
    return sorted(number for number in near if number >= least)


def _literals(node: object, found: Literals) -> Literals:
    """What a policy, as Cedar's JSON, compares each attribute of the context with."""
    if isinstance(node, list):
        for each in cast("list[object]", node):
            _literals(each, found)
    if isinstance(node, dict):
        inner = cast("dict[str, Any]", node)
        if {"left", "right"} <= inner.keys():
            _compared(inner, found)
        for each in inner.values():
            _literals(each, found)
    return found


def _compared(sides: dict[str, Any], found: Literals) -> None:
    for one, other in (("left", "right"), ("right", "left")):
        access = sides[one].get(".", {})
        if access.get("left") == {"Var": "context"}:
            found.setdefault(access["attr"], []).extend(_values(sides[other]))


def _values(node: dict[str, Any]) -> list[Any]:
    if "Value" in node:
        return [node["Value"]]
    return [value for each in node.get("Set", []) for value in _values(each)]


def _refused_by_schema(files: PolicyFiles, action: str, facts: Facts) -> str | None:
    """What the schema has against the facts that the running system gives."""
    result = _CEDAR.is_authorized(_request(action, facts), files.policy, [], files.schema)
    return result.diagnostics.errors[0] if result.diagnostics.errors else None


def _schema_problem(files: PolicyFiles, action: str, error: str) -> Problem:
    if "does not exist in the supplied schema" in error:
        message = f"the action `{action}` is missing: add it"
        return Problem(files.schema_file, line_with(files.schema, "action"), message)
    given = ", ".join(f"{name}: {kind}" for name, kind in FACT_TYPES.items())
    message = f"the context must be exactly the facts that are given: {given}"
    return Problem(files.schema_file, line_with(files.schema, "context", "type"), message)


@lru_cache(maxsize=64)
def _assurance(
    policy: str, name: str, asked: Assurance, independent_above: int | None
) -> tuple[str, ...]:
    """Where the policy lets through with less proof than the blueprint says, or never at all."""
    policies = cedarpy.PolicySet.from_str(policy)
    firsts = (
        next((facts for facts in mixes if _allows(policies, name, facts)), None)
        for mixes in questions(policy)
    )
    examples = [facts for facts in firsts if facts]
    if not examples:
        return (f"nobody could ever do `{name}`: some forbid always applies",)
    least: set[Assurance] = set()
    for facts in examples:
        tried = (replace(facts, assurance=level) for level in Assurance)
        lowest = next(each.assurance for each in tried if _allows(policies, name, each))
        least.add(lowest)
        above = independent_above is not None and facts.amount_minor > independent_above
        needed = Assurance.CODE_INDEPENDENT_CHANNEL if above else asked
        if not lowest.meets(needed):
            found = f"`{name}` is allowed at assurance {lowest} for {facts.amount_minor}"
            return (f"{found}, and the blueprint asks for {needed}: forbid what is below it",)
    if asked in least:
        return ()
    weakest = min(least, key=lambda level: level.level)
    never = f"`{name}` is never allowed at assurance {asked}, which the blueprint says is enough"
    return (f"{never}: {weakest} is the least",)


def _allows(policies: cedarpy.PolicySet, action: str, facts: Facts) -> bool:
    return _CEDAR.is_authorized(_request(action, facts), policies, []).allowed


def _request(action: str, facts: Facts) -> dict[str, Any]:
    return {
        "principal": 'Customer::"anybody"',
        "action": f'Action::"{action}"',
        "resource": 'Case::"any"',
        "context": facts.attributes(),
    }
