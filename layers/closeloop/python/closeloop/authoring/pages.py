"""Checks the texts of the pages and compiles them to one flat set: `landing.title` → words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from closeloop.authoring import yaml_source
from closeloop.authoring.model import BlueprintFile
from closeloop.authoring.problems import Problem, one_of
from closeloop.authoring.templates import debt_words, in_yaml, problems_of
from closeloop.authoring.vocabulary import (
    ACTION_TEXTS,
    ACTIONS,
    AGREED,
    AGREEMENT_TEXTS,
    PAGES,
    PROVED,
    REQUIRED_TEXTS,
    Variables,
)
from closeloop.authoring.yaml_source import Source
from closeloop.domain.identity import Assurance


def compiled(folder: Path, blueprint: BlueprintFile, problems: list[Problem]) -> dict[str, str]:
    """The texts of every page, by key; what is wrong with them is added to the problems."""
    file = f"{folder.name}/pages/{blueprint.language}.yaml"
    source = yaml_source.read(folder.parent / file, file)
    problems.extend(source.problems)
    if source.data is None:
        return {}
    texts = dict(_flat(source.data, ""))
    wanted = _wanted(blueprint)
    problems.extend(_missing(source, texts, wanted))
    for key, text in texts.items():
        problems.extend(_wrong(source, blueprint, key, text, wanted))
    return {key: str(text) for key, text in texts.items()}


def _wanted(blueprint: BlueprintFile) -> list[str]:
    """The keys that the pages of this blueprint need."""
    keys = [f"{page}.{text}" for page, texts in REQUIRED_TEXTS.items() for text in texts]
    for name, action in blueprint.actions.items():
        texts = (*ACTION_TEXTS, *(AGREEMENT_TEXTS if name in AGREED else ()))
        keys += [f"actions.{name}.{text}" for text in texts]
        for field, choices in action.inputs.items():
            keys += [f"actions.{name}.inputs.{field}.{text}" for text in ("label", *choices)]
    return keys


def _missing(source: Source, texts: Mapping[str, Any], wanted: list[str]) -> Iterator[Problem]:
    for key in wanted:
        if key not in texts:
            yield source.problem(f"the text `{key}` is missing: add it", *key.split("."))


def _wrong(
    source: Source, blueprint: BlueprintFile, key: str, text: object, wanted: list[str]
) -> Iterator[Problem]:
    path = tuple(key.split("."))
    if key not in wanted:
        siblings = {each for each in wanted if each.rpartition(".")[0] == key.rpartition(".")[0]}
        known = one_of(siblings) if siblings else f"a page: {one_of([*PAGES, 'actions'])}"
        yield source.problem(f"no page shows `{key}`: remove it or write it as {known}", *path)
        return
    if not isinstance(text, str) or not text:
        yield source.problem(f"`{key}` has the wrong type: write text", *path)
        return
    words = in_yaml(text, source.file, source.line(*path))
    yield from problems_of(words, _variables(path))
    if not _proved(blueprint, path):
        yield from debt_words(words)


def _variables(path: tuple[str, ...]) -> Variables:
    return ACTIONS[path[1]] if path[0] == "actions" else PAGES[path[0]]


def _proved(blueprint: BlueprintFile, path: tuple[str, ...]) -> bool:
    """Whether the page is shown only to someone who has proved who they are."""
    if path[0] == "actions":
        return blueprint.actions[path[1]].assurance is not Assurance.LINK
    return path[0] in PROVED


def _flat(data: object, above: str) -> Iterator[tuple[str, object]]:
    if isinstance(data, dict):
        for key, value in cast("dict[str, object]", data).items():
            yield from _flat(value, f"{above}.{key}" if above else key)
    else:
        yield above, data
