"""What the parts of a blueprint must know of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from closeloop.authoring.durations import seconds
from closeloop.authoring.problems import Problem, one_of
from closeloop.authoring.text_files import read_json
from closeloop.authoring.vocabulary import ACTIONS, AGREED
from closeloop.domain.blueprint import Reason
from closeloop.domain.identity import Assurance, Channel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from closeloop.authoring.folder import Shared
    from closeloop.authoring.model import Action, BlueprintFile
    from closeloop.authoring.yaml_source import Source

_NAMED_REASONS = tuple(Reason)[:9]
_KEY_PARTS = 3
_TOUCHES_WITHOUT_REASON = 2
_CAP_WINDOW_S = seconds("7d")
_OFFERS = {
    "instalment_plan": ("counts", "min_instalment_minor", "interval", "first_within_days"),
    "promise_to_pay": ("promise_within_days",),
}


def problems_of(blueprint: BlueprintFile, source: Source, shared: Shared) -> Iterator[Problem]:
    """Everything in the blueprint that does not fit the rest of it, or what it refers to."""
    folder = source.file.partition("/")[0]
    if blueprint.workflow != folder:
        message = f"`workflow` must be the folder's name: write {folder}"
        yield source.problem(message, "workflow")
    yield from _trigger(blueprint, source, shared.project)
    for name, action in blueprint.actions.items():
        yield from _action(blueprint, source, name, action)
    yield from _evidence(blueprint, source)
    yield from _writeback(blueprint, source, shared)
    yield from _exceptions(blueprint, source, shared)
    yield from _touches(blueprint, source)
    yield from _codes(blueprint, source)


def _trigger(blueprint: BlueprintFile, source: Source, project: Path) -> Iterator[Problem]:
    trigger = blueprint.trigger
    path = project / trigger.schema_
    if not path.is_file():
        yield source.problem(f"`{trigger.schema_}` does not exist: add it", "trigger", "schema")
        return
    if path.stem != trigger.detail_type:
        message = f"the schema is that of {path.stem}: name the one of {trigger.detail_type}"
        yield source.problem(message, "trigger", "schema")
    found: list[Problem] = []
    schema = read_json(path, trigger.schema_, found)
    yield from found
    if schema is None:
        return
    required: list[str] = schema.get("required", [])
    for at, field in enumerate(trigger.obligation_key):
        if field not in required:
            message = f"`{field}` is not a required field of the trigger: write {one_of(required)}"
            yield source.problem(message, "trigger", "obligation_key", at)
    if len(trigger.obligation_key) != _KEY_PARTS:
        message = "name three fields: the customer's, the obligation's and the cycle's"
        yield source.problem(message, "trigger", "obligation_key")


def _action(
    blueprint: BlueprintFile, source: Source, name: str, action: Action
) -> Iterator[Problem]:
    here = ("actions", name)
    if name not in ACTIONS:
        yield source.problem(f"the action `{name}` is not known: write {one_of(ACTIONS)}", *here)
        return
    given = action.offers.model_dump(exclude_defaults=True) if action.offers else {}
    wanted = _OFFERS.get(name, ())
    for field in wanted:
        if field not in given:
            yield source.problem(f"`offers.{field}` is missing: add it", *here, "offers")
    for field in given:
        if field not in wanted:
            message = f"`offers.{field}` means nothing for {name}: remove it"
            yield source.problem(message, *here, "offers", field)
    if name not in AGREED and not action.hands_off:
        yield source.problem("`hands_off` is missing: say which reason it has", *here)
    if name not in AGREED and "reason" not in action.inputs:
        yield source.problem("`inputs.reason` is missing: list what can be chosen", *here)
    if action.independent_above_minor and not set(blueprint.codes) >= {Channel.SMS, Channel.EMAIL}:
        message = "an independent code needs two roads: `codes` must have sms and email"
        yield source.problem(message, *here, "independent_above_minor")


def _evidence(blueprint: BlueprintFile, source: Source) -> Iterator[Problem]:
    yield from _same_actions(blueprint, source, ("evidence",), set(blueprint.evidence))
    for name, kinds in blueprint.evidence.items():
        if name in AGREED and "agreement" not in kinds:
            message = f"`{name}` is agreed to, so its evidence needs `agreement`: add it"
            yield source.problem(message, "evidence", name)
        if name in ACTIONS and name not in AGREED and "agreement" in kinds:
            message = f"`{name}` shows no agreement to keep: remove `agreement`"
            yield source.problem(message, "evidence", name)


def _writeback(blueprint: BlueprintFile, source: Source, shared: Shared) -> Iterator[Problem]:
    writeback = blueprint.writeback
    here = ("writeback", "operations")
    yield from _same_actions(blueprint, source, here, set(writeback.operations))
    connector = shared.connectors.get(writeback.system)
    if connector is None:
        if (shared.root / "connectors" / f"{writeback.system}.yaml").is_file():
            return  # what is wrong with that file is said there
        known = one_of(shared.connectors)
        message = f"the system `{writeback.system}` has no file in connectors/: write {known}"
        yield source.problem(message, "writeback", "system")
        return
    for name, target in writeback.operations.items():
        operation = connector.operations.get(target.operation)
        if operation is None:
            known = one_of(connector.operations)
            message = f"{writeback.system} has no operation `{target.operation}`: write {known}"
            yield source.problem(message, *here, name, "operation")
            continue
        for field, effect in target.read_back.items():
            if effect not in operation.effect:
                known = one_of(operation.effect)
                message = f"`{effect}` is not in the effect of {target.operation}: write {known}"
                yield source.problem(message, *here, name, "read_back", field)


def _exceptions(blueprint: BlueprintFile, source: Source, shared: Shared) -> Iterator[Problem]:
    for reason in _NAMED_REASONS:
        if reason not in blueprint.exceptions:
            message = f"`exceptions.{reason}` is missing: say who takes such a case"
            yield source.problem(message, "exceptions")
    for reason, rule in blueprint.exceptions.items():
        if reason not in _NAMED_REASONS:
            message = f"the reason `{reason}` is not known: write {one_of(_NAMED_REASONS)}"
            yield source.problem(message, "exceptions", reason)
        wrong = shared.owner_problem(rule.owner)
        if wrong:
            yield source.problem(wrong, "exceptions", reason, "owner")


def _touches(blueprint: BlueprintFile, source: Source) -> Iterator[Problem]:
    touches, count = blueprint.touches, len(blueprint.touches)
    for at, touch in enumerate(touches):
        if (touch.wait == "rest") != (at == count - 1):
            message = "the last touch, and no other, waits for the `rest` of the deadline"
            yield source.problem(message, "touches", at, "wait")
    waits = sum(seconds(touch.wait) for touch in touches if touch.wait != "rest")
    if waits >= seconds(blueprint.deadline):
        message = "the touches wait until after the deadline: make it later, or the waits shorter"
        yield source.problem(message, "deadline")
    if count > _TOUCHES_WITHOUT_REASON and not blueprint.touches_reason:
        message = f"{count} touches are more than two: give the reason in `touches_reason`"
        yield source.problem(message, "touches")
    cap = blueprint.cap_per_person
    if cap.touches < count:
        message = f"the cap is lower than the {count} touches planned: drop touches or raise it"
        yield source.problem(message, "cap_per_person", "touches")
    if seconds(cap.per) != _CAP_WINDOW_S:
        message = "contacts are counted over seven days: write `per: 7d`"
        yield source.problem(message, "cap_per_person", "per")


def _codes(blueprint: BlueprintFile, source: Source) -> Iterator[Problem]:
    if not blueprint.codes:
        yield source.problem("nobody can prove who they are: add sms or email", "codes")
    if Channel.WHATSAPP in blueprint.codes:
        message = "no code goes by whatsapp, which shares its number with sms: write sms or email"
        yield source.problem(message, "codes", "whatsapp")
    above_link = (action.assurance is not Assurance.LINK for action in blueprint.actions.values())
    if not any(above_link):
        yield source.problem("every action is open to whoever holds the link", "actions")


def _same_actions(
    blueprint: BlueprintFile, source: Source, here: tuple[str, ...], names: set[str]
) -> Iterator[Problem]:
    """A part that speaks of each action must speak of every action, and of no other."""
    part = here[0]
    for name in sorted(blueprint.actions.keys() - names):
        yield source.problem(f"`{part}` says nothing of `{name}`: add it", *here)
    for name in sorted(names - blueprint.actions.keys()):
        message = f"`{name}` is not an action here: write {one_of(blueprint.actions)}"
        yield source.problem(message, *here, name)
