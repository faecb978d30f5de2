"""What every message must say, must not say, may cost, and where its link stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from closeloop.authoring import sms
from closeloop.authoring.templates import Words, in_yaml, problems_of, says_too_much, uses
from closeloop.authoring.vocabulary import CODE, TOUCH, Variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from closeloop.authoring.model import SmsLimits, WhatsAppMessage
    from closeloop.authoring.problems import Problem
    from closeloop.authoring.yaml_source import Source

_OPT_OUT = re.compile(r"\bSTOP\b")
_META_PARAMETER = re.compile(r"\{\{(\d+)\}\}")
_META_AT_AN_END = re.compile(r"^\{\{\d+\}\}|\{\{\d+\}\}$")
_NOTHING_VISIBLE = re.compile(r"(<[^>]*>|\s)*")
# Stand-ins that occur in no text, to see where a value comes out.
_LINK, _FIRM = "\x00", "\x01"
_MARKED: Variables = {**TOUCH, "link": _LINK, "firm_name": _FIRM}


def of_touch(bodies: Mapping[str, Words]) -> Iterator[Problem]:
    """What is wrong with a message that brings the link; `bodies` leaves out a subject."""
    for body in bodies.values():
        yield from _sender(body)
        yield from _link_stands_last(body)


def of_code(bodies: Mapping[str, Words]) -> Iterator[Problem]:
    """What is wrong with a message that brings a one-time code."""
    for body in bodies.values():
        yield from _sender(body)
        if not uses(body, "code"):
            yield body.problem("the message carries no code: use {{ code }}")


def opt_out(body: Words) -> Iterator[Problem]:
    """A text that does not say how to stop further ones (47 CFR 64.1200, 12 CFR 1006.6(e))."""
    if not _OPT_OUT.search(body.text):
        yield body.problem("the words to opt out are missing: add `Reply STOP to opt out.`")


def sms_cost(body: Words, limits: SmsLimits, *, is_code: bool) -> Iterator[Problem]:
    """What is wrong with the encoding and length of an SMS when its values are at their worst."""
    variables = CODE if is_code else TOUCH
    cost = sms.measure(body.filled(variables))
    if cost.foreign and limits.encoding == "GSM-7":
        yield from _foreign(body, variables, cost.foreign)
    elif cost.segments > limits.max_segments:
        yield body.problem(
            f"at worst this takes {cost.segments} segments ({cost.units} units of"
            f" {cost.encoding}), and {limits.max_segments} is the most: shorten it"
        )


def of_whatsapp(message: WhatsAppMessage, source: Source) -> Iterator[Problem]:
    """What is wrong with a WhatsApp template message that brings the link."""
    parameters = [
        in_yaml(text, source.file, source.line("parameters", at))
        for at, text in enumerate(message.parameters)
    ]
    broken = [problem for each in parameters for problem in problems_of(each, TOUCH)]
    if broken:
        yield from broken
        return
    body, count = message.body, len(parameters)
    for _, words in says_too_much(body):
        yield source.problem(words, "body")
    if sorted(map(int, _META_PARAMETER.findall(body))) != list(range(1, count + 1)):
        yield source.problem(
            f"{count} parameters are given: the body needs each of {{{{1}}}} to"
            f" {{{{{count}}}}} once",
            "body",
        )
    if _META_AT_AN_END.search(body):
        yield source.problem("Meta refuses a body that begins or ends with a parameter", "body")
    if not _OPT_OUT.search(body):
        yield source.problem("the words to opt out are missing: add `Reply STOP`", "body")
    values = [each.filled(_MARKED) for each in parameters]
    if not any(_FIRM in value for value in values):
        yield source.problem(
            "the message does not say who sends it: use {{ firm_name }}", "parameters"
        )
    if [at for at, value in enumerate(values) if _LINK in value] != [count - 1]:
        yield source.problem("{{ link }} must be the last parameter, and only that", "parameters")


def _sender(body: Words) -> Iterator[Problem]:
    if not uses(body, "firm_name"):
        yield body.problem("the message does not say who sends it: use {{ firm_name }}")


def _link_stands_last(body: Words) -> Iterator[Problem]:
    parts = body.filled(_MARKED).split(_LINK)
    if len(parts) != 2:  # noqa: PLR2004 - what comes before the link and what comes after
        yield body.problem("the message needs its link exactly once: use {{ link }}")
        return
    after = parts[1]
    if "</a>" in after:  # in HTML the link's own words follow its address
        after = after.split("</a>", 1)[1]
    if not _NOTHING_VISIBLE.fullmatch(after):
        yield body.problem("words follow the link: put it last", body.line_with("link }}"))


def _foreign(body: Words, variables: Variables, signs: tuple[str, ...]) -> Iterator[Problem]:
    """Characters that GSM-7 lacks, and whether the text or a variable brings them."""
    cost = "GSM-7 has not, so that a segment holds 70 characters instead of 160"
    for sign in signs:
        if sign in body.text:
            yield body.problem(f"`{sign}` is what {cost}: replace it", body.line_with(sign))
    for name, value in variables.items():
        brought = "".join(sign for sign in signs if sign in str(value))
        if brought and uses(body, name):
            message = f"the variable `{name}` can bring `{brought}`, which {cost}: leave it out"
            yield body.problem(message, body.line_with(name))
