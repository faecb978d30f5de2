"""Says in words, with a line, where a file departs from its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from closeloop.authoring.model import Document, Part
from closeloop.authoring.problems import one_of

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from closeloop.authoring.problems import Problem
    from closeloop.authoring.yaml_source import KeyPath, Source

_FIVE_PARTS = {"trigger", "actions", "evidence", "writeback", "exceptions"}
_TYPES = {
    "int_type": "write a whole number",
    "string_type": "write text",
    "list_type": "write a list",
    "dict_type": "write keys with values",
    "model_type": "write keys with values",
}

Shape = TypeVar("Shape", bound=Part)


def shaped(source: Source, shape: type[Shape], problems: list[Problem]) -> Shape | None:
    """The file's content in its shape; None, with the problems added, if it has another."""
    problems.extend(source.problems)
    if source.data is None:
        return None
    try:
        return shape.model_validate(source.data)
    except ValidationError as error:
        for detail in error.errors():
            path = tuple(step for step in detail["loc"] if step != "[key]")
            problems.append(source.problem(_words(shape, detail, path), *path))
        return None


def _words(shape: type[Part], error: ErrorDetails, path: KeyPath) -> str:
    name = ".".join(str(step) for step in path) or "this file"
    kind = error["type"]
    context: dict[str, Any] = error.get("ctx", {})
    if kind == "missing" and path[0] in _FIVE_PARTS and len(path) == 1:
        return f"the part `{name}` is missing: a workflow needs {', '.join(sorted(_FIVE_PARTS))}"
    if kind == "extra_forbidden":
        return f"`{name}` is not known: remove it or write {_known(shape, path)}"
    if kind in _TYPES:
        return f"`{name}` has the wrong type: {_TYPES[kind]}"
    plain = f"{error['msg'][0].lower()}{error['msg'][1:]}"
    return {
        "missing": f"`{name}` is missing: add it",
        "literal_error": f"`{name}` is not known: write {_expected(context)}",
        "enum": f"`{name}` is not known: write {_expected(context)}",
        "value_error": f"`{name}`: {context.get('error')}",
        "string_pattern_mismatch": f"`{name}` must match {context.get('pattern')}",
    }.get(kind, f"`{name}`: {plain}")


def _expected(context: dict[str, Any]) -> str:
    return str(context.get("expected", "")).replace("'", "")


def _known(shape: type[Part], path: KeyPath) -> str:
    """The keys that the mapping at `path` may have, by the JSON Schema of its shape."""
    schema = shape.model_json_schema()
    here: Document = schema
    for step in path[:-1]:
        here = _inside(here, str(step), schema.get("$defs", {}))
    return one_of(here.get("properties", {}))


def _inside(here: Document, step: str, named: Document) -> Document:
    """The schema one step further down: of a property, of any key, or of a list's items."""
    by_pattern: Document = here.get("patternProperties", {})
    inner: Document = (
        here.get("properties", {}).get(step)
        or next(iter(by_pattern.values()), None)
        or here.get("items")
        or {}
    )
    choices: list[Document] = inner.get("anyOf", [inner])
    inner = next((each for each in choices if "$ref" in each), inner)
    if "$ref" in inner:
        return named[inner["$ref"].rpartition("/")[2]]
    return inner
