"""What each function may do, exactly. A new permission is a new line here, read by a second person.

A line is a verb, a resource, and for the table the partitions. Every function may also write its
own log and send traces; the rules see to that.
"""

from collections.abc import Iterator

import pytest

from tests.contract.template.permission_rules import STAR_RESOURCES
from tests.contract.template.stack import Json, Stack, listed, target

STACK = Stack()
MAY = {
    "open_case": """
        dynamodb:ConditionCheckItem CaseTable BUNDLE CASE OBLIGATION PERSON TRIGGER
        dynamodb:GetItem CaseTable BUNDLE CASE OBLIGATION PERSON TRIGGER
        dynamodb:PutItem CaseTable BUNDLE CASE OBLIGATION PERSON TRIGGER
        dynamodb:Query CaseTable OBLIGATION PERSON
        dynamodb:UpdateItem CaseTable BUNDLE CASE OBLIGATION PERSON TRIGGER
        sqs:DeleteMessage TriggersQueue
        sqs:GetQueueAttributes TriggersQueue
        sqs:ReceiveMessage TriggersQueue
        sqs:SendMessage RejectsQueue
        states:SendTaskSuccess CaseJourney
        states:StartExecution CaseJourney
    """,
    "send_touch": """
        dynamodb:GetItem CaseTable BUNDLE CASE
        dynamodb:PutItem CaseTable CASE LINK PERSON
        dynamodb:Query CaseTable PERSON
        dynamodb:UpdateItem CaseTable CASE LINK PERSON
        secretsmanager:GetSecretValue CoreSecret
        secretsmanager:GetSecretValue LinkKeysSecret
        ses:SendEmail identity/${Identity}
        sns:Publish *
        social-messaging:SendWhatsAppMessage phone-number-id/${WhatsAppPhoneNumberId}
        states:SendTaskSuccess stateMachine:${AWS::StackName}-case-journey
    """,
    "hand_off": """
        dynamodb:GetItem CaseTable BUNDLE CASE
        dynamodb:PutItem CaseTable CASE
        dynamodb:UpdateItem CaseTable CASE
        sqs:SendMessage AsyncFailures
        states:SendTaskSuccess stateMachine:${AWS::StackName}-case-journey
    """,
    "mini_app": """
        dynamodb:BatchGetItem CaseTable BUNDLE CASE LINK SESSION
        dynamodb:GetItem CaseTable BUNDLE CASE LINK SESSION
        dynamodb:PutItem CaseTable SESSION
        dynamodb:UpdateItem CaseTable LINK
        secretsmanager:GetSecretValue LinkKeysSecret
    """,
    "one_time_code": """
        dynamodb:BatchGetItem CaseTable BUNDLE CASE SESSION
        dynamodb:ConditionCheckItem CaseTable LINK NUMBER
        dynamodb:DeleteItem CaseTable SESSION
        dynamodb:GetItem CaseTable BUNDLE CASE SESSION
        dynamodb:PutItem CaseTable CASE SESSION
        dynamodb:UpdateItem CaseTable CASE SESSION
        dynamodb:UpdateItem CaseTable LINK NUMBER
        secretsmanager:GetSecretValue CoreSecret
        secretsmanager:GetSecretValue LinkKeysSecret
        ses:SendEmail identity/${Identity}
        sns:Publish *
    """,
    "submit_action": """
        dynamodb:BatchGetItem CaseTable BUNDLE CASE SESSION
        dynamodb:GetItem CaseTable BUNDLE CASE SESSION
        dynamodb:PutItem CaseTable CASE
        dynamodb:UpdateItem CaseTable CASE
        secretsmanager:GetSecretValue LinkKeysSecret
        sqs:SendMessage WritebackQueue
    """,
    "writeback": """
        dynamodb:GetItem CaseTable BUNDLE CASE
        dynamodb:GetItem CaseTable SYSTEM
        dynamodb:PutItem CaseTable CASE
        dynamodb:PutItem CaseTable SYSTEM
        dynamodb:UpdateItem CaseTable CASE
        dynamodb:UpdateItem CaseTable SYSTEM
        secretsmanager:GetSecretValue CoreSecret
        sqs:DeleteMessage WritebackQueue
        sqs:GetQueueAttributes WritebackQueue
        sqs:ReceiveMessage WritebackQueue
        sqs:SendMessage WritebackQueue
        states:SendTaskSuccess CaseJourney
    """,
    "dead_letters": """
        dynamodb:GetItem CaseTable CASE
        dynamodb:PutItem CaseTable CASE DEADLETTER
        dynamodb:UpdateItem CaseTable CASE DEADLETTER
        sqs:DeleteMessage AsyncFailures
        sqs:DeleteMessage RuleDeadLetters
        sqs:DeleteMessage TriggersDeadLetters
        sqs:DeleteMessage WritebackDeadLetters
        sqs:GetQueueAttributes AsyncFailures
        sqs:GetQueueAttributes RuleDeadLetters
        sqs:GetQueueAttributes TriggersDeadLetters
        sqs:GetQueueAttributes WritebackDeadLetters
        sqs:ReceiveMessage AsyncFailures
        sqs:ReceiveMessage RuleDeadLetters
        sqs:ReceiveMessage TriggersDeadLetters
        sqs:ReceiveMessage WritebackDeadLetters
    """,
    "sweep": """
        dynamodb:GetItem CaseTable BUNDLE CASE
        dynamodb:PutItem CaseTable CASE
        dynamodb:Query index/due overdue start submission
        dynamodb:UpdateItem CaseTable CASE
        sqs:SendMessage AsyncFailures
        sqs:SendMessage WritebackQueue
        states:StartExecution CaseJourney
    """,
}
_EVERYBODY = ("logs:", "xray:")


def granted(stack: Stack, folder: str) -> set[str]:
    """The lines that a function's role amounts to."""
    return {
        line
        for statement in stack.statements(stack.role_of(folder))
        if statement["Effect"] == "Allow"
        for line in _lines(statement)
        if not line.startswith(_EVERYBODY)
    }


def _lines(statement: Json) -> Iterator[str]:
    condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
    partitions = [key.removesuffix("#*") for key in condition.get("dynamodb:LeadingKeys", [])]
    for verb in listed(statement["Action"]):
        for resource in listed(statement["Resource"]):
            yield " ".join([verb, _short(target(resource)), *partitions])


def _short(arn: str) -> str:
    return arn.rpartition("${AWS::AccountId}:")[2].removeprefix("${CaseTable.Arn}/")


@pytest.mark.parametrize("folder", MAY)
def test_a_function_may_do_this_and_no_more(folder: str):
    assert granted(STACK, folder) == {line.strip() for line in MAY[folder].strip().splitlines()}


def test_no_function_was_forgotten():
    assert STACK.functions().keys() == MAY.keys()


def holders(verb: str, *resources: str) -> set[str]:
    """The functions that have a verb, on any of the resources or partitions if some are named."""
    lines = {(folder, line) for folder in MAY for line in granted(STACK, folder)}
    return {
        folder
        for folder, line in lines
        if line.split()[0] == verb and (not resources or {*line.split()[1:]} & {*resources})
    }


def test_only_the_code_function_and_the_sender_send_messages_t19():
    assert holders("sns:Publish") == {"send_touch", "one_time_code"}
    assert holders("ses:SendEmail") == {"send_touch", "one_time_code"}
    assert holders("social-messaging:SendWhatsAppMessage") == {"send_touch"}


def test_a_function_that_shows_pages_cannot_accept_a_submission_t11():
    assert "mini_app" not in holders("dynamodb:PutItem", "CASE")
    assert "mini_app" not in holders("dynamodb:UpdateItem", "CASE")
    assert "mini_app" not in holders("sqs:SendMessage")


def test_only_writeback_takes_submissions_and_drives_the_breaker():
    assert holders("sqs:ReceiveMessage", "WritebackQueue") == {"writeback"}
    assert holders("dynamodb:UpdateItem", "SYSTEM") == {"writeback"}


def test_public_functions_cannot_touch_journeys_t18():
    public = {"mini_app", "one_time_code", "submit_action"}
    assert not public & (holders("states:SendTaskSuccess") | holders("states:StartExecution"))


def test_nobody_scans_or_deletes_cases():
    assert holders("dynamodb:Scan") == set()
    assert holders("dynamodb:DeleteItem") == {"one_time_code"}
    assert holders("dynamodb:DeleteItem", "CASE") == set()


def test_every_star_has_its_reason():
    assert all(len(reason.split()) >= 4 for reason in STAR_RESOURCES.values())
