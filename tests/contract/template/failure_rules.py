"""No queue, rule or async function without a failure destination (house rule 19)."""

from collections.abc import Iterator

from tests.contract.template.stack import Json, Stack, listed, rule, target

# Queues where messages end up, and who empties them.
PARKED = {"RejectsQueue": "a person"}
DRAINED = ("TriggersDeadLetters", "WritebackDeadLetters", "RuleDeadLetters", "AsyncFailures")
_FACTOR = 6  # AWS: the visibility timeout is at least six times the function's
_PATIENCE = 50


def _mappings(stack: Stack) -> Iterator[tuple[str, str, Json]]:
    for _, mapping in stack.of("Lambda::EventSourceMapping"):
        yield target(mapping["FunctionName"]), target(mapping["EventSourceArn"]), mapping


@rule
def every_queue_has_dead_letters_or_holds_them(stack: Stack) -> Iterator[str]:
    for name, queue in stack.of("SQS::Queue"):
        redrive = queue.get("RedrivePolicy")
        if redrive is None and name not in {*PARKED, *DRAINED}:
            yield f"{name} has no dead-letter queue"
        if redrive and target(redrive["deadLetterTargetArn"]) not in DRAINED:
            yield f"{name} sends its dead letters where nobody looks"


@rule
def dead_letters_outlive_their_queue(stack: Stack) -> Iterator[str]:
    for name, queue in stack.of("SQS::Queue"):
        if "RedrivePolicy" in queue:
            last = target(queue["RedrivePolicy"]["deadLetterTargetArn"])
            kept = stack.properties(last)["MessageRetentionPeriod"]
            if kept <= queue["MessageRetentionPeriod"]:
                yield f"a message that grew old in {name} is gone from {last} at once"


@rule
def every_dead_letter_queue_is_drained_into_handoffs(stack: Stack) -> Iterator[str]:
    drained = {queue for function, queue, _ in _mappings(stack) if function.startswith("Dead")}
    yield from (f"nothing drains {name}" for name in DRAINED if name not in drained)


@rule
def every_rule_target_has_retries_and_dead_letters(stack: Stack) -> Iterator[str]:
    for name, each in stack.of("Events::Rule"):
        for goal in each["Targets"]:
            if "RetryPolicy" not in goal:
                yield f"{name} does not say how often it tries"
            if target(goal.get("DeadLetterConfig", {}).get("Arn", "")) not in DRAINED:
                yield f"{name} loses what it cannot deliver"


@rule
def rules_may_write_to_their_dead_letters(stack: Stack) -> Iterator[str]:
    policies = {
        target(queue): policy["PolicyDocument"]["Statement"]
        for _, policy in stack.of("SQS::QueuePolicy")
        for queue in policy["Queues"]
    }
    for name, each in stack.of("Events::Rule"):
        for goal in each["Targets"]:
            queues = [target(goal["DeadLetterConfig"]["Arn"])] if "DeadLetterConfig" in goal else []
            if stack.resources[target(goal["Arn"])]["Type"] == "AWS::SQS::Queue":
                queues.append(target(goal["Arn"]))
            for queue in queues:
                senders = [
                    target(source)
                    for statement in policies.get(queue, [])
                    for source in listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"])
                ]
                if name not in senders:
                    yield f"{queue} does not accept messages of {name}"


@rule
def every_async_function_has_a_failure_destination(stack: Stack) -> Iterator[str]:
    configured = {
        target(config["FunctionName"]): target(
            config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        )
        for _, config in stack.of("Lambda::EventInvokeConfig")
    }
    for _, permission in stack.of("Lambda::Permission"):
        function = target(permission["FunctionName"])
        asynchronous = permission["Principal"] != "apigateway.amazonaws.com"
        if asynchronous and configured.get(function) not in DRAINED:
            yield f"{function} is called asynchronously and loses what it fails at"


@rule
def queue_mappings_report_single_failures_and_are_bounded(stack: Stack) -> Iterator[str]:
    for function, queue, mapping in _mappings(stack):
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{function}: one bad message of {queue} fails its whole batch"
        if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
            yield f"{function} takes from {queue} without a bound"


@rule
def messages_stay_hidden_for_six_timeouts(stack: Stack) -> Iterator[str]:
    for function, queue, _ in _mappings(stack):
        timeout = stack.number(stack.properties(function)["Timeout"])
        visibility = stack.number(stack.properties(queue).get("VisibilityTimeout", 30))
        if visibility < _FACTOR * timeout:
            yield f"{queue} shows a message again after {visibility} s; {function} has {timeout} s"


@rule
def poison_leaves_late_because_attempts_are_counted_elsewhere(stack: Stack) -> Iterator[str]:
    for name, queue in stack.of("SQS::Queue"):
        receives = queue.get("RedrivePolicy", {}).get("maxReceiveCount", _PATIENCE)
        if stack.number(receives) < _PATIENCE:
            yield f"{name} gives a message up after {receives} receives (R8)"
