"""Moments in the life of one case, each made once; a test lives them through in copies."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from closeloop.application.send_touch import Step
from closeloop.domain.identity import Channel
from tests.fakes.customer import Customer
from tests.fakes.firm import payment_failed
from tests.fakes.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Generator

EVENT = "event-1"


@cache
def quiet() -> Scene:
    """Nothing has happened yet."""
    return Scene()


@cache
def opened() -> Scene:
    """A payment has failed; the case is open and its journey runs. No message was sent."""
    scene = quiet().copy()
    scene.recorded.open_case(payment_failed(event_id=EVENT))
    scene.case_id = scene.firm.journey.started[0].case_id
    return scene


@cache
def contacted() -> Scene:
    """The first message was sent, by email."""
    scene = opened().copy()
    token = scene.firm.journey.token(scene.case_id) or ""
    scene.recorded.send_touch(Step(scene.case_id, 1, token))
    return scene


@cache
def landed() -> Scene:
    """The customer has opened the link and is asked who they are."""
    scene = contacted().copy()
    scene.customer = Customer(scene.firm)
    with acting(scene) as customer:
        customer.open(customer.link(Channel.EMAIL))
    return scene


@cache
def code_sent() -> Scene:
    """The customer was sent a code by SMS."""
    scene = landed().copy()
    with acting(scene) as customer:
        wanted = [form for form in customer.page.forms if form.hidden.get("channel") == "sms"]
        customer.submit(wanted[0])
    return scene


@cache
def identified() -> Scene:
    """The customer has proved who they are and sees what can be chosen."""
    scene = code_sent().copy()
    with acting(scene) as customer:
        customer.submit(customer.form("c/verify"), code=customer.code(Channel.SMS))
    return scene


@cache
def submitted() -> Scene:
    """The customer has agreed to an instalment plan; the message to the writeback is on its way."""
    scene = identified().copy()
    with acting(scene) as customer:
        plan = customer.form("c/act/instalment_plan")
        customer.submit(plan, choice=plan.fields[0].options[0].value)
    return scene


@contextmanager
def acting(scene: Scene) -> Generator[Customer]:
    """The customer, with everything that comes of what they do written down."""
    customer = scene.customer
    assert customer is not None
    customer.firm = scene.recorded
    try:
        yield customer
    finally:
        customer.firm = scene.firm
