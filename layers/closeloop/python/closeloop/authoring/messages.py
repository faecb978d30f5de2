"""Reads the messages of a workflow, checks them and compiles them: one set of parts for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from closeloop.authoring import message_rules, yaml_source
from closeloop.authoring.model import BlueprintFile, Document, WhatsAppMessage
from closeloop.authoring.problems import Problem, one_of
from closeloop.authoring.shape import shaped
from closeloop.authoring.templates import Words, debt_words, in_file, problems_of
from closeloop.authoring.text_files import read_text
from closeloop.authoring.vocabulary import CODE, TOUCH
from closeloop.domain.identity import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from closeloop.authoring.yaml_source import KeyPath, Source

_ENDINGS: dict[Channel, dict[str, str]] = {
    Channel.EMAIL: {"subject": ".subject.txt", "text": ".txt", "html": ".html"},
    Channel.SMS: {"text": ".txt"},
    Channel.WHATSAPP: {"template": ".yaml"},
}


@dataclass(frozen=True, slots=True)
class Use:
    """A place in the blueprint that sends a message."""

    channel: Channel
    name: str
    path: KeyPath
    is_code: bool

    @property
    def key(self) -> str:
        """The message's name in the compiled workflow."""
        return f"{self.channel}/{self.name}"

    @property
    def files(self) -> dict[str, str]:
        """The files of the message below `messages/`, by the part they hold."""
        return {part: self.key + ending for part, ending in _ENDINGS[self.channel].items()}


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages folder of one workflow, as its blueprint uses it."""

    folder: Path
    blueprint: BlueprintFile
    source: Source
    problems: list[Problem]

    def compiled(self) -> Document:
        """The parts of every message that is sent; what is wrong is added to the problems."""
        done: Document = {}
        uses = uses_of(self.blueprint)
        for use in uses:
            parts = self._parts(use)
            if parts is not None:
                done[use.key] = parts
        self.problems.extend(self._unused(uses))
        return done

    def _parts(self, use: Use) -> Document | None:
        missing = [file for file in use.files.values() if not (self._root / file).is_file()]
        self.problems.extend(self._missing(use, file) for file in missing)
        if missing:
            return None
        if use.channel is Channel.WHATSAPP:
            return self._whatsapp(use)
        texts = {
            part: read_text(self._root / file, self._named(file), self.problems)
            for part, file in use.files.items()
        }
        parts = {part: text.rstrip() for part, text in texts.items() if text is not None}
        if parts.keys() < texts.keys():
            return None
        words = {part: in_file(text, self._named(use.files[part])) for part, text in parts.items()}
        self.problems.extend(self._wrong(use, words))
        return parts

    def _wrong(self, use: Use, words: dict[str, Words]) -> list[Problem]:
        variables = CODE if use.is_code else TOUCH
        broken = [problem for each in words.values() for problem in problems_of(each, variables)]
        if broken:
            return broken
        found = [problem for each in words.values() for problem in debt_words(each, variables)]
        bodies = {part: each for part, each in words.items() if part != "subject"}
        found += (message_rules.of_code if use.is_code else message_rules.of_touch)(bodies)
        if use.channel is Channel.SMS:
            text = words["text"]
            found += [] if use.is_code else message_rules.opt_out(text)
            found += message_rules.sms_cost(text, self.blueprint.sms, is_code=use.is_code)
        return found

    def _whatsapp(self, use: Use) -> Document | None:
        path = self._root / use.files["template"]
        content = yaml_source.read(path, self._named(use.files["template"]))
        message = shaped(content, WhatsAppMessage, self.problems)
        if message is None:
            return None
        self.problems.extend(message_rules.of_whatsapp(message, content))
        return message.model_dump()

    def _missing(self, use: Use, file: str) -> Problem:
        ending = next(end for end in _ENDINGS[use.channel].values() if file == use.key + end)
        names = (
            path.name.removesuffix(ending) for path in (self._root / use.channel).glob(f"*{ending}")
        )
        there = one_of(name for name in names if "." not in name)
        return self.source.problem(
            f"`messages/{file}` does not exist: add it or name {there}", *use.path
        )

    def _unused(self, uses: list[Use]) -> Iterator[Problem]:
        wanted = {file for use in uses for file in use.files.values()}
        for path in sorted(self._root.rglob("*")):
            file = path.relative_to(self._root).as_posix()
            if path.is_file() and file not in wanted:
                yield Problem(
                    self._named(file), 1, "nothing sends this: name it in a touch or remove it"
                )

    @property
    def _root(self) -> Path:
        return self.folder / "messages"

    def _named(self, file: str) -> str:
        return f"{self.folder.name}/messages/{file}"


def uses_of(blueprint: BlueprintFile) -> list[Use]:
    """Every message that the blueprint sends, once each."""
    touches = [
        Use(touch.channel, touch.message, ("touches", at, "message"), is_code=False)
        for at, touch in enumerate(blueprint.touches)
    ]
    codes = [
        Use(channel, name, ("codes", channel.value), is_code=True)
        for channel, name in blueprint.codes.items()
    ]
    return list({(use.key, use.is_code): use for use in touches + codes}.values())
