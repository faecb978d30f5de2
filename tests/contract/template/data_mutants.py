"""Mutants of encryption, the table and the bus."""

from tests.contract.template import data_rules as data
from tests.contract.template.mutant import Mutant, drop, of_resource, put

DATA_MUTANTS = (
    Mutant(
        data.everything_kept_is_encrypted_with_the_customers_key,
        "a queue in the clear",
        drop("RejectsQueue/KmsMasterKeyId"),
    ),
    Mutant(
        data.everything_kept_is_encrypted_with_the_customers_key,
        "a table with AWS's key",
        drop("CaseTable/SSESpecification/KMSMasterKeyId"),
    ),
    Mutant(
        data.the_key_policy_names_every_service_that_writes,
        "alarms that cannot reach their topic",
        drop("CustomerDataKey/KeyPolicy/Statement/3"),
    ),
    Mutant(
        data.the_key_policy_names_every_service_that_writes,
        "a queue that nobody can write to",
        drop("CustomerDataKey/KeyPolicy/Statement/1/Condition/StringEquals/kms:ViaService/3"),
    ),
    Mutant(
        data.nobody_decrypts_without_a_condition,
        "a key for everyone",
        drop("CustomerDataKey/KeyPolicy/Statement/1/Condition"),
    ),
    Mutant(
        data.nobody_decrypts_without_a_condition,
        "administrators who read",
        put("CustomerDataKey/KeyPolicy/Statement/0/Action", "kms:*"),
    ),
    Mutant(data.the_key_rotates, "a key for ever", put("CustomerDataKey/EnableKeyRotation", False)),
    Mutant(
        data.data_outlives_the_stack,
        "a table that goes with the stack",
        of_resource("CaseTable", "DeletionPolicy", "Delete"),
    ),
    Mutant(
        data.data_outlives_the_stack,
        "a queue whose end nobody decided",
        of_resource("WritebackQueue", "UpdateReplacePolicy"),
    ),
    Mutant(
        data.the_table_is_as_designed,
        "a table that forgets nothing",
        drop("CaseTable/TimeToLiveSpecification"),
    ),
    Mutant(
        data.the_table_is_as_designed,
        "no index of work",
        drop("CaseTable/GlobalSecondaryIndexes/1"),
    ),
    Mutant(
        data.secrets_are_generated_and_never_passed_by_value,
        "a secret in the environment",
        put("WritebackFunction/Environment/Variables/CORE_SECRET", "k3y"),
    ),
    Mutant(
        data.secrets_are_generated_and_never_passed_by_value,
        "a secret in the template",
        put("CoreSecret/SecretString", "k3y"),
    ),
    Mutant(
        data.only_the_core_speaks_on_the_bus,
        "a bus for everybody in the account",
        drop("EventBus/Policy/Statement/1"),
    ),
    Mutant(
        data.only_the_core_speaks_on_the_bus,
        "any source",
        drop("EventBus/Policy/Statement/0/Condition"),
    ),
    Mutant(
        data.only_the_core_speaks_on_the_bus,
        "events of any account",
        drop("TriggersRule/EventPattern/account"),
    ),
    Mutant(
        data.queues_accept_their_own_rule_only,
        "messages from anybody's rule",
        drop("TriggersQueuePolicy/PolicyDocument/Statement/0/Condition"),
    ),
)
