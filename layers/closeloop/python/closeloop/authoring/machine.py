"""The state machine must outlive every blueprint: a journey cut off by it would end unfinished."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from closeloop.authoring.durations import seconds
from closeloop.authoring.text_files import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from closeloop.authoring.model import BlueprintFile
    from closeloop.authoring.problems import Problem
    from closeloop.authoring.yaml_source import Source

_MACHINE = Path("statemachines") / "case_journey.asl.json"


def problems_of(blueprint: BlueprintFile, source: Source, project: Path) -> Iterator[Problem]:
    """A deadline that is not earlier than the machine's own timeout, where there is a machine."""
    path = project / _MACHINE
    if not path.is_file():
        return
    found: list[Problem] = []
    definition = read_json(path, str(_MACHINE), found)
    yield from found
    if definition is None:
        return
    timeout_s: int = definition.get("TimeoutSeconds", 0)
    if timeout_s <= seconds(blueprint.deadline):
        yield source.problem(
            f"the deadline is not before the {timeout_s} s after which {_MACHINE} is cut off:"
            " make it earlier, or TimeoutSeconds longer",
            "deadline",
        )
