"""What is kept is encrypted with the customer's key and outlives the stack."""

from collections.abc import Iterator

from tests.contract.template.stack import Json, Stack, listed, rule, target

KEY = "CustomerDataKey"
# Deployed type → property that names the key.
_ENCRYPTED = {
    "SQS::Queue": "KmsMasterKeyId",
    "Logs::LogGroup": "KmsKeyId",
    "SecretsManager::Secret": "KmsKeyId",
    "SNS::Topic": "KmsMasterKeyId",
    "Events::EventBus": "KmsKeyIdentifier",
}
# Deployed type → the service that must be able to use the key by itself.
_WRITERS = {
    "Events::EventBus": "events.amazonaws.com",
    "CloudWatch::Alarm": "cloudwatch.amazonaws.com",
    "Logs::LogGroup": "logs.${AWS::Region}.amazonaws.com",
}
# Deployed type → the service through which its users use the key.
_THROUGH = {
    "DynamoDB::Table": "dynamodb",
    "SecretsManager::Secret": "secretsmanager",
    "SNS::Topic": "sns",
    "SQS::Queue": "sqs",
}
_INDEXES = {"due": ("due_kind", "due_at"), "work": ("owner", "due_at")}
_STATEFUL = (
    "DynamoDB::Table",
    "KMS::Key",
    "SQS::Queue",
    "Logs::LogGroup",
    "SecretsManager::Secret",
)
_LASTING = ("DynamoDB::Table", "KMS::Key")


def _key_statements(stack: Stack) -> list[Json]:
    return stack.properties(KEY)["KeyPolicy"]["Statement"]


@rule
def everything_kept_is_encrypted_with_the_customers_key(stack: Stack) -> Iterator[str]:
    for kind, name in _ENCRYPTED.items():
        for resource, properties in stack.of(kind):
            if target(properties.get(name, "")) != KEY:
                yield f"{resource} is not encrypted with {KEY}"
    for resource, table in stack.of("DynamoDB::Table"):
        encryption = table.get("SSESpecification", {})
        if target(encryption.get("KMSMasterKeyId", "")) != KEY or not encryption["SSEEnabled"]:
            yield f"{resource} is not encrypted with {KEY}"


@rule
def the_key_policy_names_every_service_that_writes(stack: Stack) -> Iterator[str]:
    services = [
        target(statement["Principal"]["Service"])
        for statement in _key_statements(stack)
        if isinstance(statement["Principal"], dict) and "Service" in statement["Principal"]
    ]
    for kind, service in _WRITERS.items():
        if any(True for _ in stack.of(kind)) and service not in services:
            yield f"{service} writes to what the key encrypts, but may not use it"
    through = [
        target(service)
        for statement in _key_statements(stack)
        for service in listed(
            statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", [])
        )
    ]
    for kind, service in _THROUGH.items():
        wanted = f"{service}.${{AWS::Region}}.amazonaws.com"
        if any(True for _ in stack.of(kind)) and wanted not in through:
            yield f"nobody may use the key through {service}"


@rule
def nobody_decrypts_without_a_condition(stack: Stack) -> Iterator[str]:
    for statement in _key_statements(stack):
        uses = any(
            verb.startswith(
                ("kms:Decrypt", "kms:Encrypt", "kms:Generate", "kms:ReEncrypt", "kms:*")
            )
            for verb in listed(statement["Action"])
        )
        if uses and not statement.get("Condition"):
            yield f"{statement['Sid']} may decrypt unconditionally"
        everyone = target(statement["Principal"].get("AWS", "")) == "*"
        equals = statement.get("Condition", {}).get("StringEquals", {})
        if everyone and not {"kms:CallerAccount", "kms:ViaService"} <= equals.keys():
            yield f"{statement['Sid']} lets everyone use the key"


@rule
def the_key_rotates(stack: Stack) -> Iterator[str]:
    if not stack.properties(KEY).get("EnableKeyRotation"):
        yield f"{KEY} never rotates"


@rule
def data_outlives_the_stack(stack: Stack) -> Iterator[str]:
    for name, resource in stack.resources.items():
        kind = resource["Type"].removeprefix("AWS::")
        policies = [str(resource.get(each)) for each in ("DeletionPolicy", "UpdateReplacePolicy")]
        if kind in _STATEFUL and "None" in policies:
            yield f"{name} does not say what becomes of it"
        if kind in _LASTING and not all(each.startswith("Retain") for each in policies):
            yield f"{name} goes with the stack"


@rule
def the_table_is_as_designed(stack: Stack) -> Iterator[str]:
    table = stack.properties("CaseTable")
    if table.get("BillingMode") != "PAY_PER_REQUEST":
        yield "the table is not on demand"
    if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
        yield "the table has no point-in-time recovery"
    ttl = table.get("TimeToLiveSpecification", {})
    if not ttl.get("Enabled") or ttl.get("AttributeName") != "expires_at":
        yield "the table forgets nothing by itself"
    if "TableName" in table:
        yield "a named table stands in the way of the next stack"
    indexes = {
        index["IndexName"]: tuple(part["AttributeName"] for part in index["KeySchema"])
        for index in table["GlobalSecondaryIndexes"]
    }
    if indexes != _INDEXES:
        yield f"the indexes are {indexes}"


@rule
def secrets_are_generated_and_never_passed_by_value(stack: Stack) -> Iterator[str]:
    for name, secret in stack.of("SecretsManager::Secret"):
        if "SecretString" in secret or secret["GenerateSecretString"]["PasswordLength"] < _SECRET:
            yield f"{name} is written down or short"
    for name, function in stack.of("Lambda::Function"):
        for variable, value in function["Environment"]["Variables"].items():
            reference = stack.resources.get(target(value), {}).get("Type")
            if variable.endswith("SECRET") and reference != "AWS::SecretsManager::Secret":
                yield f"{name} is given {variable} by value"
    for name, parameter in stack.source["Parameters"].items():
        if parameter.get("NoEcho"):
            yield f"the secret {name} is a parameter"


_SECRET = 64


@rule
def only_the_core_speaks_on_the_bus(stack: Stack) -> Iterator[str]:
    statements = stack.properties("EventBus").get("Policy", {}).get("Statement", [])
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    for each in allowed:
        account = "iam::${Account}:root" in str(each["Principal"])
        sources = each.get("Condition", {}).get("StringEquals", {}).get("events:source")
        if not account or sources != "core.billing":
            yield f"{each['Sid']} lets {each['Principal']} publish {sources or 'anything'}"
    denied = [each for each in statements if each["Effect"] == "Deny"]
    others = {"StringNotEquals": {"events:source": "core.billing"}}
    if not any(each["Principal"] == "*" and each["Condition"] == others for each in denied):
        yield "this account's own principals may speak in any name"
    for name, each in stack.of("Events::Rule"):
        pattern = each.get("EventPattern", {})
        if "EventBusName" in each and not {"account", "source", "detail-type"} <= pattern.keys():
            yield f"{name} does not ask who speaks"


@rule
def queues_accept_their_own_rule_only(stack: Stack) -> Iterator[str]:
    for name, policy in stack.of("SQS::QueuePolicy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if "aws:SourceArn" not in str(statement.get("Condition", {})):
                yield f"{name} accepts messages from any rule of any account"
