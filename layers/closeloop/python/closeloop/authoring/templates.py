"""Checks one Jinja2 text: that it parses, knows its variables, and can be filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes

from closeloop.authoring.problems import Problem, one_of
from closeloop.authoring.vocabulary import DEBT_WORDS, Variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jinja2 import Template

_LANGUAGE = Environment(undefined=StrictUndefined, autoescape=True)
_OTHER_FILES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)
# Jinja's own signs, styles and tags: what a reader never sees.
_NOT_SHOWN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<style\b.*?</style>|<[^>]*>", re.DOTALL)
_DEBT = re.compile(
    "|".join(
        rf"\b{re.escape(word)}\b" if word.isalpha() else re.escape(word) for word in DEBT_WORDS
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A text of a workflow and where it stands; `line_of` maps its lines to lines of the file."""

    text: str
    file: str
    line_of: Callable[[int], int]

    def problem(self, message: str, line: int = 1) -> Problem:
        """A problem at a line of the text."""
        return Problem(self.file, self.line_of(line), message)

    def filled(self, variables: Variables) -> str:
        """The text with the variables filled in; only for a text without problems."""
        return _template(self.text).render(dict(variables))

    def line_with(self, needle: str) -> int:
        """The first line that contains `needle`, else the first line."""
        lines = (at for at, line in enumerate(self.text.splitlines(), 1) if needle in line)
        return next(lines, 1)


def in_file(text: str, file: str) -> Words:
    """A text that is a file of its own."""
    return Words(text, file, lambda line: line)


def in_yaml(text: str, file: str, line: int) -> Words:
    """A text that is a value in a YAML file: folded or quoted, so its key's line is the line."""
    return Words(text, file, lambda _: line)


def problems_of(words: Words, variables: Variables) -> list[Problem]:
    """Everything that keeps the text from being filled in with these variables."""
    try:
        tree = _parsed(words.text)[0]
        found = [*_unknown(words, tree, variables), *_other_files(words, tree)]
    except TemplateSyntaxError as error:
        return [words.problem(f"this is not a template: {error.message}", error.lineno)]
    if found:
        return found
    try:
        words.filled(variables)
    except (TemplateError, TypeError, ValueError) as error:
        return [words.problem(f"this cannot be filled in: {error}")]
    return []


def uses(words: Words, variable: str) -> bool:
    """Whether the text names the variable."""
    return variable in _parsed(words.text)[1]


def debt_words(words: Words, variables: Variables) -> Iterator[Problem]:
    """Words that a stranger must not read, in the text itself or once it is filled in.

    What a code approves is left out: it is shown only to somebody who has proved who they are.
    """
    written = _NOT_SHOWN.sub(_blank, words.text)
    seen: set[str] = set()
    for line, part in enumerate(written.split("\n"), 1):
        for word, message in says_too_much(part):
            seen.add(word)
            yield words.problem(message, line)
    shown = words.filled({**variables, "approves": ""})
    for word, message in says_too_much(_NOT_SHOWN.sub(_blank, shown)):
        if word not in seen:
            yield words.problem(message)


def says_too_much(text: str) -> Iterator[tuple[str, str]]:
    """Each word in a plain text that a stranger must not read, with what to say about it."""
    for word in dict.fromkeys(found.group().lower() for found in _DEBT.finditer(text)):
        yield word, f"`{word}` says too much before identity is proved: write it without"


def _blank(found: re.Match[str]) -> str:
    """What is cut out leaves its line breaks, so that lines keep their numbers."""
    return "\n" * found.group().count("\n") or " "


@lru_cache(maxsize=512)
def _parsed(text: str) -> tuple[nodes.Template, set[str]]:
    """The text as Jinja understands it, and the variables it needs."""
    tree = _LANGUAGE.parse(text)
    return tree, meta.find_undeclared_variables(tree)


@lru_cache(maxsize=512)
def _template(text: str) -> Template:
    return _LANGUAGE.from_string(text)


def _unknown(words: Words, tree: nodes.Template, variables: Variables) -> Iterator[Problem]:
    for name in sorted(_parsed(words.text)[1] - set(variables)):
        places = (node.lineno for node in tree.find_all(nodes.Name) if node.name == name)
        message = f"the variable `{name}` is not known here: use {one_of(variables)}"
        yield words.problem(message, next(places, 1))


def _other_files(words: Words, tree: nodes.Template) -> Iterator[Problem]:
    for node in tree.find_all(_OTHER_FILES):
        yield words.problem("a text cannot use another file: write the words here", node.lineno)
