"""Links locate a case and prove nothing: unguessable, hashed, inert to look at (SECURITY 2.3)."""

from __future__ import annotations

import hashlib
import random
import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.application.visits import Visit
from closeloop.domain import link
from closeloop.domain.identity import Channel
from tests.fakes.customer import Customer
from tests.fakes.firm import ROOT_KEY, Firm
from tests.fakes.intruder import (
    DEBT,
    PERSONAL,
    ask,
    counted,
    everything_in,
    links,
    opened,
    rows,
    touched,
    words_on,
)

BASE62 = string.digits + string.ascii_letters
NEW_ROOT = b"n" * 64


def rotated(firm: Firm, *roots: bytes) -> None:
    """Replace the deployment's root, the present one first."""
    firm.keyring._roots = lambda: roots  # pyright: ignore[reportAttributeAccessIssue]


def test_a_link_is_28_letters_and_digits_of_which_22_are_128_random_bits():
    """ASVS 11.5.1: no UUID, no sign that an SMS app would drop at the end."""
    minted = {link.mint(b"k" * 32) for _ in range(5_000)}

    assert len(minted) == 5_000
    assert all(len(text) == 28 and text.isalnum() and text.isascii() for text in minted)
    assert len(BASE62) ** 22 >= 2**128
    seen = [{text[at] for text in minted} for at in range(1, 22)]
    assert all(len(signs) == 62 for signs in seen)


def test_a_hundred_thousand_guesses_cost_no_read_of_the_table():
    """T2: the keyed tag turns guesses away before anything is looked up."""
    firm = Firm()
    touched(firm, 1)
    guesser = random.Random(20261124)  # noqa: S311 - guesses, not secrets
    app = firm.mini_app
    guesses = ("".join(guesser.choices(BASE62, k=28)) for _ in range(100_000))

    with counted(firm) as made:
        views = {app(Visit("POST", "/c/{link}", link=guess)).name for guess in guesses}

    assert views == {"not_available"}
    assert made == []


@given(st.text(max_size=64))
def test_whatever_stands_in_the_address_is_a_link_or_is_turned_away_unread(text: str):
    """T2, T14: any text at all."""
    assert not link.genuine(text, [b"k" * 32])


def test_changing_any_one_letter_of_a_link_makes_it_worthless():
    """ASVS 9.1.1."""
    keys = [b"k" * 32]
    text = link.mint(keys[0])

    for at, letter in enumerate(text):
        for other in BASE62.replace(letter, ""):
            assert not link.genuine(text[:at] + other + text[at + 1 :], keys)
    for stray in (text[:-1], text + "0", text.swapcase(), f" {text}", f"{text}\n", text[::-1]):
        assert not link.genuine(stray, keys)


def test_a_link_is_stored_only_as_a_hash():
    """ASVS 6.5.2: whoever reads the table opens nothing with it."""
    firm = Firm()
    touched(firm, 1, 2, 3)
    sent = [links(firm, channel)[-1] for channel in (Channel.EMAIL, Channel.SMS)]

    kept = everything_in(firm)

    for text in sent:
        assert text not in kept
        assert text[:22] not in kept
        assert hashlib.sha256(text.encode()).hexdigest() in kept


def test_a_link_outlives_one_replacement_of_the_root_and_not_two():
    """ASVS 11.2.2: links live for days, so the key before the present one still opens them."""
    firm = Firm()
    touched(firm, 1)
    (sent,) = links(firm)

    rotated(firm, NEW_ROOT, ROOT_KEY)
    customer = Customer(firm)
    customer.open(sent)
    assert customer.page.name == "prove"

    rotated(firm, b"z" * 64, NEW_ROOT)
    customer.open(sent)
    assert customer.views[-1].name == "not_available"


def test_a_session_does_not_outlive_the_root_it_was_made_under():
    """Sessions live for minutes: after a leak, replacing the root ends them all at once."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)

    rotated(firm, NEW_ROOT, ROOT_KEY)
    with counted(firm) as made:
        customer.get("c")

    assert customer.status == 401
    assert made == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_hundred_scanners_change_nothing_read_nothing_and_learn_nothing(method: str):
    """T7, T3, ASVS 7.6.2: a link may be fetched for ever; then the customer still gets in."""
    firm = Firm()
    touched(firm, 1)
    (sent,) = links(firm)
    before, messages = rows(firm), [len(each.outbox) for each in firm.senders.values()]

    with counted(firm) as made:
        views = [ask(firm, Visit(method, "/c/{link}", link=sent)) for _ in range(100)]

    assert made == []
    assert rows(firm) == before
    assert [len(each.outbox) for each in firm.senders.values()] == messages
    assert all(view == views[0] and view.ticket is None for view in views)
    assert not any(word in words_on(views[0]) for word in (*PERSONAL, *DEBT))
    assert opened(firm).page.name == "prove"


def test_unknown_locked_and_forged_links_look_the_same():
    """ASVS 6.3.8: one page and one status; and no read tells unknown from locked."""
    firm = Firm()
    touched(firm, 1)
    locked = links(firm)[-1]
    holder = opened(firm)
    form = holder.page.forms[0]
    for _ in range(4):
        holder.submit(form)
    unknown = link.mint(firm.keyring.link_keys()[0])
    forged = "".join(secrets.choice(BASE62) for _ in range(28))

    for route, of in (("/c/{link}", "link"), ("/c/renew", "form")):
        answers, costs = [], []
        for text in (unknown, locked, forged):
            visit = (
                Visit("POST", route, link=text)
                if of == "link"
                else Visit("POST", route, form={"link": text})
            )
            with counted(firm) as made:
                answers.append(ask(firm, visit))
            costs.append(made)
        assert answers[0] == answers[1] == answers[2]
        assert answers[0].status == 404
        assert costs == [["get"], ["get"], []]


def test_each_message_has_a_link_of_its_own():
    firm = Firm()
    touched(firm, 1, 2)

    assert links(firm, Channel.EMAIL) != links(firm, Channel.SMS)
