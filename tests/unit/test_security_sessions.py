"""Sessions: short, bound to one case, replaced by proof, and of no use in pieces (T6, T8)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.application.visits import Visit
from closeloop.domain import identity
from closeloop.domain.session import (
    from_item,
    mint_form_id,
    new_ticket,
    read_cookie,
    read_form_id,
    same,
)
from tests.fakes.customer import Customer, identified
from tests.fakes.firm import Firm
from tests.fakes.intruder import (
    ask,
    ask_for_code,
    counted,
    everything_in,
    opened,
    post,
    rows,
    touched,
)
from tests.fakes.outside import TUESDAY_TEN

KEY = b"k" * 32
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def get(firm: Firm, cookie: str, route: str = "/c") -> int:
    return ask(firm, Visit("GET", route, cookie=cookie)).status


def other(sign: str) -> str:
    return "0" if sign != "0" else "1"


# --- the cookie


def test_a_session_is_256_random_bits_of_which_only_a_hash_is_stored():
    """ASVS 7.2.3, 6.5.2, 7.2.2."""
    secrets = {new_ticket("CASE").secret for _ in range(2_000)}
    assert len(secrets) == 2_000
    assert {len(secret) for secret in secrets} == {43}
    assert {len({secret[at] for secret in secrets}) for at in range(42)} == {64}

    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    case_id, secret, seen, mac = customer.cookie.split(".")
    kept = everything_in(firm)

    assert case_id in kept
    assert not any(part in kept for part in (secret, mac, f"{secret}.{seen}"))


def test_a_cookie_with_any_one_sign_changed_is_nobodys():
    """T8, ASVS 9.1.1: case, secret, stamp and tag alike; nothing is read for it."""
    firm = Firm()
    touched(firm, 1)
    cookie = opened(firm).cookie

    with counted(firm) as made:
        for at, sign in enumerate(cookie):
            assert get(firm, cookie[:at] + other(sign) + cookie[at + 1 :]) == 401

    assert made == []


@given(st.text(max_size=120) | st.from_regex(r"([0-9A-Za-z]{0,30}\.){3}[0-9a-f]{32}"))
def test_whatever_a_cookie_says_it_is_nobodys_unless_it_was_signed(text: str):
    assert read_cookie(text, KEY, TUESDAY_TEN) is None


@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_parts_of_two_genuine_cookies_make_no_third(part: int):
    """T1: above all, the case of one under the secret of another."""
    firm = Firm()
    touched(firm, 1)
    mine = opened(firm).cookie.split(".")
    touched(firm, 1, obligation_id="INV-2", customer_id="C-2")
    firm.clock.advance(seconds=7)
    theirs = opened(firm).cookie.split(".")

    mixed = [*mine[:part], theirs[part], *mine[part + 1 :]]

    assert get(firm, ".".join(mixed)) == 401


def test_a_genuine_cookie_under_another_case_finds_no_session():
    """T1: even with the key in hand, the stored session says which case it is for."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    other_case = touched(firm, 1, obligation_id="INV-2", customer_id="C-2")
    ticket = firm.door.ticket(Visit("GET", "/c", cookie=customer.cookie))
    assert ticket is not None
    forged = type(ticket)(other_case, ticket.secret)

    cookie = forged.cookie(firm.keyring.session_key(), firm.clock.now())

    assert get(firm, cookie) == 401


@given(st.sampled_from(["csrf", "form", "CASE.x", "a.b.c", ""]), st.text(BASE64URL, max_size=43))
def test_no_token_that_we_sign_can_be_read_as_another_kind(prefix: str, secret: str):
    """ASVS 9.2.3: cookie, CSRF token and form id share a key, and nothing else."""
    ticket = type(new_ticket("x"))(prefix, secret)
    form_id = mint_form_id(ticket, "act", 1, KEY)
    for stray in (f"{prefix}.{secret}.{ticket.csrf(KEY)}", form_id, f"{prefix}.{secret}.{form_id}"):
        assert read_cookie(stray, KEY, TUESDAY_TEN) is None
    assert read_form_id(f"{secret}.{ticket.csrf(KEY)}", ticket, "act", 1, KEY) is None


# --- its life


def test_a_session_ends_after_five_idle_minutes():
    """ASVS 7.3.1: by the signed stamp, so that no page costs a write."""
    firm = Firm()
    _, customer = identified(firm)
    left_open = customer.cookie

    firm.clock.at += identity.SESSION_IDLE
    assert get(firm, left_open) == 200
    firm.clock.advance(seconds=1)
    with counted(firm) as made:
        assert get(firm, left_open) == 401
    assert made == []


def test_a_session_ends_after_thirty_minutes_however_busy_it_was():
    """ASVS 7.3.2: the absolute limit stands in the stored session."""
    firm = Firm()
    _, customer = identified(firm)

    for _ in range(9):
        firm.clock.advance(minutes=3, seconds=19)
        customer.get("c")
        assert customer.status == 200
    firm.clock.at = TUESDAY_TEN + identity.SESSION_LIFE
    customer.get("c")

    assert customer.status == 401


def test_a_code_that_arrives_after_the_half_hour_opens_nothing():
    """ASVS 7.3.2: the limit holds for the check of a code, which does not read the session."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    for _ in range(9):
        firm.clock.advance(minutes=3)
        customer.get("c")
    code = ask_for_code(customer)
    form, cookie = customer.form("c/verify").hidden, customer.cookie
    firm.clock.advance(minutes=3)

    view = ask(firm, post("/c/verify", {**form, "code": code}, cookie))

    assert view.goto == "c?said=code_void"


def test_each_page_stamps_the_cookie_anew_and_an_older_stamp_dies_first():
    firm = Firm()
    _, customer = identified(firm)
    older = customer.cookie
    firm.clock.advance(minutes=4)
    customer.get("c")
    firm.clock.advance(minutes=2)

    assert get(firm, older) == 401
    assert get(firm, customer.cookie) == 200


def test_proving_who_one_is_replaces_the_session():
    """T8, ASVS 7.2.4: a cookie that somebody planted or saw before the code is dead after it."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    planted = customer.cookie
    customer.prove()

    assert customer.cookie.split(".")[1] != planted.split(".")[1]
    assert get(firm, planted) == 401
    assert get(firm, customer.cookie) == 200
    assert len([key for key in rows(firm) if key.pk.startswith("SESSION#")]) == 1


def test_a_session_whose_writers_clock_ran_ahead_is_alive():
    """Two hosts never agree to the millisecond; a redirect follows at once."""
    firm = Firm()
    _, customer = identified(firm)

    firm.clock.advance(milliseconds=-40)

    assert get(firm, customer.cookie) == 200


def test_a_deleted_session_is_signed_out_at_once():
    """ASVS 7.4.1."""
    firm = Firm()
    _, customer = identified(firm)
    (key,) = (key for key in rows(firm) if key.pk.startswith("SESSION#"))
    del firm.table.items[key]  # pyright: ignore[reportAttributeAccessIssue]

    assert get(firm, customer.cookie) == 401


def test_the_stored_session_names_no_person():
    """T22: masked addresses only."""
    firm = Firm()
    identified(firm)
    (session,) = (row for key, row in rows(firm).items() if key.pk.startswith("SESSION#"))

    assert session["hints"] == {"sms": "…41", "email": "a…@e…"}
    told = {name: session[name] for name in session if name not in {"link", "proved_by", "case"}}
    assert set(told) >= {"hints", "channel", "assurance", "zone"}
    assert not re.search(r"Ada|7700|example|C-1|INV-1", str(told))


# --- CSRF


POSTS = ["/c/code", "/c/verify", "/c/act/{action}"]


def filled(firm: Firm) -> tuple[Customer, dict[str, dict[str, str]]]:
    """A customer, and for each post the form that would be accepted."""
    touched(firm, 1)
    customer = opened(firm)
    code_form = dict(customer.page.forms[0].hidden)
    code = ask_for_code(customer)
    verify = {**customer.form("c/verify").hidden, "code": code}
    customer.get("c/act/ask_for_person")
    act = {**customer.form("c/act/ask_for_person").hidden, "choice": "question"}
    return customer, {"/c/code": code_form, "/c/verify": verify, "/c/act/{action}": act}


def send(firm: Firm, route: str, form: dict[str, str], cookie: str, *, foreign: bool = False):
    action = "ask_for_person" if "act" in route else ""
    return ask(firm, post(route, form, cookie, action=action, foreign=foreign))


@pytest.mark.parametrize("route", POSTS)
@pytest.mark.parametrize("token", ["missing", "empty", "foreign", "another session's", "not ascii"])
def test_a_post_without_our_token_changes_nothing(route: str, token: str):
    """T6, ASVS 3.5.1."""
    firm = Firm()
    customer, forms = filled(firm)
    other_one = opened(firm)
    values = {
        "empty": "",
        "foreign": "0" * 32,
        "another session's": other_one.page.forms[0].hidden["csrf"],
        "not ascii": "é" * 32,
    }
    form = {name: value for name, value in forms[route].items() if name != "csrf"}
    form |= {"csrf": values[token]} if token in values else {}
    before = rows(firm)

    view = send(firm, route, form, customer.cookie)

    assert view.status == 403
    assert rows(firm) == before
    assert send(firm, route, forms[route], customer.cookie).status != 403


@pytest.mark.parametrize("route", POSTS)
def test_a_post_from_another_site_changes_nothing_even_with_the_token(route: str):
    """T6: Sec-Fetch-Site or Origin says so; no choice of theirs is kept for later either."""
    firm = Firm()
    customer, forms = filled(firm)
    before = rows(firm)

    signed_in = send(firm, route, forms[route], customer.cookie, foreign=True)
    signed_out = send(firm, route, forms[route], "", foreign=True)

    assert signed_in.status == 403
    assert signed_in.draft is signed_out.draft is None
    assert rows(firm) == before


def test_the_token_of_before_the_code_is_worthless_after_it():
    """T6, T8: the token belongs to the session and goes with it."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    old = customer.page.forms[0].hidden["csrf"]
    customer.prove()
    customer.get("c/act/ask_for_person")
    form = {**customer.form("c/act/ask_for_person").hidden, "choice": "question", "csrf": old}

    assert send(firm, "/c/act/{action}", form, customer.cookie).status == 403


@given(st.text(max_size=40))
def test_only_the_very_same_token_is_the_same(given_text: str):
    token = "0123456789abcdef" * 2
    assert same(token, given_text) == (token == given_text)


def test_a_session_knows_its_end_exactly():
    firm = Firm()
    identified(firm)
    (key,) = (key for key in rows(firm) if key.pk.startswith("SESSION#"))
    session = from_item("digest", rows(firm)[key])
    end = session.opened_at + identity.SESSION_LIFE

    assert session.alive(end - timedelta(microseconds=1))
    assert not session.alive(end)
