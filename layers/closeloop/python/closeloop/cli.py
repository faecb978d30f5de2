"""The `closeloop` command: check a workflow folder, check the audit chain of a case.

    closeloop lint layers/workflows
    closeloop verify-audit --table closeloop-CaseTable-1ABC --case 06T1…   (AWS credentials needed)
    closeloop verify-audit --file case.json                                (offline)

It runs on an engineer's or an auditor's machine and is not part of the deployed layer.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from closeloop.domain.evidence import Broken, Head, verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PAGE = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when something is wrong, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    if options.command == "lint":
        from closeloop.authoring.__main__ import main as authoring  # noqa: PLC0415 - build time only

        return authoring(["lint", str(options.workflows)])
    if options.file:
        case, events = _exported(options.file)
    elif options.table and options.case:
        case, events = _stored(options.table, options.case)
    else:
        print("name a case with --table and --case, or an export with --file")
        return 2
    return _report(case, events)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="closeloop", description="Tools for operators.")
    commands = parser.add_subparsers(dest="command", required=True)
    lint = commands.add_parser("lint", help="check workflow folders and say what is to be fixed")
    lint.add_argument("workflows", type=Path, help="the folder of all workflows, or one of them")
    audit = commands.add_parser(
        "verify-audit", help="recompute the hash chain of a case and compare it with the case row"
    )
    audit.add_argument("--table", help="name of the case table")
    audit.add_argument("--case", help="id of the case")
    audit.add_argument("--file", type=Path, help='JSON export: {"case": {…}, "events": [{…}]}')
    return parser


def _report(case: Mapping[str, Any] | None, events: Iterable[Mapping[str, Any]]) -> int:
    if case is None:
        print("there is no such case")
        return 1
    result = verify(case["id"], events, Head(case["seq"], case["head"]))
    if isinstance(result, Broken):
        print(f"BROKEN at event {result.first_bad_seq}: {result.why}")
        return 1
    print(f"intact: {result.events} events, head {case['head']}")
    return 0


def _exported(path: Path) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    export = json.loads(path.read_text(encoding="utf-8"))
    return export["case"], export["events"]


def _stored(table_name: str, case_id: str) -> tuple[Mapping[str, Any] | None, list[dict[str, Any]]]:
    from botocore.session import Session  # noqa: PLC0415 - only when AWS is asked

    from closeloop.adapters.dynamodb import DynamoTable  # noqa: PLC0415
    from closeloop.application import keys  # noqa: PLC0415

    session: Any = Session()
    table = DynamoTable(session.create_client("dynamodb"), table_name)
    (case,) = table.get(keys.case(case_id))
    events = table.query(keys.case(case_id).pk, "EVENT#", limit=_PAGE * _PAGE)
    return case, events
