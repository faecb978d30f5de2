"""What Step Functions may refuse, and what the adapter makes of it, without a word of the token."""

import logging
from collections.abc import Iterator

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError
from botocore.session import Session
from botocore.stub import Stubber

from closeloop.adapters.journey import JourneyRefusedError, StepFunctionsJourney
from closeloop.application.ports import TemporarilyUnavailable

TOKEN = "AQCkAAAAKgAAAAMA-canary-T18"
MACHINE = "arn:aws:states:eu-west-2:123456789012:stateMachine:case_journey"
MESSAGE = f"Value '{TOKEN}' at 'taskToken' failed to satisfy constraint"


@pytest.fixture
def client() -> BaseClient:
    return Session().create_client(
        "stepfunctions",
        region_name="eu-west-2",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def refusing(client: BaseClient) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_late_completion_is_swallowed_whatever_it_is_called_f26(
    code: str, client: BaseClient, refusing: Stubber
):
    refusing.add_client_error("send_task_success", code, MESSAGE)
    assert StepFunctionsJourney(client).finish(TOKEN, "resolved") is False


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 400), ("InternalFailure", 500), ("ServiceUnavailable", 503)],
)
def test_a_busy_service_is_asked_again_by_whoever_called(
    code: str, status: int, client: BaseClient, refusing: Stubber
):
    refusing.add_client_error("send_task_success", code, MESSAGE, http_status_code=status)
    with pytest.raises(TemporarilyUnavailable):
        StepFunctionsJourney(client).finish(TOKEN, "resolved")


def test_a_service_out_of_reach_is_asked_again_by_whoever_called(
    client: BaseClient, monkeypatch: pytest.MonkeyPatch
):
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://states.eu-west-2.amazonaws.com")

    monkeypatch.setattr(client, "send_task_success", unreachable)
    with pytest.raises(TemporarilyUnavailable):
        StepFunctionsJourney(client).finish(TOKEN, "resolved")


def test_another_refusal_is_named_and_never_quotes_the_token_t18(
    client: BaseClient, refusing: Stubber, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    refusing.add_client_error("send_task_success", "ValidationException", MESSAGE)
    with pytest.raises(JourneyRefusedError, match=r"^ValidationException$") as caught:
        StepFunctionsJourney(client).finish(TOKEN, "resolved")
    assert caught.value.__suppress_context__
    assert TOKEN not in caplog.text


def test_a_token_that_botocore_would_not_send_is_refused_and_not_quoted_t18(client: BaseClient):
    with pytest.raises(JourneyRefusedError, match=r"^ParamValidation$"):
        StepFunctionsJourney(client).finish("", "resolved")


def test_a_name_that_is_taken_counts_as_started_f06(client: BaseClient, refusing: Stubber):
    refusing.add_client_error("start_execution", "ExecutionAlreadyExists")
    assert StepFunctionsJourney(client, MACHINE).start("CASE", 1, (60,)) is False


def test_too_many_open_executions_is_a_matter_of_time(client: BaseClient, refusing: Stubber):
    refusing.add_client_error("start_execution", "ExecutionLimitExceeded")
    with pytest.raises(TemporarilyUnavailable):
        StepFunctionsJourney(client, MACHINE).start("CASE", 1, (60,))


def test_a_function_without_a_machine_starts_nothing(client: BaseClient):
    with pytest.raises(JourneyRefusedError, match="no state machine"):
        StepFunctionsJourney(client).start("CASE", 1, (60,))
