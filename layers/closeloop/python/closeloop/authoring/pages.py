"""Checks the texts of the pages and compiles them to one flat set: `landing.title` → words."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from closeloop.authoring import yaml_source
from closeloop.authoring.problems import one_of
from closeloop.authoring.templates import debt_words, in_yaml, problems_of
from closeloop.authoring.vocabulary import COMMON, PAGES, PROVED, Texts, texts_of_action
from closeloop.domain.identity import Assurance

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from closeloop.authoring.model import BlueprintFile
    from closeloop.authoring.problems import Problem
    from closeloop.authoring.yaml_source import Source


def common(root: Path, language: str, problems: list[Problem]) -> dict[str, str]:
    """The texts of the pages that are shown without a case; problems are added."""
    return _texts(root, f"common/pages/{language}.yaml", COMMON, (), problems)


def of_workflow(folder: Path, blueprint: BlueprintFile, problems: list[Problem]) -> dict[str, str]:
    """The texts of the pages about a case; what is wrong with them is added to the problems."""
    wanted = dict(PAGES)
    proved = set(PROVED)
    for name, action in blueprint.actions.items():
        wanted |= texts_of_action(name, action.inputs)
        if action.assurance is not Assurance.LINK:
            proved.add(f"actions.{name}")
    file = f"{folder.name}/pages/{blueprint.language}.yaml"
    return _texts(folder.parent, file, wanted, proved, problems)


def _texts(
    root: Path, file: str, wanted: Texts, proved: Collection[str], problems: list[Problem]
) -> dict[str, str]:
    """Read a file of texts; `proved` are the pages that may name what it is about."""
    source = yaml_source.read(root / file, file)
    problems.extend(source.problems)
    if source.data is None:
        return {}
    texts = dict(_flat(source.data, ""))
    problems.extend(
        source.problem(f"the text `{key}` is missing: add it", *key.split("."))
        for key in wanted
        if key not in texts
    )
    for key, text in texts.items():
        problems.extend(_wrong(source, key, text, wanted))
        if isinstance(text, str) and not key.startswith(tuple(f"{page}." for page in proved)):
            problems.extend(debt_words(in_yaml(text, file, source.line(*key.split(".")))))
    return {key: str(text) for key, text in texts.items()}


def _wrong(source: Source, key: str, text: object, wanted: Texts) -> Iterator[Problem]:
    path = tuple(key.split("."))
    if key not in wanted:
        above = key.rpartition(".")[0]
        known = [each for each in wanted if each.rpartition(".")[0] == above] or {
            each.partition(".")[0] for each in wanted
        }
        yield source.problem(f"no page shows `{key}`: remove it or use {one_of(known)}", *path)
    elif not isinstance(text, str) or not text:
        yield source.problem(f"`{key}` has the wrong type: write text", *path)
    else:
        yield from problems_of(in_yaml(text, source.file, source.line(*path)), wanted[key])


def _flat(data: object, above: str) -> Iterator[tuple[str, object]]:
    if isinstance(data, dict):
        for key, value in cast("dict[str, object]", data).items():
            yield from _flat(value, f"{above}.{key}" if above else key)
    else:
        yield above, data
