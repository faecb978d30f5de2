"""Mutants of failure destinations and alarms."""

from tests.contract.template import alarm_rules as alarms
from tests.contract.template import failure_rules as failures
from tests.contract.template.mutant import Mutant, at, drop, forget, put

FAILURES_MUTANTS = (
    Mutant(
        failures.every_queue_has_dead_letters_or_holds_them,
        "a queue whose poison goes round for ever",
        drop("WritebackQueue/RedrivePolicy"),
    ),
    Mutant(
        failures.every_queue_has_dead_letters_or_holds_them,
        "dead letters in a queue that nobody drains",
        put(
            "WritebackQueue/RedrivePolicy/deadLetterTargetArn",
            {"Fn::GetAtt": ["RejectsQueue", "Arn"]},
        ),
    ),
    Mutant(
        failures.dead_letters_outlive_their_queue,
        "dead letters that expire first",
        put("WritebackDeadLetters/MessageRetentionPeriod", 3600),
    ),
    Mutant(
        failures.every_dead_letter_queue_is_drained_into_handoffs,
        "dead letters nobody takes",
        drop("DeadLettersFunction/Events/FromRules"),
    ),
    Mutant(
        failures.every_rule_target_has_retries_and_dead_letters,
        "a rule that loses events",
        drop("TriggersRule/Targets/0/DeadLetterConfig"),
    ),
    Mutant(
        failures.every_rule_target_has_retries_and_dead_letters,
        "a rule with retries left to chance",
        drop("JourneyEndedRule/Targets/0/RetryPolicy"),
    ),
    Mutant(
        failures.rules_may_write_to_their_dead_letters,
        "a dead-letter queue that refuses a rule",
        drop(
            "RuleDeadLettersPolicy/PolicyDocument/Statement/0/Condition/ArnEquals/aws:SourceArn/0"
        ),
    ),
    Mutant(
        failures.rules_may_write_to_their_dead_letters,
        "a queue that refuses its rule",
        forget("TriggersQueuePolicy"),
    ),
    Mutant(
        failures.every_async_function_has_a_failure_destination,
        "a handoff that is lost when it fails",
        drop("HandOffFunction/EventInvokeConfig"),
    ),
    Mutant(
        failures.queue_mappings_report_single_failures_and_are_bounded,
        "one bad message fails the batch",
        drop("OpenCaseFunction/Events/Triggers/Properties/FunctionResponseTypes"),
    ),
    Mutant(
        failures.queue_mappings_report_single_failures_and_are_bounded,
        "as many workers as there are messages",
        drop("WritebackFunction/Events/Submissions/Properties/ScalingConfig"),
    ),
    Mutant(
        failures.messages_stay_hidden_for_six_timeouts,
        "a message shown again too soon",
        put("Parameters/VisibilitySeconds/Default", 60),
    ),
    Mutant(
        failures.messages_stay_hidden_for_six_timeouts,
        "a function that takes longer",
        put("WritebackFunction/Timeout", 60),
    ),
    Mutant(
        failures.poison_leaves_late_because_attempts_are_counted_elsewhere,
        "a short outage that ends in dead letters",
        put("Parameters/PoisonReceives/Default", 3),
    ),
    Mutant(
        alarms.every_parking_queue_raises_an_alarm,
        "rejects that nobody hears of",
        forget("RejectsQueueAlarm"),
    ),
    Mutant(
        alarms.every_parking_queue_raises_an_alarm,
        "an alarm at the hundredth dead letter",
        put("RuleDeadLettersAlarm/Threshold", 100),
    ),
    Mutant(
        alarms.every_function_raises_an_alarm_when_it_fails,
        "a function that fails in silence",
        forget("SweepErrorsAlarm"),
    ),
    Mutant(
        alarms.journeys_that_die_raise_an_alarm_and_become_handoffs,
        "journeys that time out unheard",
        forget("JourneysTimedOutAlarm"),
    ),
    Mutant(
        alarms.journeys_that_die_raise_an_alarm_and_become_handoffs,
        "aborted journeys that nobody takes",
        lambda document: at(document, "JourneyEndedRule/EventPattern/detail/status").remove(
            "ABORTED"
        ),
    ),
    Mutant(
        alarms.journeys_that_die_raise_an_alarm_and_become_handoffs,
        "other people's journeys",
        drop("JourneyEndedRule/EventPattern/detail/stateMachineArn"),
    ),
    Mutant(
        alarms.lateness_and_page_errors_raise_an_alarm,
        "submissions that stand still",
        forget("OldestWritebackAlarm"),
    ),
    Mutant(
        alarms.lateness_and_page_errors_raise_an_alarm,
        "a sweep that stops unheard",
        put("SweepStoppedAlarm/TreatMissingData", "notBreaching"),
    ),
    Mutant(
        alarms.every_alarm_tells_somebody_and_says_what,
        "an alarm that rings nowhere",
        drop("ServerErrorsAlarm/AlarmActions"),
    ),
)
