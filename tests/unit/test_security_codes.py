"""One-time codes: computed from a key and all they are bound to, and kept nowhere."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.adapters.keyring import SecretKeyring
from closeloop.application.ports import CodeBinding
from closeloop.domain import identity
from closeloop.domain.identity import Channel
from tests.fakes.firm import ROOT_KEY, Firm
from tests.fakes.intruder import (
    alone_in,
    ask_for_code,
    everything_in,
    opened,
    rows,
    touched,
    unkeyed_digests,
    wrong,
)
from tests.fakes.outside import person

PHONE, EMAIL = person().phone or "", person().email or ""


def keyring(*roots: bytes) -> SecretKeyring:
    return SecretKeyring(lambda: roots)  # pyright: ignore[reportArgumentType] - roots without AWS


@given(st.integers(6, 8), st.text(max_size=20))
@settings(max_examples=50)
def test_a_code_has_the_digits_asked_for_and_nothing_else(digits: int, payload: str):
    """ASVS 6.5.4: at least 20 bits."""
    binding = CodeBinding("challenge", "session", "open", payload, digits)

    code = keyring(ROOT_KEY).code(binding)

    assert re.fullmatch(r"\d+", code)
    assert len(code) == digits >= identity.CODE_DIGITS


def test_a_code_is_hotp_of_rfc_4226_under_a_secret_that_only_its_challenge_has():
    """ASVS 6.5.3: truncated as section 5.3 says; computed here without the library."""
    binding = CodeBinding("challenge", "session", "open", "payload", 6)
    pepper = hmac.digest(ROOT_KEY, b"closeloop v1 one-time codes", "sha256")
    secret = hmac.digest(pepper, b"challenge\x1fsession\x1fopen\x1fpayload", "sha256")
    mac = hmac.digest(secret, bytes(8), "sha1")
    at = mac[-1] & 0xF
    truncated = int.from_bytes(mac[at : at + 4], "big") & 0x7FFF_FFFF

    assert keyring(ROOT_KEY).code(binding) == f"{truncated % 10**6:06d}"


@pytest.mark.parametrize(
    "other",
    [
        {"challenge": "0" * 32},
        {"session": "another"},
        {"purpose": "approve"},
        {"payload": "sha256 of another plan"},
        {"digits": 8},
        # Where one part ends and the next begins is part of what is bound.
        {"purpose": "ope", "payload": "n"},
    ],
)
def test_a_code_is_another_one_when_anything_it_is_bound_to_changes(other: dict[str, object]):
    """T5, ASVS 6.6.2: request, session, purpose, payload and length. Ten tries rule out luck."""
    keys = keyring(ROOT_KEY)
    plain = [CodeBinding(f"{each:032x}", "session", "open", "", 6) for each in range(10)]
    changed = [replace(each, **other) for each in plain]

    pairs = zip(map(keys.code, plain), map(keys.code, changed), strict=True)

    assert sum(a == b for a, b in pairs) <= 1


def test_codes_of_one_deployment_say_nothing_about_those_of_another():
    binding = CodeBinding("c", "s", "open", "", 6)

    assert keyring(b"a" * 64).code(binding) != keyring(b"b" * 64).code(binding)


def test_codes_are_spread_evenly_over_all_their_values():
    """ASVS 6.5.3: a smoke test; 10,000 codes in 100 bins, chi-square far below an accident's."""
    keys = keyring(ROOT_KEY)
    bins = [0] * 100
    for each in range(10_000):
        bins[int(keys.code(CodeBinding(str(each), "s", "open", "", 6))) // 10_000] += 1

    assert sum((count - 100) ** 2 / 100 for count in bins) < 170  # 99 degrees of freedom


def test_neither_code_nor_phone_nor_email_can_be_read_or_guessed_from_the_table():
    """ASVS 6.5.2: no code, no plain hash of a code, a number or an address."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    codes = [ask_for_code(customer, channel) for channel in (Channel.SMS, Channel.EMAIL)]
    for code in (wrong(codes[-1]), codes[-1]):
        customer.submit(customer.form("c/verify"), code=code)

    kept = everything_in(firm)

    assert '"proved_by"' in kept
    for secret in (*codes, PHONE, EMAIL):
        assert not alone_in(kept, secret)
        for digest in unkeyed_digests(secret):
            assert digest not in kept
    for challenge in (row for key, row in rows(firm).items() if key.sk.startswith("CHALLENGE#")):
        for code in codes:  # bound by hand, but without the key
            bound = "\x1f".join((challenge["id"], challenge["session"], "open", "", code))
            assert not any(digest in kept for digest in unkeyed_digests(bound))


def test_an_address_is_counted_under_a_name_that_only_the_key_gives():
    """ASVS 6.5.2, T22: ten thousand million phone numbers are soon tried; a key is not."""
    keys = keyring(ROOT_KEY)

    assert keys.alias("+447700900141") == keys.alias(" +447700900141")
    assert keys.alias("Ada@Example.org") == keys.alias("ada@example.org")
    assert keys.alias(PHONE) != keyring(b"x" * 64).alias(PHONE)
    assert keys.alias(PHONE) not in unkeyed_digests(PHONE)
