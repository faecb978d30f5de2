"""What each function is told by its environment: one class for each, names and types, no defaults.

A missing variable is an error that names it, at the first use of the settings; nothing is read at
import. A test holds these classes against the template.

Every start of every function makes all of these classes, so none has methods generated that nobody
calls: with them this module would cost a twentieth of a start (`make bench`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


class MissingSettingError(Exception):
    """The environment lacks a variable, or its value cannot be read as what it should be."""


@dataclass(init=False, repr=False, eq=False)
class Settings:
    """What every function is told. `clock_url` is empty outside the sandbox."""

    table_name: str
    clock_url: str
    time_scale: int

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the variables of the class's fields, in capital letters."""
        source = os.environ if environment is None else environment
        told = cls()
        for each in fields(cls):
            setattr(told, each.name, _value(source, each.name, str(each.type)))
        return told


@dataclass(init=False, repr=False, eq=False)
class OpenCaseSettings(Settings):
    """Settings of `open_case`."""

    journey_arn: str
    reject_queue_url: str


@dataclass(init=False, repr=False, eq=False)
class CoreSettings(Settings):
    """Settings of the functions that ask the core."""

    core_base_url: str
    core_secret: str


@dataclass(init=False, repr=False, eq=False)
class SendTouchSettings(CoreSettings):
    """Settings of `send_touch`. An empty `sms_sender_id` leaves the sender to the provider."""

    link_keys_secret: str
    public_base_url: str
    email_sender: str
    whatsapp_phone_number_id: str
    whatsapp_meta_api_version: str
    sms_sender_id: str
    firm_name: str


@dataclass(init=False, repr=False, eq=False)
class PageSettings(Settings):
    """Settings of the functions that show pages."""

    link_keys_secret: str
    firm_name: str
    support_contact: str


@dataclass(init=False, repr=False, eq=False)
class OneTimeCodeSettings(PageSettings):
    """Settings of `one_time_code`."""

    public_base_url: str
    core_base_url: str
    core_secret: str
    email_sender: str
    sms_sender_id: str


@dataclass(init=False, repr=False, eq=False)
class SubmitActionSettings(PageSettings):
    """Settings of `submit_action`."""

    writeback_queue_url: str
    pending_age_s: int


@dataclass(init=False, repr=False, eq=False)
class WritebackSettings(CoreSettings):
    """Settings of `writeback`; times in seconds."""

    writeback_queue_url: str
    settle_s: int
    lease_s: int
    max_calls: int


@dataclass(init=False, repr=False, eq=False)
class SweepSettings(Settings):
    """Settings of `sweep`: the age of a lost fast path in seconds, submissions sent in one run."""

    journey_arn: str
    writeback_queue_url: str
    pending_age_s: int
    drain_rate: int


FUNCTIONS: Mapping[str, type[Settings]] = {
    "open_case": OpenCaseSettings,
    "send_touch": SendTouchSettings,
    "hand_off": Settings,
    "mini_app": PageSettings,
    "one_time_code": OneTimeCodeSettings,
    "submit_action": SubmitActionSettings,
    "writeback": WritebackSettings,
    "dead_letters": Settings,
    "sweep": SweepSettings,
}


def _value(source: Mapping[str, str], name: str, kind: str) -> str | int:
    variable = name.upper()
    if variable not in source:
        msg = f"the environment variable {variable} is not set"
        raise MissingSettingError(msg)
    text = source[variable]
    if kind != "int":
        return text
    if not (text.isascii() and text.isdigit()):
        msg = f"the environment variable {variable} is not a whole number"
        raise MissingSettingError(msg)
    return int(text)
