"""One fail-closed decision whether a person may be contacted now (LESSONS 6-8, CONTACT_LAW 6.1)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import tzdata
from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain.contact import ContactDecision, ContactRequest, Rule, Verdict, decide
from closeloop.domain.contact_law import FIRST_VERSION, Mark
from closeloop.domain.identity import Channel
from closeloop.domain.lawful_hours import UnknownZoneError, zone_of
from closeloop.domain.protection import Protection, ProtectionKind

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EVERYWHERE = dict.fromkeys(Channel, LONG_AGO)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def is_place(name: str) -> bool:
    try:
        zone_of(name)
    except UnknownZoneError:
        return False
    return True


PLACES = sorted(filter(is_place, available_timezones()))
INSTANTS = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - the strategy attaches the zone
    datetime(2037, 12, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def ask(now: datetime = NOON, **facts: object) -> ContactDecision:
    """Ask about Ann in London, who agreed to everything and was not contacted before."""
    known = {
        "channel": Channel.SMS,
        "cap": 3,
        "zones": ("Europe/London",),
        "country": "GB",
        "consents": EVERYWHERE,
    }
    return decide(ContactRequest(now=now, **{**known, **facts}))


def within_hours(now: datetime, zones: tuple[str, ...]) -> bool:
    """What the rule says, in the words of the rule: the local clock shows 08:00 to 21:00."""
    clocks = [now.astimezone(ZoneInfo(zone)).time() for zone in zones]
    return all(time(8) <= clock < time(21) for clock in clocks)


def protected(kind: ProtectionKind, until: datetime | None = None, *, active: bool = True):
    return Protection(kind, 1, active, LONG_AGO, until)


# Quiet hours


@given(INSTANTS, st.lists(st.sampled_from(PLACES), min_size=1, max_size=2).map(tuple))
def test_the_next_lawful_moment_is_the_first_one_in_every_zone_lesson_6(
    now: datetime, zones: tuple[str, ...]
):
    decision = ask(now, zones=zones)
    moment = decision.next_lawful
    assert moment is not None
    assert within_hours(moment, zones)
    assert ask(moment, zones=zones).verdict is Verdict.ALLOW
    assert (decision.verdict is Verdict.ALLOW) == (moment == now)
    while now < moment:
        assert not within_hours(now, zones)
        now += MINUTE


@pytest.mark.parametrize("zone", PLACES)
def test_every_zone_is_exact_to_the_second_on_the_days_its_clock_changes_lesson_6(zone: str):
    for day in change_days(zone):
        moment = ask(day, zones=(zone,)).next_lawful
        assert moment is not None
        assert within_hours(moment, (zone,))
        assert moment == day or not within_hours(moment - timedelta(seconds=1), (zone,))


def change_days(zone: str) -> list[datetime]:
    """Midnight UTC of each day of 2026 at whose end the zone's offset is another one."""
    days = [datetime(2026, 1, 1, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    return [
        day
        for day, before, after in zip(days, offsets, offsets[1:], strict=False)
        if before != after
    ]


@pytest.mark.parametrize(
    ("now", "lawful"),
    [
        # The clocks go forward on 29 March 2026 and back on 25 October 2026, both at 01:00 UTC.
        ("2026-03-28T22:00+00:00", "2026-03-29T07:00+00:00"),
        ("2026-10-24T20:30+00:00", "2026-10-25T08:00+00:00"),
        ("2026-11-23T07:59:59+00:00", "2026-11-23T08:00+00:00"),
        ("2026-11-23T21:00+00:00", "2026-11-24T08:00+00:00"),
    ],
)
def test_london_is_asked_by_the_clock_on_its_own_walls(now: str, lawful: str):
    decision = ask(datetime.fromisoformat(now))
    assert decision.verdict is Verdict.HOLD
    assert decision.rule is Rule.QUIET_HOURS
    assert decision.next_lawful == decision.until == datetime.fromisoformat(lawful)


def test_the_hours_include_their_first_moment_and_exclude_their_last():
    assert ask(NOON.replace(hour=8)).verdict is Verdict.ALLOW
    assert ask(NOON.replace(hour=21) - timedelta(microseconds=1)).verdict is Verdict.ALLOW
    assert ask(NOON.replace(hour=21)).verdict is Verdict.HOLD


def test_two_possible_places_leave_only_the_hours_they_share():
    zones = ("America/New_York", "America/Los_Angeles")  # 1006.6(b)(1) comment: 11:00 Eastern
    decision = ask(datetime(2026, 11, 23, 14, tzinfo=UTC), zones=zones, country="US")
    assert decision.next_lawful == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert decision.basis == "12 CFR 1006.6(b)(1)(i)"


def test_three_places_without_a_common_hour_hold_for_a_person():
    zones = ("Europe/London", "Asia/Tokyo", "America/Los_Angeles")
    decision = ask(zones=zones)
    assert (decision.verdict, decision.rule) == (Verdict.HOLD, Rule.NO_COMMON_HOUR)
    assert decision.needs_person
    assert decision.next_lawful is None
    assert decision.until == NOON + DAY


# Unknown zones


@pytest.mark.parametrize("name", ["", "Mars/Phobos", "Europe", "../etc/passwd", "/etc", "a\0b"])
def test_a_name_that_is_no_zone_is_unknown(name: str):
    with pytest.raises(UnknownZoneError):
        zone_of(name)


@pytest.mark.parametrize("name", ["UTC", "Etc/UTC", "GMT", "Factory", "localtime", "right/UTC"])
def test_a_name_that_stands_for_no_place_is_unknown_lesson_6(name: str):
    assert ask(zones=(name,), country="").rule is Rule.UNKNOWN_ZONE


def test_no_zone_and_no_country_hold_for_a_person_and_ask_again_in_a_day():
    decision = ask(zones=(), country="")
    assert (decision.verdict, decision.rule) == (Verdict.HOLD, Rule.UNKNOWN_ZONE)
    assert decision.needs_person
    assert decision.until == NOON + DAY
    assert decision.next_lawful is None


def test_one_unknown_place_among_known_ones_is_not_ignored():
    assert ask(zones=("Europe/London", "?"), country="").rule is Rule.UNKNOWN_ZONE


def test_an_unknown_place_in_a_known_country_means_all_of_the_country():
    dawn_in_lisbon = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert ask(dawn_in_lisbon, zones=("Europe/Lisbon",), country="PT").verdict is Verdict.ALLOW
    decision = ask(dawn_in_lisbon, zones=("Europe/Lisbon", "?"), country="PT")
    assert decision.next_lawful == datetime(2026, 11, 23, 9, tzinfo=UTC)  # 08:00 in the Azores


def test_an_unknown_place_in_the_us_leaves_the_hours_common_to_all_of_it():
    before = ask(datetime(2026, 7, 1, 17, 59, tzinfo=UTC), zones=(), country="US")
    assert before.next_lawful == datetime(2026, 7, 1, 18, tzinfo=UTC)
    assert "comment 6(b)(1)" in before.basis
    assert ask(datetime(2026, 7, 2, 0, 59, tzinfo=UTC), zones=(), country="US").until is None
    after = ask(datetime(2026, 7, 2, 1, tzinfo=UTC), zones=(), country="US")
    assert after.next_lawful == datetime(2026, 7, 2, 18, tzinfo=UTC)


def shipped_zones() -> dict[str, tuple[str, ...]]:
    countries: dict[str, tuple[str, ...]] = {}
    table = Path(tzdata.__file__).parent / "zoneinfo" / "zone.tab"
    for line in table.read_text().splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            countries[country] = (*countries.get(country, ()), zone)
    return countries


def test_the_table_of_countries_is_the_one_that_iana_publishes():
    shipped = shipped_zones()
    assert {country: shipped[country] for country in FIRST_VERSION.zones} == FIRST_VERSION.zones


@given(INSTANTS)
def test_the_us_hours_are_lawful_everywhere_from_hawaii_to_puerto_rico(now: datetime):
    moment = ask(now, zones=(), country="US").next_lawful
    assert moment is not None
    shipped = shipped_zones()
    assert within_hours(moment, shipped["US"] + shipped["PR"] + shipped["VI"])


# Caps


@given(
    INSTANTS,
    st.integers(1, 3),
    st.lists(st.integers(-60, 9 * 24 * 60), max_size=6),
    st.sampled_from(PLACES),
)
def test_no_seven_days_ever_hold_more_contacts_than_the_cap(
    now: datetime, cap: int, minutes_ago: list[int], zone: str
):
    contacts = tuple(now - minutes * MINUTE for minutes in minutes_ago)
    facts = {"cap": cap, "contacts": contacts, "zones": (zone,)}
    decision = ask(now, **facts)

    def allowed(moment: datetime) -> bool:
        recent = [at for at in contacts if at > moment - 7 * DAY]
        return len(recent) < cap and within_hours(moment, (zone,))

    moment = decision.next_lawful
    assert moment is not None
    assert allowed(moment)
    assert ask(moment, **facts).verdict is Verdict.ALLOW
    while now < moment:
        assert not allowed(now)
        now += 7 * MINUTE


def test_the_cap_is_free_again_exactly_seven_days_after_the_contact_that_filled_it():
    contacts = (NOON - 6 * DAY, NOON - 2 * DAY, NOON - DAY)
    decision = ask(contacts=contacts)
    assert (decision.verdict, decision.rule) == (Verdict.HOLD, Rule.TOUCH_CAP)
    assert decision.basis == "firm policy"
    assert decision.until == NOON + DAY
    assert decision.numbers["contacts"] == 3
    assert ask(contacts=contacts[1:]).verdict is Verdict.ALLOW
    assert ask(contacts=(NOON - 7 * DAY,)).numbers["contacts"] == 0


def test_a_cap_that_frees_at_night_is_pushed_into_lawful_hours():
    night = (NOON.replace(hour=3) - 6 * DAY,)
    decision = ask(cap=1, contacts=night)
    assert decision.rule is Rule.TOUCH_CAP
    assert decision.next_lawful == NOON.replace(hour=8) + DAY


def test_a_cap_of_none_is_never():
    decision = ask(cap=0)
    assert (decision.verdict, decision.rule) == (Verdict.DENY, Rule.TOUCH_CAP)


# Consent and protections


def test_no_consent_for_the_channel_is_a_no():
    decision = ask(consents={Channel.EMAIL: LONG_AGO})
    assert (decision.verdict, decision.rule) == (Verdict.DENY, Rule.CONSENT)
    assert decision.next_lawful is None


def test_consent_counts_only_from_when_it_was_given():
    assert ask(consents={Channel.SMS: NOON + MINUTE}).verdict is Verdict.DENY


def test_a_withdrawal_counts_until_consent_is_given_again():
    withdrawn = {Channel.SMS: NOON - DAY}
    assert ask(withdrawals=withdrawn).rule is Rule.CONSENT
    assert ask(withdrawals=withdrawn, country="US").basis == "12 CFR 1006.14(h)(1)"
    assert ask(withdrawals=withdrawn, consents={Channel.SMS: NOON - DAY}).verdict is Verdict.DENY
    again = {Channel.SMS: NOON - DAY + MINUTE}
    assert ask(withdrawals=withdrawn, consents=again).verdict is Verdict.ALLOW
    assert ask(withdrawals=withdrawn, channel=Channel.EMAIL).verdict is Verdict.ALLOW


@pytest.mark.parametrize("kind", ProtectionKind)
def test_every_protection_without_an_end_is_a_no(kind: ProtectionKind):
    decision = ask(protections=(protected(kind),))
    assert (decision.verdict, decision.rule) == (Verdict.DENY, Rule.PROTECTION)
    assert decision.basis == FIRST_VERSION.protections[kind].citation
    assert decision.numbers["protections"] == kind


def test_a_protection_with_an_end_holds_until_the_first_lawful_moment_after_it():
    midnight = NOON.replace(hour=0) + 60 * DAY
    decision = ask(protections=(protected(ProtectionKind.BREATHING_SPACE, midnight),))
    assert (decision.verdict, decision.rule) == (Verdict.HOLD, Rule.PROTECTION)
    assert decision.until == midnight.replace(hour=8)


def test_a_protection_that_is_lifted_or_over_does_not_hold():
    lifted = protected(ProtectionKind.ATTORNEY, active=False)
    over = protected(ProtectionKind.BREATHING_SPACE, NOON)
    assert ask(protections=(lifted, over)).verdict is Verdict.ALLOW


def test_a_protection_holds_to_its_end_even_if_the_zone_is_unknown():
    end = NOON + 3 * DAY
    decision = ask(
        zones=(), country="", protections=(protected(ProtectionKind.BREATHING_SPACE, end),)
    )
    assert (decision.rule, decision.until, decision.next_lawful) == (Rule.PROTECTION, end, None)


def test_the_rule_that_holds_longest_is_the_one_named():
    shield = protected(ProtectionKind.BREATHING_SPACE, NOON + 2 * DAY)
    decision = ask(cap=1, contacts=(NOON - DAY,), protections=(shield,))
    assert (decision.rule, decision.until) == (Rule.TOUCH_CAP, NOON + 6 * DAY)


# The receipt


def test_the_record_says_why_with_numbers_and_nothing_personal():
    decision = ask(NOON.replace(hour=23), contacts=(NOON - DAY,))
    assert decision.record() == {
        "verdict": "hold",
        "rule": "quiet_hours",
        "basis": "firm policy",
        "channel": "sms",
        "rules": "first-version",
        "rules_checked": "2026-11-22",
        "cap": 3,
        "cap_days": 7,
        "contacts": 1,
        "hours": "08:00-21:00 Europe/London",
        "protections": "",
        "next_lawful": "2026-11-24T08:00:00.000000Z",
        "until": "2026-11-24T08:00:00.000000Z",
    }


def test_no_rule_borrows_the_authority_of_a_law_that_was_never_looked_up():
    bases = [*FIRST_VERSION.protections.values(), *FIRST_VERSION.hours_basis.values()]
    for basis in bases:
        assert (basis.mark is Mark.CHOSEN) == (basis.citation == "firm policy")


def test_an_instant_without_a_zone_is_refused():
    naive = datetime(2026, 11, 23, 12)  # noqa: DTZ001 - the fault under test
    with pytest.raises(ValueError, match="zone"):
        ask(naive)
    with pytest.raises(ValueError, match="zone"):
        ask(contacts=(naive,))
