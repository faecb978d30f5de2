"""Checks the texts of the pages and compiles them to one flat set: `landing.title` → words."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from closeloop.authoring import yaml_source
from closeloop.authoring.problems import one_of
from closeloop.authoring.templates import debt_words, in_yaml, problems_of
from closeloop.authoring.vocabulary import (
    ACTIONS,
    COMMON,
    PAGES,
    PROVED,
    Texts,
    texts_of_action,
)
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
        if name not in ACTIONS:
            continue  # said where the action is named
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
    problems.extend(_absent(source, wanted, texts))
    problems.extend(_unshown(source, wanted, texts))
    for key, text in texts.items():
        path = key.split(".")
        if key in wanted and not (isinstance(text, str) and text):
            problems.append(source.problem(f"`{key}` has the wrong type: write text", *path))
        elif key in wanted:
            words = in_yaml(str(text), file, source.line(*path))
            broken = problems_of(words, wanted[key])
            if not broken and not key.startswith(tuple(f"{page}." for page in proved)):
                broken = list(debt_words(words, wanted[key]))
            problems.extend(broken)
    return {key: str(text) for key, text in texts.items()}


def _absent(source: Source, wanted: Texts, texts: Collection[str]) -> Iterator[Problem]:
    """Texts that a page shows and the file lacks; a block that lacks them all is named once."""
    for missing in dict.fromkeys(_outside(key, texts) for key in wanted if key not in texts):
        inside = [key.rpartition(".")[2] for key in wanted if key.startswith(f"{missing}.")]
        with_what = f" with {', '.join(inside)}" if inside else ""
        message = f"the text `{missing}` is missing: add it{with_what}"
        yield source.problem(message, *missing.split("."))


def _unshown(source: Source, wanted: Texts, texts: Collection[str]) -> Iterator[Problem]:
    """Texts that no page shows; a block that none shows is named once."""
    for extra in dict.fromkeys(_outside(key, wanted) for key in texts if key not in wanted):
        above = extra.rpartition(".")[0]
        depth = len(above.split(".")) if above else 0
        known = {
            key.split(".")[depth] for key in wanted if not above or key.startswith(f"{above}.")
        }
        message = f"no page shows `{extra}`: remove it or write {one_of(known)}"
        yield source.problem(message, *extra.split("."))


def _outside(key: str, known: Collection[str]) -> str:
    """The shortest beginning of `key` that is not the beginning of any known key."""
    steps = key.split(".")
    for count in range(1, len(steps)):
        begin = ".".join(steps[:count])
        if not any(each.startswith(f"{begin}.") for each in known):
            return begin
    return key


def _flat(data: object, above: str) -> Iterator[tuple[str, object]]:
    if isinstance(data, dict):
        for key, value in cast("dict[str, object]", data).items():
            yield from _flat(value, f"{above}.{key}" if above else key)
    else:
        yield above, data
