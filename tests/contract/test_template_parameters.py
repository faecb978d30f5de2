"""Which parameters a deployment may have, judged by the emulator's own CloudFormation engine."""

import json
import subprocess
from functools import cache

import pytest

from sandbox.deploy import samconfig
from tests.contract.template.stack import Stack
from tools.template.expansion import ROOT

PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
ASK = """
import json, sys
from ministack.services.cloudformation import engine
asked = json.load(sys.stdin)
answers = []
for given in asked["cases"]:
    provided = [{"Key": k, "Value": v} for k, v in given.items()]
    try:
        parameters = engine._resolve_parameters(asked["template"], provided)
        engine._evaluate_rules(asked["template"], parameters, {})
        answers.append("")
    except ValueError as refusal:
        answers.append(str(refusal))
print(json.dumps(answers))
"""
NEEDED = {
    "FirmName": "Example Bank",
    "SupportContact": "020 7946 0000, weekdays 8 to 18",
    "CoreBaseUrl": "https://core.bank.example/api",
    "EmailSender": "billing@bank.example",
}
PROD = {
    **NEEDED,
    "Environment": "prod",
    "PublicConcurrency": "50",
    "PublicBaseUrl": "https://pay.bank.example",
}
GOOD = {
    "the least that dev needs": NEEDED,
    "production": PROD,
    "production with a domain": PROD
    | {
        "CustomDomain": "pay.bank.example",
        "CertificateArn": "arn:aws:acm:eu-west-2:1:certificate/a",
    },
    "local, as samconfig.toml says": samconfig(ROOT).parameters,
}
BAD = {
    "production with a movable clock": (
        PROD | {"ClockUrl": "http://127.0.0.1/clock"},
        "movable clock",
    ),
    "production in a hurry": (PROD | {"TimeScale": "60"}, "Accelerated time"),
    "production with another WhatsApp": (
        PROD | {"WhatsAppEndpoint": "http://127.0.0.1"},
        "would swallow messages",
    ),
    "production whose writeback visitors can starve": (
        PROD | {"PublicConcurrency": "0"},
        "cannot starve writeback",
    ),
    "production at API Gateway's address": (PROD | {"PublicBaseUrl": ""}, "prod needs a domain"),
    "a host too long for one SMS": (
        NEEDED | {"PublicBaseUrl": "https://payments.really-long-bank.example"},
        "up to 24 characters",
    ),
    "a domain without certificate": (
        NEEDED | {"CustomDomain": "pay.bank.example"},
        "needs the ACM certificate",
    ),
    "a firm nobody named": ({k: v for k, v in NEEDED.items() if k != "FirmName"}, "FirmName"),
    "a firm too long for one SMS": (
        NEEDED | {"FirmName": "The Very Long Established Bank"},
        "one-segment SMS",
    ),
    "a firm that needs UCS-2": (NEEDED | {"FirmName": "Bank “Zażółć”"}, "plain letters"),
    "a core address with a slash at the end": (
        NEEDED | {"CoreBaseUrl": "https://core/"},
        "CoreBaseUrl",
    ),
    "a core that is no URL": (NEEDED | {"CoreBaseUrl": "core.bank.example"}, "CoreBaseUrl"),
    "a sender id of digits": (NEEDED | {"SmsSenderId": "12345"}, "at least one letter"),
    "an environment nobody knows": (NEEDED | {"Environment": "staging"}, "'staging'"),
    "a log for a time CloudWatch does not offer": (
        NEEDED | {"LogRetentionDays": "10"},
        "LogRetentionDays",
    ),
    "pages slower than API Gateway": (NEEDED | {"PageTimeoutSeconds": "30"}, "3 to 29 seconds"),
}


@cache
def answers() -> dict[str, str]:
    """What the engine says to each case; empty when it accepts (one process for all)."""
    assert PYTHON.exists(), "the emulator is installed by `make setup`"
    cases = {**GOOD, **{name: given for name, (given, _) in BAD.items()}}
    asked = json.dumps({"template": Stack().source, "cases": list(cases.values())})
    done = subprocess.run(
        [PYTHON, "-c", ASK], input=asked, capture_output=True, text=True, check=True
    )
    return dict(zip(cases, json.loads(done.stdout.splitlines()[-1]), strict=True))


@pytest.mark.parametrize("case", GOOD)
def test_these_parameters_are_accepted(case: str):
    assert answers()[case] == ""


@pytest.mark.parametrize("case", BAD)
def test_these_parameters_are_refused_in_words_that_help(case: str):
    _, words = BAD[case]
    assert words in answers()[case]
