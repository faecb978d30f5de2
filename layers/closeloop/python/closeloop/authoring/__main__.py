"""`python -m closeloop.authoring lint|build`: what a workflow author and the build run."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from closeloop.authoring.compiler import Workflow, clashes
from closeloop.authoring.folder import Shared, compiled_connector, read_shared
from closeloop.authoring.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from closeloop.authoring.model import Document


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when every workflow is good, 1 when something is to be fixed."""
    options = _parser().parse_args(arguments)
    shared, workflows = _checked(options.workflows, options.project)
    found = {*shared.problems, *(each for flow in workflows for each in flow.problems)}
    for problem in sorted(found):
        print(problem, file=sys.stderr)
    if found:
        count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
        print(f"{count}: nothing was built", file=sys.stderr)
        return 1
    if options.command == "build":
        _write(options.out, shared, workflows)
    names = ", ".join(f"{each.path.name} {each.document['hash'][:12]}" for each in workflows)
    print(f"{len(workflows)} good: {names}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m closeloop.authoring", description=__doc__)
    parser.add_argument(
        "--project",
        type=Path,
        help="the folder with events/ and statemachines/ (default: found above the workflows)",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    lint = commands.add_parser("lint", help="say what is to be fixed, and where")
    build = commands.add_parser("build", help="lint, then write what the running system reads")
    for command in (lint, build):
        command.add_argument(
            "workflows", type=Path, help="the folder of all workflows, or one workflow in it"
        )
    build.add_argument("out", type=Path, help="the folder to write to")
    return parser


def _checked(place: Path, project: Path | None) -> tuple[Shared, list[Workflow]]:
    one = (place / "blueprint.yaml").is_file()
    root = place.resolve().parent if one else place.resolve()
    shared = read_shared(root, project)
    folders = [place.resolve()] if one else _folders(root)
    if not folders:
        shared.problems.append(Problem(".", 1, f"no workflow in {place}: a folder needs a file"))
    workflows = [Workflow(folder, shared) for folder in folders]
    for workflow in workflows:
        workflow.check()
    shared.problems.extend(clashes(workflows))
    return shared, workflows


def _folders(root: Path) -> list[Path]:
    """Every folder below the root that holds a workflow, finished or not."""
    marks = ("blueprint.yaml", "policy.cedar", "messages", "pages")
    return sorted(
        folder
        for folder in root.iterdir()
        if folder.name != "common" and any((folder / mark).exists() for mark in marks)
    )


def _write(out: Path, shared: Shared, workflows: list[Workflow]) -> None:
    """Write one file per workflow, what they share, and the contracts of all events."""
    (out / "schemas").mkdir(parents=True, exist_ok=True)
    for workflow in workflows:
        _write_json(out / f"{workflow.path.name}.json", workflow.document)
    connectors = {name: compiled_connector(each) for name, each in shared.connectors.items()}
    _write_json(out / "connectors.json", connectors)
    for schema in sorted((shared.project / "events" / "schemas").glob("*.json")):
        shutil.copyfile(schema, out / "schemas" / schema.name)


def _write_json(path: Path, document: Document) -> None:
    # In the author's order: the first action is the one that customers are offered first.
    text = json.dumps(document, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
