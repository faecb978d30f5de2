"""Says in words, with a line, where a file departs from its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from closeloop.authoring.model import Part
from closeloop.authoring.problems import Problem, one_of

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from closeloop.authoring.yaml_source import Source

_FIVE_PARTS = {"trigger", "actions", "evidence", "writeback", "exceptions"}
_TYPES = {
    "int_type": "write a whole number",
    "string_type": "write text",
    "bool_type": "write true or false",
    "list_type": "write a list",
    "dict_type": "write keys with values",
    "model_type": "write keys with values",
    "model_attributes_type": "write keys with values",
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
        problems.extend(_problem(source, shape, detail) for detail in error.errors())
        return None


def _problem(source: Source, shape: type[Part], error: ErrorDetails) -> Problem:
    path = tuple(part for part in error["loc"] if part != "[key]")
    return source.problem(_words(shape, error, path), *path)


def _words(shape: type[Part], error: ErrorDetails, path: tuple[str | int, ...]) -> str:
    name = ".".join(str(part) for part in path) or "this file"
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return _missing(path, name)
    if kind == "extra_forbidden":
        return f"`{name}` is not known: remove it or write it as {_known(shape, path)}"
    if kind in _TYPES:
        return f"`{name}` has the wrong type: {_TYPES[kind]}"
    if kind in {"literal_error", "enum"}:
        return f"`{name}` is not known: write {_expected(context)}"
    if kind == "value_error":
        return f"`{name}`: {context['error']}"
    if kind == "string_pattern_mismatch":
        return f"`{name}` must match {context['pattern']}"
    return f"`{name}`: {error['msg'][0].lower()}{error['msg'][1:]}"


def _missing(path: tuple[str | int, ...], name: str) -> str:
    if len(path) == 1 and path[0] in _FIVE_PARTS:
        return f"the part `{name}` is missing: a workflow needs {', '.join(sorted(_FIVE_PARTS))}"
    return f"`{name}` is missing: add it"


def _known(shape: type[Part], path: tuple[str | int, ...]) -> str:
    """The keys that the mapping at `path` may have."""
    here: Any = shape
    for step in path[:-1]:
        here = _inner(here, step)
    if not (isinstance(here, type) and issubclass(here, Part)):
        return "one of its known keys"
    return one_of(field.alias or name for name, field in here.model_fields.items())


def _inner(shape: Any, step: str | int) -> Any:
    """The shape one step further down: a field of a model, or what a list or mapping holds."""
    if isinstance(shape, type) and issubclass(shape, Part):
        fields = {field.alias or name: field for name, field in shape.model_fields.items()}
        shape = fields[str(step)].annotation
        return _unwrapped(shape)
    return _unwrapped(shape)


def _unwrapped(shape: Any) -> Any:
    """The model inside a list, a mapping or an optional value, where there is one."""
    while not isinstance(shape, type) or not issubclass(shape, Part):
        inner = getattr(shape, "__args__", None)
        if not inner:
            return shape
        models = [kind for kind in inner if kind is not type(None)]
        shape = models[-1]
    return shape


def _expected(context: dict[str, Any]) -> str:
    return str(context.get("expected", "")).replace("'", "")
