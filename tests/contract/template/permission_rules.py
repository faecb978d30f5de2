"""One role per function: exact verbs, exact resources, conditions (house rule 17, SECURITY 2.9)."""

from collections.abc import Iterator

from tests.contract.template.stack import Json, Stack, listed, rule, target

# Where AWS knows no resource to name. (role, Sid) → why. A test reads it; so may an auditor.
STAR_RESOURCES = {
    ("CaseJourneyRole", "DeliverItsLog"): "log deliveries are account-wide and have no ARN",
    ("CaseJourneyRole", "SendTraces"): "X-Ray segments have no ARN",
    ("DeadLettersRole", "SendTraces"): "X-Ray segments have no ARN",
    ("HandOffRole", "SendTraces"): "X-Ray segments have no ARN",
    ("MiniAppRole", "SendTraces"): "X-Ray segments have no ARN",
    ("OneTimeCodeRole", "SendSms"): "a telephone number has no ARN; topics are denied beside it",
    ("OneTimeCodeRole", "SendTraces"): "X-Ray segments have no ARN",
    ("OpenCaseRole", "SendTraces"): "X-Ray segments have no ARN",
    ("SendTouchRole", "SendSms"): "a telephone number has no ARN; topics are denied beside it",
    ("SendTouchRole", "SendTraces"): "X-Ray segments have no ARN",
    ("SubmitActionRole", "SendTraces"): "X-Ray segments have no ARN",
    ("SweepRole", "SendTraces"): "X-Ray segments have no ARN",
    ("WritebackRole", "SendTraces"): "X-Ray segments have no ARN",
}
MANAGED_POLICIES = {"ApiLoggingRole": "AmazonAPIGatewayPushToCloudWatchLogs"}
_JOURNEY = "stateMachine:${AWS::StackName}-case-journey"


def _written(stack: Stack) -> Iterator[tuple[str, Json]]:
    for role, _ in stack.of("IAM::Role"):
        for statement in stack.statements(role):
            yield role, statement


@rule
def each_function_has_a_role_of_its_own(stack: Stack) -> Iterator[str]:
    roles = [target(properties["Role"]) for _, properties in stack.of("Lambda::Function")]
    for role in {each for each in roles if roles.count(each) > 1}:
        yield f"{role} is shared"
    for role in set(roles):
        if stack.source["Resources"].get(role, {}).get("Type") != "AWS::IAM::Role":
            yield f"{role} is not a role written in this template"


@rule
def a_role_is_for_one_service(stack: Stack) -> Iterator[str]:
    for name, role in stack.of("IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            principal = statement["Principal"]
            service = principal.get("Service") if isinstance(principal, dict) else None
            if not isinstance(service, str):
                yield f"{name} may be taken on by {principal}"


@rule
def policies_are_written_out(stack: Stack) -> Iterator[str]:
    for name, role in stack.of("IAM::Role"):
        for policy in role.get("ManagedPolicyArns", []):
            if MANAGED_POLICIES.get(name, " ") not in str(policy):
                yield f"{name} uses the managed policy {policy}"


@rule
def every_verb_is_exact(stack: Stack) -> Iterator[str]:
    for role, statement in _written(stack):
        if "NotAction" in statement:
            yield f"{role} {statement.get('Sid')} allows all but some verbs"
        for action in listed(statement.get("Action", [])):
            if "*" in action or "?" in action:
                yield f"{role} {statement.get('Sid')} allows {action}"


@rule
def every_resource_is_exact_but_for_those_with_a_reason(stack: Stack) -> Iterator[str]:
    used = set[tuple[str, str]]()
    for role, statement in _written(stack):
        key = (role, str(statement.get("Sid")))
        star = "*" in listed(statement.get("Resource", "*"))
        if statement["Effect"] == "Allow" and star:
            used.add(key)
            if key not in STAR_RESOURCES:
                yield f"{role} {key[1]} allows {statement['Action']} on everything"
    yield from (f"{key} needs no exception any more" for key in STAR_RESOURCES.keys() - used)


@rule
def table_access_is_narrowed_by_partition(stack: Stack) -> Iterator[str]:
    for role, statement in _written(stack):
        actions = [each for each in listed(statement["Action"]) if each.startswith("dynamodb:")]
        if not actions:
            continue
        condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
        keys = condition.get("dynamodb:LeadingKeys", [])
        if not keys or any(key.strip("*#") == "" for key in listed(keys)):
            yield f"{role} {statement['Sid']} may use every partition of the table"
        for action in set(actions) & {"dynamodb:Scan", "dynamodb:PartiQLSelect"}:
            yield f"{role} may {action}"


@rule
def tokens_are_completed_for_this_journey_only(stack: Stack) -> Iterator[str]:
    for role, statement in _written(stack):
        if not any(action.startswith("states:") for action in listed(statement["Action"])):
            continue
        for resource in listed(statement["Resource"]):
            if target(resource) != "CaseJourney" and not target(resource).endswith(_JOURNEY):
                yield f"{role} may {statement['Action']} on {resource}"


@rule
def only_its_own_log_is_written(stack: Stack) -> Iterator[str]:
    for folder in stack.functions():
        role = stack.role_of(folder)
        wanted = role.removesuffix("Role") + "Logs"
        for statement in stack.statements(role):
            verbs = [each for each in listed(statement["Action"]) if each.startswith("logs:")]
            if verbs and [target(each) for each in listed(statement["Resource"])] != [wanted]:
                yield f"{role} writes to {statement['Resource']}"


@rule
def sms_permission_reaches_no_topic(stack: Stack) -> Iterator[str]:
    for role, _ in stack.of("IAM::Role"):
        effects = {
            (statement["Effect"], str(statement["Resource"]))
            for statement in stack.statements(role)
            if "sns:Publish" in listed(statement["Action"])
        }
        if effects and ("Deny", "{'Fn::Sub': 'arn:${AWS::Partition}:sns:*:*:*'}") not in effects:
            yield f"{role} may publish to topics"
