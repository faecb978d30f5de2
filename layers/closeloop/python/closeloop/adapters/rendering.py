"""Messages, page texts, amounts and dates as customers read them.

The words are Jinja2 source in the bundle a case is pinned to: checked when the bundle was built,
and run in a sandbox all the same, because they are data. What is filled in comes from a core
system, so it can neither start a line, nor turn the direction of text, nor be markup in HTML
(T12, T13).

Jinja2 (120 ms of processor time) and Babel (50 ms) are imported at their first use, once per
environment: a function that writes no message and no amount never pays for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from datetime import date

    from babel import Locale
    from jinja2 import Environment, Template

    from closeloop.domain.money import Money

# Minor units of ISO 4217 where there are not two decimals. Not CLDR's figures: those say how many
# decimals people write (none in Belgrade or Beirut), and would show an amount a hundredfold.
_EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_USUAL_EXPONENT = 2
_FALLBACK_LOCALE = "en_GB"
# What Meta approved a template with; only its name and parameters are sent.
_FOR_APPROVAL = "body"
_TEMPLATES_KEPT = 1024
_WHITE = re.compile(r"\s+")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Embeddings, overrides and isolates: they can show "moc.elpmaxe" as "example.com".
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


class UnknownTextError(LookupError):
    """The pinned workflow has no such message or text."""


class JinjaRendering:
    """Renders from any bundle; templates are kept by their source, so bundles cannot mix."""

    def message(
        self, document: Mapping[str, Any], name: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Render every part of a message: `html` escaped, `subject` on one line.

        Raises UnknownTextError, and jinja2.UndefinedError for a variable that is not given.
        """
        parts = _found(document["messages"], name)
        words = _plain(variables)
        return {
            part: _part(part, source, words)
            for part, source in parts.items()
            if part != _FOR_APPROVAL
        }

    def text(self, document: Mapping[str, Any], name: str, variables: Mapping[str, Any]) -> str:
        """Render a page text as plain text: the page escapes it where it shows it."""
        return _filled(_found(document["pages"], name), _plain(variables))

    def money(self, amount: Money, locale: str) -> str:
        """Write an amount in full, whatever the locale's habit of rounding."""
        from babel.numbers import parse_pattern  # noqa: PLC0415 - heavy, see above

        place = _locale(locale)
        digits = _exponent(amount.currency)
        pattern = parse_pattern(place.currency_formats["standard"].pattern)
        pattern.frac_prec = (digits, digits)
        value = Decimal(amount.minor).scaleb(-digits)
        return pattern.apply(value, place, currency=amount.currency, currency_digits=False)

    def day(self, day: date, locale: str) -> str:
        """Write a date with its month in words, so that no two countries read it differently."""
        from babel.dates import format_date  # noqa: PLC0415 - heavy, see above

        return format_date(day, "long", locale=_locale(locale))


def _found(texts: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - a text, or parts of one
    try:
        return texts[name]
    except KeyError:
        raise UnknownTextError(name) from None


def _part(part: str, source: str | Iterable[str], words: Mapping[str, Any]) -> str | list[str]:
    if not isinstance(source, str):
        return [_one_line(_filled(each, words)) for each in source]
    filled = _filled(source, words, escape=part == "html")
    return _one_line(filled) if part == "subject" else filled


def _one_line(text: str) -> str:
    return _WHITE.sub(" ", text).strip()


def _filled(source: str, words: Mapping[str, Any], *, escape: bool = False) -> str:
    if "{" not in source:
        return source
    return _template(source, escape).render(words)


@lru_cache(maxsize=_TEMPLATES_KEPT)
def _template(source: str, escape: bool) -> Template:  # noqa: FBT001 - part of the cache's key
    return _environment(escape).from_string(source)


@cache
def _environment(escape: bool) -> Environment:  # noqa: FBT001
    from jinja2 import StrictUndefined  # noqa: PLC0415 - heavy, see above
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=escape)


def _plain(value: Any) -> Any:  # noqa: ANN401 - texts take any plain value
    """The value with nothing in its texts that could start a line or turn their direction."""
    if isinstance(value, str):
        return _tame(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return {key: _plain(each) for key, each in pairs}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in cast("Iterable[object]", value)]
    return value


def _tame(text: str) -> str:
    return text if text.isprintable() else _TURNING.sub("", _BREAKS.sub(" ", text))


@cache
def _exponent(currency: str) -> int:
    """How many decimals the currency's minor unit stands for."""
    known = (digits for digits, codes in _EXPONENTS.items() if currency in codes.split())
    return next(known, _USUAL_EXPONENT)


@cache
def _locale(name: str) -> Locale:
    """The locale, or its language, or else the one that texts fall back to."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - heavy, see above

    for candidate in (name, name.partition("_")[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError, TypeError):
            continue
    return Locale.parse(_FALLBACK_LOCALE)
