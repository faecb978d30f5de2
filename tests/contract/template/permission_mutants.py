"""Mutants of roles and policies."""

from tests.contract.template import permission_rules as permissions
from tests.contract.template.mutant import Mutant, allow, drop, put

_STAR_KEYS = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["*"]}}
PERMISSIONS_MUTANTS = (
    Mutant(
        permissions.each_function_has_a_role_of_its_own,
        "two functions in one role",
        put("MiniAppFunction/Role", {"Fn::GetAtt": ["WritebackRole", "Arn"]}),
    ),
    Mutant(
        permissions.each_function_has_a_role_of_its_own,
        "a role that SAM makes up",
        drop("MiniAppFunction/Role"),
    ),
    Mutant(
        permissions.a_role_is_for_one_service,
        "a role for the whole account",
        put("SweepRole/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "*"}),
    ),
    Mutant(
        permissions.policies_are_written_out,
        "a managed policy",
        put("SweepRole/ManagedPolicyArns", ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]),
    ),
    Mutant(
        permissions.every_verb_is_exact,
        "all verbs of a service",
        allow("SweepRole", "SendAgain", Action="sqs:*"),
    ),
    Mutant(
        permissions.every_verb_is_exact,
        "verbs by their beginning",
        allow("MiniAppRole", "OpenLinks", Action=["dynamodb:Put*"]),
    ),
    Mutant(
        permissions.every_resource_is_exact_but_for_those_with_a_reason,
        "any queue",
        allow("SweepRole", "SendAgain", Resource="*"),
    ),
    Mutant(
        permissions.every_resource_is_exact_but_for_those_with_a_reason,
        "an exception that outlived its cause",
        allow("SweepRole", "SendTraces", Resource="arn:aws:xray:eu-west-2:1:group/closeloop"),
    ),
    Mutant(
        permissions.table_access_is_narrowed_by_partition,
        "no condition on partitions",
        allow("MiniAppRole", "OpenLinks", Condition=None),
    ),
    Mutant(
        permissions.table_access_is_narrowed_by_partition,
        "a condition that lets all partitions pass",
        allow("MiniAppRole", "OpenLinks", Condition=_STAR_KEYS),
    ),
    Mutant(
        permissions.table_access_is_narrowed_by_partition,
        "a scan",
        allow("SweepRole", "FindWhatIsDue", Action=["dynamodb:Query", "dynamodb:Scan"]),
    ),
    Mutant(
        permissions.tokens_are_completed_for_this_journey_only,
        "tokens of every machine",
        allow("WritebackRole", "CompleteTokensOfTheJourney", Resource="*"),
    ),
    Mutant(
        permissions.only_its_own_log_is_written,
        "another function's log",
        allow("MiniAppRole", "WriteItsLog", Resource={"Fn::GetAtt": ["SweepLogs", "Arn"]}),
    ),
    Mutant(
        permissions.sms_permission_reaches_no_topic,
        "SMS and every topic",
        allow("SendTouchRole", "ButPublishToNoTopic", Effect="Allow"),
    ),
)
