"""Whatever fails, stands still or waits for a person is heard (house rule 19)."""

from collections.abc import Iterator

from tests.contract.template.failure_rules import DRAINED, PARKED
from tests.contract.template.stack import Json, Stack, named, rule, target


def _alarms(stack: Stack, metric: str) -> dict[str, Json]:
    """Alarms on a metric by what their one dimension names."""
    return {
        target(alarm["Dimensions"][0]["Value"]): alarm
        for _, alarm in stack.of("CloudWatch::Alarm")
        if alarm.get("MetricName") == metric
    }


@rule
def every_parking_queue_raises_an_alarm(stack: Stack) -> Iterator[str]:
    alarms = _alarms(stack, "ApproximateNumberOfMessagesVisible")
    for name in (*PARKED, *DRAINED):
        alarm = alarms.get(name)
        if alarm is None or alarm["Threshold"] > 1 or alarm["Statistic"] != "Maximum":
            yield f"no alarm at the first message in {name}"


@rule
def every_function_raises_an_alarm_when_it_fails(stack: Stack) -> Iterator[str]:
    alarms = _alarms(stack, "Errors")
    for folder in stack.functions():
        if f"{named(folder)}Function" not in alarms:
            yield f"nobody hears of errors of {folder}"


@rule
def journeys_that_die_raise_an_alarm_and_become_handoffs(stack: Stack) -> Iterator[str]:
    for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"):
        if "CaseJourney" not in _alarms(stack, metric):
            yield f"no alarm on {metric}"
    patterns = [
        (each["EventPattern"], [target(goal["Arn"]) for goal in each["Targets"]])
        for _, each in stack.of("Events::Rule")
        if "aws.states" in each.get("EventPattern", {}).get("source", [])
    ]
    for pattern, goals in patterns:
        statuses = set(pattern["detail"]["status"])
        machine = [target(each) for each in pattern["detail"].get("stateMachineArn", [])]
        right = statuses == {"FAILED", "TIMED_OUT", "ABORTED"} and machine == ["CaseJourney"]
        if not right or goals != ["HandOffFunction"]:
            yield f"{pattern} goes to {goals}"
    if not patterns:
        yield "nobody takes a case whose journey has died"


@rule
def lateness_and_page_errors_raise_an_alarm(stack: Stack) -> Iterator[str]:
    ages = _alarms(stack, "ApproximateAgeOfOldestMessage")
    yield from (
        f"nobody hears that {queue} stands still"
        for queue in ("TriggersQueue", "WritebackQueue")
        if queue not in ages
    )
    if not _alarms(stack, "5XXError"):
        yield "nobody hears that customers see errors"
    sweeps = _alarms(stack, "Invocations").get("SweepFunction", {})
    if sweeps.get("TreatMissingData") != "breaching":
        yield "nobody hears that sweep has stopped"


@rule
def every_alarm_tells_somebody_and_says_what(stack: Stack) -> Iterator[str]:
    for name, alarm in stack.of("CloudWatch::Alarm"):
        if [target(each) for each in alarm.get("AlarmActions", [])] != ["AlarmTopic"]:
            yield f"{name} rings nowhere"
        if not alarm.get("AlarmDescription"):
            yield f"{name} does not say what it is about"
