"""Functions are told exactly what their settings ask for (house rule 10)."""

import dataclasses

import pytest

from closeloop import settings
from tests.contract.template.stack import Stack

STACK = Stack()
# Read by Powertools and botocore themselves, not through our settings.
LIBRARIES = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "LOG_LEVEL"}
LOCAL_ONLY = "AWS_ENDPOINT_URL_SOCIALMESSAGING"


def variables(folder: str) -> set[str]:
    """Names of the environment variables that the template gives a function."""
    common = STACK.source["Globals"]["Function"]["Environment"]["Variables"]
    own = STACK.functions()[folder].get("Environment", {}).get("Variables", {})
    return {*common, *own}


@pytest.mark.parametrize("folder", STACK.functions())
def test_the_environment_is_what_the_settings_read(folder: str):
    asked = {field.name.upper() for field in dataclasses.fields(settings.FUNCTIONS[folder])}
    assert variables(folder) - LIBRARIES - {LOCAL_ONLY} == asked
    assert variables(folder) >= LIBRARIES


def test_every_function_has_settings():
    assert STACK.functions().keys() == settings.FUNCTIONS.keys()


def test_another_endpoint_is_only_for_the_sandbox():
    told = {folder for folder in STACK.functions() if LOCAL_ONLY in variables(folder)}
    value = STACK.functions()["send_touch"]["Environment"]["Variables"][LOCAL_ONLY]
    assert told == {"send_touch"}
    assert value["Fn::If"] == [
        "HasWhatsAppEndpoint",
        {"Ref": "WhatsAppEndpoint"},
        {"Ref": "AWS::NoValue"},
    ]


@pytest.mark.parametrize("folder", STACK.functions())
def test_the_service_is_named_after_its_folder(folder: str):
    own = STACK.functions()[folder]["Environment"]["Variables"]
    assert own["POWERTOOLS_SERVICE_NAME"] == folder


@pytest.mark.parametrize("folder", STACK.functions())
def test_what_is_whole_seconds_in_the_settings_is_a_number_in_the_template(folder: str):
    own = STACK.functions()[folder]["Environment"]["Variables"]
    for field in dataclasses.fields(settings.FUNCTIONS[folder]):
        parameter = own.get(field.name.upper(), {})
        if field.type == "int" and isinstance(parameter, dict) and "Ref" in parameter:
            assert STACK.source["Parameters"][parameter["Ref"]]["Type"] == "Number"
