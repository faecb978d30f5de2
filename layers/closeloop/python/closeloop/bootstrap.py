"""The composition root: the one place that reads settings and makes clients and adapters.

Everything is made at its first use and kept for the life of the execution environment. A function
makes only what it needs, so that it imports only what it needs.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from closeloop import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from closeloop.adapters.connectors.rest_api import RestApi
    from closeloop.adapters.html.layout import Layout
    from closeloop.adapters.http import Edge
    from closeloop.adapters.keyring import SecretKeyring
    from closeloop.adapters.workflows import WorkflowShelf
    from closeloop.application.act_pages import ActPages
    from closeloop.application.dead_letters import DeadLetters
    from closeloop.application.hand_off import HandOff
    from closeloop.application.mini_app import MiniApp
    from closeloop.application.one_time_code import OneTimeCode
    from closeloop.application.open_case import OpenCase
    from closeloop.application.ports import Clock, Journey, Policy, Sender, Table
    from closeloop.application.send_touch import SendTouch
    from closeloop.application.step_pages import StepPages
    from closeloop.application.submit_action import SubmitAction
    from closeloop.application.sweep import Sweep
    from closeloop.application.visits import Doorkeeper
    from closeloop.application.writeback import WriteBack
    from closeloop.domain.blueprint import Bundle
    from closeloop.domain.identity import Channel

T = TypeVar("T")
_CORE = "core_banking"


class _Later:
    """Stands for something until it is first used, and makes it then."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the thing has
        return getattr(self._make(), name)


def _later(make: Callable[[], T]) -> T:
    """What only some invocations use: most never pay 20 to 50 million instructions for a client.

    `make` is cached, so that the thing is made once.
    """
    return cast("T", _Later(make))


@cache
def client(service: str) -> Any:  # noqa: ANN401 - botocore clients are untyped
    """A botocore client that calls briefly and retries little: the caller is the retry (R15)."""
    from botocore.config import Config

    config = Config(
        connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return _session().create_client(service, config=config)


@cache
def sending_client(service: str) -> Any:  # noqa: ANN401 - botocore clients are untyped
    """A client for message providers: one attempt, for a message is never sent again (R11)."""
    from botocore.config import Config

    config = Config(
        connect_timeout=2, read_timeout=8, retries={"mode": "standard", "total_max_attempts": 1}
    )
    return _session().create_client(service, config=config)


@cache
def _breaker_client() -> Any:  # noqa: ANN401 - botocore clients are untyped
    """A client for the breaker's state, which must cost a core call next to no time."""
    from botocore.config import Config

    config = Config(
        connect_timeout=1, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1}
    )
    return _session().create_client("dynamodb", config=config)


@cache
def _session() -> Any:  # noqa: ANN401 - botocore sessions are untyped
    from botocore.session import Session

    return Session()


@cache
def clock() -> Clock:
    """The host's clock, or the sandbox's where a URL is set."""
    from closeloop.adapters.clock import MovableClock, SystemClock

    url = settings.Settings.load().clock_url
    return MovableClock(url) if url else SystemClock()


@cache
def table() -> Table:
    """The case table."""
    from closeloop.adapters.dynamodb import DynamoTable

    return DynamoTable(client("dynamodb"), settings.Settings.load().table_name)


@cache
def shelf() -> WorkflowShelf:
    """The workflows."""
    from closeloop.adapters.workflows import WorkflowShelf, deployed_folder

    return WorkflowShelf(table(), deployed_folder())


@cache
def open_case() -> OpenCase:
    """The use case of `open_case`."""
    from closeloop.adapters.sqs import SqsQueue
    from closeloop.adapters.trigger_schema import TriggerSchemas
    from closeloop.adapters.workflows import deployed_folder
    from closeloop.application.open_case import OpenCase

    told = settings.OpenCaseSettings.load()
    return OpenCase(
        table=table(),
        workflows=shelf(),
        journey=_journey(told.journey_arn),
        rejects=SqsQueue(_later(lambda: client("sqs")), told.reject_queue_url),
        check=TriggerSchemas(deployed_folder() / "schemas"),
        clock=clock(),
        time_scale=told.time_scale,
    )


@cache
def send_touch() -> SendTouch:
    """The use case of `send_touch`."""
    from closeloop.adapters.channels.whatsapp import WhatsAppSender
    from closeloop.adapters.connectors.rest_core import RestCore
    from closeloop.adapters.rendering import JinjaRendering
    from closeloop.application.core_facts import CoreFacts
    from closeloop.application.send_touch import SendTouch
    from closeloop.application.touch_claim import TouchClaim
    from closeloop.domain.identity import Channel

    told = settings.SendTouchSettings.load()
    whatsapp = WhatsAppSender(
        _later(lambda: sending_client("socialmessaging")),
        told.whatsapp_phone_number_id,
        told.whatsapp_meta_api_version,
    )
    return SendTouch(
        table=table(),
        core=RestCore(_core_api(told.core_base_url, told.core_secret), shelf().connectors[_CORE]),
        facts=CoreFacts(table(), _journey(), clock()),
        claim=TouchClaim(table(), _keyring(told.link_keys_secret), clock(), told.public_base_url),
        senders=_senders(told.email_sender, told.sms_sender_id) | {Channel.WHATSAPP: whatsapp},
        workflows=shelf(),
        rendering=JinjaRendering(),
        journey=_journey(),
        clock=clock(),
        words={"firm_name": told.firm_name},
        time_scale=told.time_scale,
    )


@cache
def hand_off() -> HandOff:
    """The use case of `hand_off`."""
    from closeloop.application.hand_off import HandOff

    return HandOff(table(), shelf(), _journey(), clock())


@cache
def mini_app() -> MiniApp:
    """The use case of `mini_app`."""
    from closeloop.application.mini_app import MiniApp

    told = settings.PageSettings.load()
    acts = _act_pages(told)
    keys = _keyring(told.link_keys_secret)
    return MiniApp(_door(told), table(), keys, acts.steps, acts)


@cache
def one_time_code() -> OneTimeCode:
    """The use case of `one_time_code`."""
    from urllib.parse import urlsplit

    from closeloop.adapters.connectors.rest_core import RestCore
    from closeloop.adapters.rendering import JinjaRendering
    from closeloop.application.check_code import CheckCode
    from closeloop.application.issue_code import IssueCode
    from closeloop.application.link_lock import LinkLock
    from closeloop.application.one_time_code import OneTimeCode

    told = settings.OneTimeCodeSettings.load()
    keys = _keyring(told.link_keys_secret)
    words = {
        "firm_name": told.firm_name,
        "support_contact": told.support_contact,
        "host": urlsplit(told.public_base_url).hostname or "",
    }
    issue = IssueCode(
        table=table(),
        core=RestCore(_core_api(told.core_base_url, told.core_secret), shelf().connectors[_CORE]),
        senders=_senders(told.email_sender, told.sms_sender_id),
        keyring=keys,
        rendering=JinjaRendering(),
        words=words,
    )
    return OneTimeCode(
        _door(told), issue, CheckCode(table(), keys), LinkLock(table(), shelf()), shelf()
    )


@cache
def submit_action() -> SubmitAction:
    """The use case of `submit_action`."""
    from datetime import timedelta

    from closeloop.adapters.sqs import SqsQueue
    from closeloop.application.submit_action import SubmitAction

    told = settings.SubmitActionSettings.load()
    return SubmitAction(
        door=_door(told),
        table=table(),
        keyring=_keyring(told.link_keys_secret),
        acts=_act_pages(told),
        queue=SqsQueue(client("sqs"), told.writeback_queue_url),
        pending_age=timedelta(seconds=told.pending_age_s),
    )


@cache
def edge() -> Edge:
    """The edge through which the public functions answer."""
    from closeloop.adapters.http import Edge

    told = settings.PageSettings.load()
    keys = _keyring(told.link_keys_secret)
    return Edge(_later(_layout), _step_pages(told).common, keys.session_key, clock())


@cache
def _layout() -> Layout:
    """The page template: most answers to a POST lead on to another page and show none."""
    from closeloop.adapters.html.layout import Layout

    return Layout(settings.PageSettings.load().firm_name)


@cache
def writeback() -> WriteBack:
    """The use case of `writeback`."""
    from datetime import timedelta

    from closeloop.adapters.connectors.breaker import GuardedConnector, store
    from closeloop.adapters.connectors.rest_connector import RestConnector
    from closeloop.adapters.sqs import SqsQueue
    from closeloop.application.writeback import WriteBack
    from closeloop.domain.ledger import LedgerPolicy

    told = settings.WritebackSettings.load()
    policy = LedgerPolicy.of(
        timedelta(seconds=told.lease_s), timedelta(seconds=told.settle_s), told.max_calls
    )
    # The rest of a call's time is the breaker's, which reads and writes its state around it.
    api = _core_api(told.core_base_url, told.core_secret, 0.6 * policy.call_timeout.total_seconds())
    api.prepare()
    plain = RestConnector(api, shelf().connectors[_CORE])
    kept = store(_breaker_client(), told.table_name, _CORE)
    return WriteBack(
        table=table(),
        connectors={_CORE: GuardedConnector(plain, _CORE, kept, told.lease_s)},
        workflows=shelf(),
        journey=_journey(),
        queue=SqsQueue(_later(lambda: client("sqs")), told.writeback_queue_url),
        clock=clock(),
        policy=policy,
    )


@cache
def dead_letters() -> DeadLetters:
    """The use case of `dead_letters`."""
    from closeloop.application.dead_letters import DeadLetters

    return DeadLetters(table(), clock())


@cache
def sweep() -> Sweep:
    """The use case of `sweep`."""
    from datetime import timedelta

    from closeloop.adapters.sqs import SqsQueue
    from closeloop.application.sweep import Sweep

    told = settings.SweepSettings.load()
    return Sweep(
        table=table(),
        workflows=shelf(),
        journey=_journey(told.journey_arn),
        queue=SqsQueue(_later(lambda: client("sqs")), told.writeback_queue_url),
        clock=clock(),
        rate=told.drain_rate,
        resend_after=timedelta(seconds=told.pending_age_s),
    )


@cache
def _keyring(secret: str) -> SecretKeyring:
    from closeloop.adapters.keyring import Roots, SecretKeyring

    return SecretKeyring(Roots(client("secretsmanager"), secret))


@cache
def _journey(machine_arn: str | None = None) -> Journey:
    from closeloop.adapters.journey import StepFunctionsJourney

    return StepFunctionsJourney(client("stepfunctions"), machine_arn)


def _core_api(base_url: str, secret: str, limit_s: float | None = None) -> RestApi:
    """The core's API under its connector file's time limits, or one limit for all of a call."""
    from closeloop.adapters.connectors.credentials import ApiKey
    from closeloop.adapters.connectors.rest_api import RestApi

    connector = shelf().connectors[_CORE]
    credentials, limits = connector["credentials"], connector["timeouts"]
    key = ApiKey(client("secretsmanager"), secret, credentials["header"], credentials["field"])
    connect_s, read_s = limits["connect_s"], limits["read_s"]
    if limit_s is not None:
        scale = min(1.0, limit_s / (connect_s + read_s))
        connect_s, read_s = connect_s * scale, read_s * scale
    return RestApi(base_url, key, connect_s, read_s)


def _senders(email_sender: str, sms_sender_id: str) -> dict[Channel, Sender]:
    from closeloop.adapters.channels.email import EmailSender
    from closeloop.adapters.channels.sms import SmsSender
    from closeloop.domain.identity import Channel

    return {
        Channel.SMS: SmsSender(_later(lambda: sending_client("sns")), sms_sender_id),
        Channel.EMAIL: EmailSender(_later(lambda: sending_client("sesv2")), email_sender),
    }


def _door(told: settings.PageSettings) -> Doorkeeper:
    from closeloop.application.visits import Doorkeeper

    return Doorkeeper(table(), _keyring(told.link_keys_secret), clock())


def _step_pages(told: settings.PageSettings) -> StepPages:
    from closeloop.adapters.rendering import JinjaRendering
    from closeloop.application.step_pages import StepPages

    firm = {"firm_name": told.firm_name, "support_contact": told.support_contact}
    return StepPages(table(), shelf(), JinjaRendering(), _keyring(told.link_keys_secret), firm)


def _act_pages(told: settings.PageSettings) -> ActPages:
    from closeloop.adapters.calendar import closed_days
    from closeloop.application.act_pages import ActPages

    policies: dict[str, Policy] = {}

    def policy_of(bundle: Bundle) -> Policy:
        # Cedar costs a seventh of a start, and no page before proof of identity asks it.
        from closeloop.adapters.cedar_policy import CedarPolicy

        return policies.setdefault(bundle.hash, CedarPolicy(bundle))

    return ActPages(_step_pages(told), policy_of, closed_days, clock())
