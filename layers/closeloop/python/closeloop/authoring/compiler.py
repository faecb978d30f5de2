"""Checks a workflow folder as a whole and compiles it to what the running system reads."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from closeloop.authoring import (
    blueprint_rules,
    folder,
    machine,
    messages,
    pages,
    policy_fit,
    policy_rules,
    yaml_source,
)
from closeloop.authoring.durations import seconds
from closeloop.authoring.folder import Shared, compiled_exception
from closeloop.authoring.messages import Messages
from closeloop.authoring.model import BlueprintFile, Document
from closeloop.authoring.problems import BrokenWorkflowError, Problem
from closeloop.authoring.shape import shaped
from closeloop.authoring.vocabulary import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from closeloop.authoring.yaml_source import Source


@dataclass(slots=True)
class Workflow:
    """One workflow folder while it is checked; `document` is complete if there are no problems."""

    path: Path
    shared: Shared
    problems: list[Problem] = field(default_factory=list[Problem])
    document: Document = field(default_factory=dict[str, Any])
    source: Source | None = None

    def check(self) -> None:
        """Find every problem and fill the document."""
        source = yaml_source.read(self.path / "blueprint.yaml", f"{self.path.name}/blueprint.yaml")
        self.source = source
        blueprint = shaped(source, BlueprintFile, self.problems)
        files = policy_rules.PolicyFiles.of(self.path, self.problems)
        if blueprint is None:
            self.problems.extend(policy_rules.problems_of(files, []) if files else [])
            return
        self.problems.extend(blueprint_rules.problems_of(blueprint, source, self.shared))
        self.problems.extend(machine.problems_of(blueprint, source, self.shared.project))
        texts = pages.common(self.shared.root, blueprint.language, self.shared.problems)
        texts |= pages.of_workflow(self.path, blueprint, self.problems)
        parts = Messages(self.path, blueprint, source, self.problems).compiled()
        if files:
            self._policy(files, blueprint)
        if not self.problems and files:
            self.document = self._compiled(blueprint, files, parts, texts)

    def _policy(self, files: policy_rules.PolicyFiles, blueprint: BlueprintFile) -> None:
        actions = [name for name in blueprint.actions if name in ACTIONS]
        wrong = policy_rules.problems_of(files, actions)
        self.problems.extend(wrong or policy_fit.problems_of(files, blueprint))

    def _compiled(
        self,
        blueprint: BlueprintFile,
        files: policy_rules.PolicyFiles,
        parts: Document,
        texts: dict[str, str],
    ) -> Document:
        owners = self.shared.owners
        document: Document = {
            "format": 1,
            "blueprint": compiled_blueprint(blueprint, self.shared),
            "policy": files.policy,
            "rules": policy_rules.rules(files.policy),
            "messages": parts,
            "pages": texts,
            "owners": {name: owner.desk for name, owner in owners.owners.items()} if owners else {},
        }
        return {"hash": content_hash(document), **document}


def compile_folder(path: Path, project: Path | None = None) -> Document:
    """Compile one workflow folder; its parent holds owners.yaml and connectors/.

    Raises BrokenWorkflowError with every problem of the folder and of what it shares.
    """
    path = Path(path)
    shared = folder.read_shared(path.parent, project)
    workflow = Workflow(path, shared)
    workflow.check()
    if shared.problems or workflow.problems:
        raise BrokenWorkflowError([*shared.problems, *workflow.problems])
    return workflow.document


def clashes(workflows: Iterable[Workflow]) -> Iterator[Problem]:
    """Workflows that wait for the same event: which of them opens the case must not be chance."""
    taken: dict[str, str] = {}
    for workflow in workflows:
        source = workflow.source
        detail_type = _detail_type(source)
        if source is None or detail_type is None:
            continue
        if detail_type in taken:
            message = f"{detail_type} opens {taken[detail_type]} already: name another event"
            yield source.problem(message, "trigger", "detail_type")
        taken.setdefault(detail_type, workflow.path.name)


def _detail_type(source: Source | None) -> str | None:
    try:
        return str(source.data["trigger"]["detail_type"]) if source else None
    except (KeyError, TypeError):
        return None


def compiled_blueprint(blueprint: BlueprintFile, shared: Shared) -> Document:
    """A blueprint as `Bundle.from_document` reads it: durations in seconds, nothing implied."""
    exceptions = dict(shared.owners.platform) if shared.owners else {}
    exceptions |= blueprint.exceptions
    codes = (use for use in messages.uses_of(blueprint) if use.is_code)
    return {
        "workflow": blueprint.workflow,
        "language": blueprint.language,
        "trigger": {
            "detail_type": blueprint.trigger.detail_type,
            "obligation_key": blueprint.trigger.obligation_key,
        },
        "actions": {name: _action(blueprint, name) for name in blueprint.actions},
        "touches": _touches(blueprint),
        "deadline_s": seconds(blueprint.deadline),
        "cap_per_person": blueprint.cap_per_person.touches,
        "codes": {use.channel.value: use.key for use in codes},
        "exceptions": {name: compiled_exception(rule) for name, rule in exceptions.items()},
    }


def content_hash(document: Document) -> str:
    """The name of a compiled workflow: SHA-256 of its content, in hexadecimal.

    The order of the actions is content too: customers are offered the first one first.
    """
    content = [list(document["blueprint"]["actions"]), document]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _action(blueprint: BlueprintFile, name: str) -> Document:
    action, target = blueprint.actions[name], blueprint.writeback.operations[name]
    return {
        "required": action.assurance.value,
        "independent_above_minor": action.independent_above_minor,
        "offers": action.offers.model_dump(exclude_defaults=True) if action.offers else {},
        "inputs": action.inputs,
        "evidence": list(blueprint.evidence[name]),
        "writeback": {
            "system": blueprint.writeback.system,
            "operation": target.operation,
            "read_back": target.read_back,
        },
        "hands_off": action.hands_off.value if action.hands_off else None,
    }


def _touches(blueprint: BlueprintFile) -> list[Document]:
    before = sum(seconds(touch.wait) for touch in blueprint.touches if touch.wait != "rest")
    rest = seconds(blueprint.deadline) - before
    return [
        {
            "channel": touch.channel.value,
            "message": f"{touch.channel}/{touch.message}",
            "wait_s": rest if touch.wait == "rest" else seconds(touch.wait),
        }
        for touch in blueprint.touches
    ]
