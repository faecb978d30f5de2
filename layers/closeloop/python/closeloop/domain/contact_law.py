"""The first version of the contact rules, as data: numbers, citations and when they were checked.

Material for the deployer's counsel, not legal advice. What is the firm's own choice is called
firm policy, so that a decision never borrows the authority of a law. Jurisdiction packs with
effective dates take the place of this one; `decide` only reads what is given to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from closeloop.domain.lawful_hours import Hours, LocalHours, UnknownZoneError, zone_of
from closeloop.domain.protection import ProtectionKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo


class Mark(StrEnum):
    """How well a citation is known."""

    READ = "the source's text was read"
    REPORTED = "a secondary source says so"
    CHOSEN = "the firm's own choice"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule rests on."""

    citation: str
    mark: Mark


FIRM_POLICY = Basis("firm policy", Mark.CHOSEN)


@dataclass(frozen=True, slots=True)
class NationalHours:
    """Hours on the UTC clock that are lawful everywhere in a country."""

    utc: Hours
    basis: Basis


@dataclass(frozen=True, slots=True)
class ContactRules:
    """Everything that a contact decision takes from law or firm policy rather than from facts.

    `hours` are on the customer's clock, held for `recheck` when that clock cannot be told.
    `hours_basis` and `withdrawal_basis` name the law by country; elsewhere it is firm policy.
    `national` and `zones` serve when the customer's zone is unknown: about a country in neither,
    nothing can be assumed.
    """

    name: str
    checked: date
    hours: Hours
    hours_basis: Mapping[str, Basis]
    withdrawal_basis: Mapping[str, Basis]
    protections: Mapping[ProtectionKind, Basis]
    cap_period: timedelta
    recheck: timedelta
    national: Mapping[str, NationalHours]
    zones: Mapping[str, tuple[str, ...]]

    def places(self, names: tuple[str, ...], country: str) -> tuple[LocalHours, ...]:
        """The hours of every place where somebody may be: contact is lawful when all are open.

        A zone that is missing or unknown is replaced by the whole country, in addition to the
        zones that are known; without that either, there are no places at all.
        """
        known = [zone for zone in map(_zone, names) if zone]
        places = tuple(LocalHours(zone, self.hours) for zone in known)
        if names and len(known) == len(names):
            return places
        if country in self.national:
            return (*places, LocalHours(UTC, self.national[country].utc))
        return (*places, *self._country(country)) if country in self.zones else ()

    def basis_of_hours(self, places: tuple[LocalHours, ...], country: str) -> Basis:
        """What the hours of `places` rest on."""
        if any(place.zone is UTC for place in places):
            return self.national[country].basis
        return self.hours_basis.get(country, FIRM_POLICY)

    def _country(self, country: str) -> tuple[LocalHours, ...]:
        return tuple(LocalHours(zone_of(name), self.hours) for name in self.zones[country])


def _zone(name: str) -> tzinfo | None:
    try:
        return zone_of(name)
    except UnknownZoneError:
        return None


# IANA zone.tab: every zone of the country. Overseas territories have country codes of their own.
_ZONES = {
    "AT": ("Europe/Vienna",),
    "BE": ("Europe/Brussels",),
    "BG": ("Europe/Sofia",),
    "CH": ("Europe/Zurich",),
    "CY": ("Asia/Nicosia", "Asia/Famagusta"),
    "CZ": ("Europe/Prague",),
    "DE": ("Europe/Berlin", "Europe/Busingen"),
    "DK": ("Europe/Copenhagen",),
    "EE": ("Europe/Tallinn",),
    "ES": ("Europe/Madrid", "Africa/Ceuta", "Atlantic/Canary"),
    "FI": ("Europe/Helsinki",),
    "FR": ("Europe/Paris",),
    "GB": ("Europe/London",),
    "GR": ("Europe/Athens",),
    "HR": ("Europe/Zagreb",),
    "HU": ("Europe/Budapest",),
    "IE": ("Europe/Dublin",),
    "IS": ("Atlantic/Reykjavik",),
    "IT": ("Europe/Rome",),
    "LI": ("Europe/Vaduz",),
    "LT": ("Europe/Vilnius",),
    "LU": ("Europe/Luxembourg",),
    "LV": ("Europe/Riga",),
    "MT": ("Europe/Malta",),
    "NL": ("Europe/Amsterdam",),
    "NO": ("Europe/Oslo",),
    "PL": ("Europe/Warsaw",),
    "PT": ("Europe/Lisbon", "Atlantic/Madeira", "Atlantic/Azores"),
    "RO": ("Europe/Bucharest",),
    "SE": ("Europe/Stockholm",),
    "SI": ("Europe/Ljubljana",),
    "SK": ("Europe/Bratislava",),
}

_INCONVENIENT_TIME = Basis("12 CFR 1006.6(b)(1)(i)", Mark.READ)
_BREATHING_SPACE = Basis("SI 2020/1311", Mark.REPORTED)

FIRST_VERSION = ContactRules(
    name="first-version",
    checked=date(2026, 11, 22),
    hours=Hours(time(8), time(21)),
    # Regulation F binds third-party collectors; first-party creditors commonly adopt its hours.
    # CONC 7.9.4R asks for reasonable times and names no hours, so in GB they are the firm's.
    hours_basis={"US": _INCONVENIENT_TIME},
    withdrawal_basis={"US": Basis("12 CFR 1006.14(h)(1)", Mark.REPORTED)},
    protections={
        ProtectionKind.ATTORNEY: Basis("12 CFR 1006.6(b)(2)", Mark.REPORTED),
        ProtectionKind.CEASE: Basis("12 CFR 1006.6(c)", Mark.REPORTED),
        ProtectionKind.BREATHING_SPACE: _BREATHING_SPACE,
        ProtectionKind.MENTAL_HEALTH_CRISIS: _BREATHING_SPACE,
        ProtectionKind.VULNERABLE: Basis("CONC 7.10.1R", Mark.REPORTED),
        ProtectionKind.HARDSHIP: Basis("CONC 7.3.5G", Mark.REPORTED),
        ProtectionKind.BANKRUPTCY: FIRM_POLICY,
        ProtectionKind.DECEASED: FIRM_POLICY,
    },
    cap_period=timedelta(days=7),
    recheck=timedelta(hours=24),
    # 08:00 in Hawaii (UTC-10, no summer time) to 21:00 in Puerto Rico (UTC-4, none either) and
    # on the east coast in summer: derived, only the intersection itself is the comment's.
    national={
        "US": NationalHours(
            Hours(time(18), time(1)),
            Basis("12 CFR 1006.6(b)(1)(i), comment 6(b)(1)", Mark.REPORTED),
        )
    },
    zones=_ZONES,
)
