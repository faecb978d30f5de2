"""Nobody reaches another's case: not by ids, not by routes, not by a warm process (T1, T30)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.application.visits import Visit
from closeloop.domain.identity import Channel
from tests.fakes.firm import Firm
from tests.fakes.intruder import ask, ask_for_code, links, opened, rows_of, touched, words_on
from tests.fakes.outside import person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from closeloop.application.ports import ContactPoints
    from closeloop.application.visits import View
    from tests.fakes.customer import Customer

BRAM = person(
    name="Bram Holt", email="bram@example.net", phone="+447700900222", whatsapp="+447700900222"
)
BRAMS = ("987.65", "98765", "Bram", "Holt", "900222", "bram@", "INV-B", "C-B")


@dataclass
class Two:
    """Ada, the attacker, and Bram, each with a case; Bram is on his way and Ada knows his ids."""

    firm: Firm
    ada: Customer
    bram: Customer
    bram_case: str
    ids: dict[str, str]


def contacts(firm: Firm, who: ContactPoints) -> None:
    firm.core.contact = who


def two(*, ada_proved: bool) -> Two:
    firm = Firm()
    touched(firm, 1)
    ada = opened(firm)
    if ada_proved:
        ada.prove()
    contacts(firm, BRAM)
    about = {"customer_id": "C-B", "obligation_id": "INV-B", "amount_minor": 98765}
    case_id = touched(firm, 1, **about)
    bram = opened(firm)
    code = ask_for_code(bram)
    challenge = bram.form("c/verify").hidden["challenge"]
    bram.submit(bram.form("c/verify"), code=code)
    bram.get("c/act/instalment_plan")
    form = bram.form("c/act/instalment_plan")
    bram_late = opened(firm)
    late_code = ask_for_code(bram_late)
    contacts(firm, person())
    ids = {
        "case": case_id,
        "case_id": case_id,
        "customer_id": "C-B",
        "obligation_id": "INV-B",
        "session": bram.cookie.split(".")[1],
        "used_challenge": challenge,
        "challenge": bram_late.form("c/verify").hidden["challenge"],
        "code": late_code,
        "form_id": form.hidden["form_id"],
        "version": form.hidden["version"],
        "choice": form.fields[0].options[0].value,
        "csrf": form.hidden["csrf"],
        "digest": next(key.pk for key in rows_of(firm, case_id) if key.pk.startswith("SESSION")),
    }
    return Two(firm, ada, bram, case_id, ids)


ROUTES = [
    ("GET", "/c"),
    ("GET", "/c/status"),
    ("GET", "/c/act/{action}"),
    ("POST", "/c/act/{action}"),
    ("POST", "/c/code"),
    ("POST", "/c/verify"),
]
ACTIONS = ("instalment_plan", "promise_to_pay", "dispute", "ask_for_person", "")


def attacks(scene: Two) -> Iterator[Visit]:
    """Ada's session on every route and action with every id of Bram's, alone and all together."""
    own = scene.ada.views[-1].ticket
    assert own is not None
    csrf = own.csrf(scene.firm.keyring.session_key())
    stolen = [{"csrf": csrf, name: value} for name, value in scene.ids.items()]
    stolen += [{**scene.ids, "csrf": csrf}, dict(scene.ids)]
    for (method, route), action, form in itertools.product(ROUTES, ACTIONS, stolen):
        if action and "action" not in route:
            continue
        yield Visit(
            method,
            route,
            action=action,
            form=form,
            cookie=scene.ada.cookie,
            draft=f"{action}.{scene.ids['choice']}",
        )
    for action in (scene.bram_case, scene.ids["form_id"]):
        yield Visit("GET", "/c/act/{action}", action=action, cookie=scene.ada.cookie)


@pytest.mark.parametrize("ada_proved", [True, False])
def test_every_route_with_every_id_of_another_touches_and_shows_only_ones_own_case(
    *, ada_proved: bool
):
    """T1, ASVS 8.2.2: the cross product; nothing of Bram's is read out or changed."""
    scene = two(ada_proved=ada_proved)
    before = rows_of(scene.firm, scene.bram_case)
    sent = sum(message.to == BRAM.phone for message in scene.firm.senders[Channel.SMS].outbox)

    views = [ask(scene.firm, visit) for visit in attacks(scene)]

    assert len(views) > 100
    assert rows_of(scene.firm, scene.bram_case) == before
    assert not [word for view in views for word in BRAMS if word in words_on(view)]
    assert not any(view.ticket and view.ticket.case == scene.bram_case for view in views)
    now = sum(message.to == BRAM.phone for message in scene.firm.senders[Channel.SMS].outbox)
    assert now == sent


def test_another_cookies_case_with_ones_own_secret_reads_nothing_of_it():
    """T1: the case id in a cookie is a hint; the stored session decides."""
    scene = two(ada_proved=True)
    parts = scene.ada.cookie.split(".")
    parts[0] = scene.bram_case

    for method, route in ROUTES:
        visit = Visit(method, route, action="dispute", cookie=".".join(parts), form=scene.ids)
        assert ask(scene.firm, visit).status == 401


def test_a_link_of_another_is_anothers_case_and_proves_nothing_about_it():
    """T3: whoever is handed Bram's link stands where anybody would: before the code."""
    scene = two(ada_proved=True)

    scene.ada.open(links(scene.firm)[-1])

    assert scene.ada.page.name == "prove"
    assert not [word for word in BRAMS if word in words_on(scene.ada.views[-1])]


STEPS = (
    "c", "c/status", "c/act/instalment_plan", "c/act/promise_to_pay", "c/act/dispute",
    "c/act/ask_for_person",
)  # fmt: skip


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(STEPS)), min_size=4, max_size=14))
@settings(max_examples=25, deadline=None)
def test_two_customers_served_in_turn_by_one_warm_process_see_only_their_own(
    turns: list[tuple[bool, str]],
):
    """T30: the same use-case objects answer both, in any order."""
    scene = two(ada_proved=True)
    scene.ada.draft = f"instalment_plan.{scene.ids['choice']}"
    app = scene.firm.mini_app
    seen: dict[bool, list[View]] = {True: [], False: []}

    for brams, path in turns:
        customer = scene.bram if brams else scene.ada
        route, _, action = path.partition("act/")
        visit = Visit(
            "GET",
            f"/{route}act/{{action}}" if action else f"/{path}",
            action=action,
            cookie=customer.cookie,
            draft=customer.draft,
        )
        seen[brams].append(app(visit))

    for view in seen[False]:
        assert not [word for word in BRAMS if word in words_on(view)]
        assert view.ticket is None or view.ticket.case != scene.bram_case
    for view in seen[True]:
        assert "£120.00" not in words_on(view)
        assert view.ticket is None or view.ticket.case == scene.bram_case


def test_a_use_case_holds_nothing_that_a_request_brought():
    """T30: frozen, and made of ports only; what they keep is the same for everybody."""
    scene = two(ada_proved=True)
    firm = scene.firm
    objects: list[Any] = [firm.mini_app, firm.one_time_code, firm.submit_action]

    for each in objects:
        assert each.__dataclass_params__.frozen
        assert not hasattr(each, "__dict__")
        with pytest.raises((AttributeError, TypeError)):
            each.visit = "anything"
