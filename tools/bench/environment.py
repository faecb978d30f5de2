"""What the functions of the bench are told: the emulator's resources, the sandbox's addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.cloud import ROOT as CREDENTIALS
from sandbox.deploy import samconfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.place import Place

# Of the template's parameters.
_DEFAULTS = {
    "SETTLE_S": "120",
    "LEASE_S": "60",
    "MAX_CALLS": "8",
    "PENDING_AGE_S": "120",
    "DRAIN_RATE": "60",
}


def variables(place: Place, resources: Mapping[str, str], journey: str) -> dict[str, str]:
    """The variables of every function at once: each has one meaning, whoever reads it."""
    given = samconfig(place.root).parameters
    return {
        **_aws(place),
        "TABLE_NAME": resources["CaseTable"],
        "CLOCK_URL": f"{place.inner_url}/sandbox/clock",
        "TIME_SCALE": "1",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "closeloop",
        "LOG_LEVEL": "INFO",
        "JOURNEY_ARN": journey,
        "REJECT_QUEUE_URL": resources["RejectsQueue"],
        "WRITEBACK_QUEUE_URL": resources["WritebackQueue"],
        "LINK_KEYS_SECRET": resources["LinkKeysSecret"],
        "CORE_SECRET": resources["CoreSecret"],
        "CORE_BASE_URL": place.inner_url,
        "PUBLIC_BASE_URL": place.url,
        "EMAIL_SENDER": given["EmailSender"],
        "SMS_SENDER_ID": given["SmsSenderId"],
        "WHATSAPP_PHONE_NUMBER_ID": f"phone-number-id-{'0' * 32}",
        "WHATSAPP_META_API_VERSION": "v23.0",
        "FIRM_NAME": given["FirmName"],
        "SUPPORT_CONTACT": given["SupportContact"],
        **_DEFAULTS,
    }


def _aws(place: Place) -> dict[str, str]:
    """Whom botocore calls, and as whom."""
    return {
        **{name.upper(): value for name, value in CREDENTIALS.items()},
        "AWS_REGION": place.region,
        "AWS_DEFAULT_REGION": place.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": place.emulator_url,
        "AWS_ENDPOINT_URL_SOCIALMESSAGING": place.inner_url,
    }
