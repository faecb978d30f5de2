"""What all workflows share: the owners, the connectors, and the project around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from closeloop.authoring import yaml_source
from closeloop.authoring.durations import seconds
from closeloop.authoring.model import ConnectorFile, Document, ExceptionRule, OwnersFile
from closeloop.authoring.problems import Problem, one_of
from closeloop.authoring.shape import shaped
from closeloop.domain.blueprint import Reason

if TYPE_CHECKING:
    from pathlib import Path

# Failures of the platform, decided once for all workflows; every other reason is the blueprint's.
PLATFORM_REASONS = (Reason.JOURNEY_FAILED, Reason.DEAD_LETTER, Reason.STUCK)


@dataclass(slots=True)
class Shared:
    """The folder of all workflows (`root`) in its `project`; problems are collected."""

    root: Path
    project: Path
    owners: OwnersFile | None = None
    connectors: dict[str, ConnectorFile] = field(default_factory=dict[str, ConnectorFile])
    problems: list[Problem] = field(default_factory=list[Problem])

    def owner_problem(self, owner: str) -> str | None:
        """What is wrong with naming this owner."""
        if self.owners is None or owner in self.owners.owners:
            return None
        return f"the owner `{owner}` is not in owners.yaml: write {one_of(self.owners.owners)}"


def read_shared(root: Path, project: Path | None = None) -> Shared:
    """Read what the workflows below `root` share.

    `project` is the folder that holds `events/` and `statemachines/`: by default the nearest one
    above the workflows that has them.
    """
    shared = Shared(root, project or _project_of(root))
    source = yaml_source.read(root / "owners.yaml", "owners.yaml")
    shared.owners = shaped(source, OwnersFile, shared.problems)
    if shared.owners:
        _check_owners(shared, shared.owners, source)
    for path in sorted((root / "connectors").glob("*.yaml")):
        _read_connector(shared, path)
    return shared


def _project_of(root: Path) -> Path:
    above = (place for place in root.resolve().parents if (place / "events" / "schemas").is_dir())
    return next(above, root.resolve().parent)


def _check_owners(shared: Shared, owners: OwnersFile, source: yaml_source.Source) -> None:
    for reason in PLATFORM_REASONS:
        if reason not in owners.platform:
            message = f"`platform.{reason}` is missing: say who takes such a case"
            shared.problems.append(source.problem(message, "platform"))
    for reason, rule in owners.platform.items():
        if reason not in PLATFORM_REASONS:
            message = f"`{reason}` is not a platform reason: write {one_of(PLATFORM_REASONS)}"
            shared.problems.append(source.problem(message, "platform", reason))
        wrong = shared.owner_problem(rule.owner)
        if wrong:
            shared.problems.append(source.problem(wrong, "platform", reason, "owner"))


def _read_connector(shared: Shared, path: Path) -> None:
    source = yaml_source.read(path, f"connectors/{path.name}")
    connector = shaped(source, ConnectorFile, shared.problems)
    if connector is None:
        return
    if connector.system != path.stem:
        message = f"`system` must be the file's name: write {path.stem}"
        shared.problems.append(source.problem(message, "system"))
    for name, operation in connector.operations.items():
        here = ("operations", name, "read_back")
        if "{request_id}" not in operation.read_back:
            message = "`read_back` must look up by our own key: use {request_id}"
            shared.problems.append(source.problem(message, *here))
    shared.connectors[path.stem] = connector


def compiled_connector(connector: ConnectorFile) -> Document:
    """A connector as the running system reads it: durations in seconds."""
    document = connector.model_dump(by_alias=True)
    document["timeouts"] = {
        "connect_s": seconds(connector.timeouts.connect),
        "read_s": seconds(connector.timeouts.read),
    }
    return document


def compiled_exception(rule: ExceptionRule) -> Document:
    """An exception path as the running system reads it."""
    return {
        "owner": rule.owner,
        "next_state": rule.next_state,
        "due_s": seconds(rule.due),
        "alternative": rule.alternative,
    }
