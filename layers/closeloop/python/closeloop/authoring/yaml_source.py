"""YAML with the line of every key, so that a problem can say where to fix it.

Read more strictly than YAML asks for: a key may stand once, only `true`, `false`, `null` and plain
numbers mean anything but text (so `no` is text and a country), and tags and aliases are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from closeloop.authoring.problems import Problem
from closeloop.authoring.text_files import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from yaml.error import Mark

KeyPath = tuple[str | int, ...]
_STANDARD = "tag:yaml.org,2002:"
_NUMBER = f"{_STANDARD}int"
_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_VALUES = {"true": True, "false": False, "null": None, "": None}


class _Plain(yaml.SafeLoader):
    """Resolves whole numbers, leaves every other scalar as text and refuses aliases."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML reads it from the class

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        """Compose one node; an alias could refer to itself, and hides what applies here."""
        stream = cast("Any", self)  # PyYAML's parser is untyped
        if stream.check_event(AliasEvent):
            mark: Mark = stream.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="write the value out: no aliases", problem_mark=mark)
        return super().compose_node(parent, index)


cast("Any", _Plain).add_implicit_resolver(_NUMBER, _WHOLE, list("-0123456789"))


@dataclass(slots=True)
class Source:
    """A YAML file: its plain data, the line of every key path, and what could not be read."""

    file: str
    data: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict[KeyPath, int])
    problems: list[Problem] = field(default_factory=list[Problem])

    def line(self, *path: str | int) -> int:
        """The line of a key, or of the nearest key above it that exists."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def problem(self, message: str, *path: str | int) -> Problem:
        """A problem at a key path of this file."""
        return Problem(self.file, self.line(*path), message)


def read(path: Path, file: str) -> Source:
    """Read a YAML file; whatever is wrong with its form is in `problems`."""
    source = Source(file)
    text = read_text(path, file, source.problems)
    if text is None:
        return source
    try:
        node = _composed(text)
    except yaml.MarkedYAMLError as error:
        source.problems.append(_malformed(file, error))
        return source
    if node is None:
        source.problems.append(Problem(file, 1, "this file is empty: fill it"))
        return source
    source.data = _plain(source, node, ())
    return source


@lru_cache(maxsize=64)
def _composed(text: str) -> Node | None:
    return cast("Any", yaml).compose(text, Loader=_Plain)


def _malformed(file: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    what = error.problem or "cannot be read"
    if "\\t" in what:
        return Problem(file, line, "a tab stands here: indent with spaces")
    return Problem(file, line, f"this is not YAML: {what}")


def _plain(source: Source, node: Node, path: KeyPath) -> object:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode) and node.tag == f"{_STANDARD}map":
        return _mapping(source, node, path)
    if isinstance(node, SequenceNode) and node.tag == f"{_STANDARD}seq":
        return [_plain(source, item, (*path, at)) for at, item in enumerate(node.value)]
    if isinstance(node, ScalarNode) and node.tag in {f"{_STANDARD}str", _NUMBER}:
        return _scalar(node)
    source.problems.append(source.problem("no tags here: write the plain value", *path))
    return str(node.value)


def _mapping(source: Source, node: MappingNode, path: KeyPath) -> dict[str, object]:
    data: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in data:
            first = source.lines[*path, key]
            message = f"`{key}` stands here a second time (first in line {first}): remove one"
            source.problems.append(Problem(source.file, line, message))
            continue
        source.lines[*path, key] = line
        data[key] = _plain(source, value_node, (*path, key))
    return data


def _scalar(node: ScalarNode) -> str | int | bool | None:
    if node.style in {"'", '"', "|", ">"}:
        return str(node.value)
    if node.tag == _NUMBER and _WHOLE.fullmatch(node.value):
        return int(node.value)
    return _VALUES.get(node.value, str(node.value))
