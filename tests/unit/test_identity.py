"""What a code proves, and that little may be tried before it is proved (SECURITY 2.2, 2.4)."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain import identity
from closeloop.domain.identity import Assurance, Channel, assurance_of_code, mask_address


def test_assurance_rises_in_the_order_of_the_design():
    assert [level.value for level in sorted(Assurance, key=lambda level: level.level)] == [
        "link",
        "known_fact",
        "code_same_channel",
        "code_independent_channel",
        "passkey",
    ]


@pytest.mark.parametrize(("proved", "required"), list(itertools.product(Assurance, repeat=2)))
def test_proof_is_enough_for_its_own_level_and_those_below(proved: Assurance, required: Assurance):
    assert proved.meets(required) == (proved.level >= required.level)
    assert proved.meets(required) or required.meets(proved)


def test_sms_and_whatsapp_on_one_number_are_the_same_factor():
    assert assurance_of_code(Channel.SMS, Channel.WHATSAPP) is Assurance.CODE_SAME_CHANNEL
    assert assurance_of_code(Channel.WHATSAPP, Channel.SMS) is Assurance.CODE_SAME_CHANNEL


@pytest.mark.parametrize("channel", Channel)
def test_a_code_to_the_channel_that_carried_the_link_is_no_second_factor(channel: Channel):
    assert assurance_of_code(channel, channel) is Assurance.CODE_SAME_CHANNEL
    assert not channel.independent_of(channel)


@pytest.mark.parametrize("phone", [Channel.SMS, Channel.WHATSAPP])
def test_phone_and_email_prove_independently_of_each_other(phone: Channel):
    assert assurance_of_code(Channel.EMAIL, phone) is Assurance.CODE_INDEPENDENT_CHANNEL
    assert assurance_of_code(phone, Channel.EMAIL) is Assurance.CODE_INDEPENDENT_CHANNEL


@given(st.from_regex(r"\+[0-9]{8,15}", fullmatch=True))
def test_a_masked_number_shows_two_digits_of_it(number: str):
    assert mask_address(number) == f"…{number[-2:]}"


@given(st.from_regex(r"[a-z.]{2,20}@[a-z]{2,10}\.(com|org)", fullmatch=True))
def test_a_masked_email_shows_one_letter_of_each_side(address: str):
    name, _, host = address.partition("@")
    assert mask_address(address) == f"{name[0]}…@{host[0]}…"


def test_the_numbers_are_within_the_standards_they_cite():
    assert identity.CODE_DIGITS >= 6  # NIST SP 800-63B-4 3.1.3.2
    assert timedelta(minutes=10) >= identity.CODE_LIFE  # the same
    assert timedelta(minutes=5) >= identity.SESSION_IDLE  # PSD2 RTS art. 4(3)(d)
    assert identity.CHECKS_PER_CODE <= 5  # PSD2 RTS art. 4(3)(b)
    # The chance to guess a code: every check that one link ever allows, over all codes.
    checks = identity.CHECKS_PER_CODE * identity.CODES_PER_LINK
    assert checks / 10**identity.CODE_DIGITS <= 2e-5
