"""Ways to spoil the journey's definition, each with the rule that must notice.

A mutant edits the parsed real definition in place; MUTANTS_OF_TEXT edit the file's text.
"""

from collections.abc import Sequence

from tests.contract import asl_rules as shape
from tests.contract import journey_rules as walked
from tests.contract.asl_edits import Spoil, drop, put, top
from tests.contract.asl_rules import Rule
from tools.journey.walk import Json

SEND, CLOSE, FAILURE = "Send touch", "Close unanswered", "Hand off failure"
ASK, HOLD = "What happened?", "Hold until lawful"


def rule_for(outcome: str) -> Spoil:
    """Remove the choice rule for an outcome."""

    def spoil(machine: Json) -> None:
        rules = machine["States"][ASK]["Choices"]
        rules[:] = [rule for rule in rules if f"'{outcome}' %}}" not in rule["Condition"]]

    return spoil


def detour(machine: Json) -> None:
    """Put one more state between the outcome and its end."""
    states = machine["States"]
    states["Note it"] = {"Comment": "One more.", "Type": "Wait", "Seconds": 0, "Next": ASK}
    states[SEND]["Next"] = "Note it"
    states[SEND]["Catch"][0]["Next"] = "Note it"


def unbounded(machine: Json) -> None:
    """Let holds go on without counting turns."""
    condition = "{% $states.input.outcome = 'hold' and $states.input.hold_s >= 1 %}"
    machine["States"][ASK]["Choices"][5]["Condition"] = condition


def uncounted(machine: Json) -> None:
    """Keep the bound and forget to count."""
    turns = "{% $exists($states.input.turns) ? $states.input.turns : 1 %}"
    machine["States"][SEND]["Output"]["turns"] = turns


def patient(machine: Json) -> None:
    """Allow more turns than a history can hold."""
    for rule in machine["States"][ASK]["Choices"]:
        rule["Condition"] = walked.TURNS.sub("turns < 6000", rule["Condition"])


CALLER = "{% $states.input.customer %}"
MUTANTS: Sequence[tuple[Rule, str, Spoil]] = (
    (shape.every_state_says_what_it_is_for, "a mute state", drop(HOLD, "Comment")),
    (shape.every_state_says_what_it_is_for, "a mute rule", drop(ASK, "Choices", 0, "Comment")),
    (shape.everything_is_jsonata, "no query language", top("QueryLanguage", "JSONPath")),
    (shape.everything_is_jsonata, "a path", put(HOLD, "SecondsPath", value="$.hold_s")),
    (shape.every_target_exists, "a start that is not there", top("StartAt", "Begin")),
    (shape.every_target_exists, "a misspelt Next", put(HOLD, "Next", value="Send Touch")),
    (shape.every_target_exists, "a misspelt rule", put(ASK, "Choices", 0, "Next", value="Done")),
    (shape.every_target_exists, "a dead end", drop(HOLD, "Next")),
    (shape.every_state_is_reachable, "a lost end", rule_for("expired")),
    (shape.every_task_times_out, "an endless wait", drop(SEND, "TimeoutSeconds")),
    (shape.every_task_times_out, "no time at all", put(CLOSE, "TimeoutSeconds", value=0)),
    (
        shape.every_task_retries_named_errors_with_jitter,
        "repeats everything",
        put(SEND, "Retry", 0, "ErrorEquals", value=["States.ALL"]),
    ),
    (
        shape.every_task_retries_named_errors_with_jitter,
        "repeats silence",
        put(SEND, "Retry", 0, "ErrorEquals", value=["States.Timeout"]),
    ),
    (
        shape.every_task_retries_named_errors_with_jitter,
        "repeats in step",
        put(CLOSE, "Retry", 0, "JitterStrategy", value="NONE"),
    ),
    (
        shape.every_task_retries_named_errors_with_jitter,
        "repeats ever slower",
        drop(FAILURE, "Retry", 1, "MaxDelaySeconds"),
    ),
    (shape.every_task_retries_named_errors_with_jitter, "never repeats", drop(CLOSE, "Retry")),
    (shape.every_task_catches_everything, "catches silence only", drop(SEND, "Catch", 1)),
    (shape.every_task_catches_everything, "catches nothing", drop(FAILURE, "Catch")),
    (shape.every_task_catches_everything, "passes the error on", drop(CLOSE, "Catch", 0, "Output")),
    (shape.the_machine_outlives_the_longest_case, "gives up early", top("TimeoutSeconds", 86_400)),
    (
        shape.the_machine_outlives_the_longest_case,
        "outlives AWS",
        top("TimeoutSeconds", 34_560_000),
    ),
    (
        shape.a_caught_failure_never_becomes_a_success,
        "a fault goes on as if nothing had been",
        put(SEND, "Catch", 1, "Next", value=ASK),
    ),
    (
        shape.a_caught_failure_never_becomes_a_success,
        "a failed handoff counts as one",
        put(FAILURE, "Catch", 0, "Next", value="Handed off"),
    ),
    (
        shape.a_caught_failure_never_becomes_a_success,
        "a lie",
        put(FAILURE, "Next", value="Expired"),
    ),
    (
        shape.an_unknown_outcome_is_a_failure,
        "a kind default",
        put(ASK, "Default", value="Resolved"),
    ),
    (shape.an_unknown_outcome_is_a_failure, "no default", drop(ASK, "Default")),
    (
        shape.only_ids_ordinals_and_durations_travel,
        "a person travels",
        put(SEND, "Arguments", "Payload", "name", value=CALLER),
    ),
    (
        shape.only_ids_ordinals_and_durations_travel,
        "a person hides in an id",
        put(CLOSE, "Output", "case_id", value=CALLER),
    ),
    (
        shape.only_ids_ordinals_and_durations_travel,
        "the result is passed whole",
        put(SEND, "Output", value="{% $states.result %}"),
    ),
    (shape.only_ids_ordinals_and_durations_travel, "no Output", drop(FAILURE, "Output")),
    (
        shape.only_ids_ordinals_and_durations_travel,
        "the error travels",
        put(SEND, "Catch", 1, "Output", "reason", value="{% $states.errorOutput.Cause %}"),
    ),
    (
        shape.only_ids_ordinals_and_durations_travel,
        "the token stays in the state",
        put(SEND, "Output", "turns", value="{% $states.context.Task.Token %}"),
    ),
    (
        shape.substitutions_are_whole_quoted_values,
        "a function by name",
        put(SEND, "Arguments", "FunctionName", value="send-touch"),
    ),
    (
        shape.substitutions_are_whole_quoted_values,
        "a substitution elsewhere",
        put(HOLD, "Comment", value="${Anything}"),
    ),
    (walked.transitions_stay_within_budget, "one more state", detour),
    (walked.every_journey_ends, "holds for ever", unbounded),
    (walked.every_journey_ends, "forgets to count", uncounted),
    (
        walked.silence_moves_on_and_a_hold_does_not,
        "sends it again",
        drop(ASK, "Choices", 6, "Output"),
    ),
    (
        walked.silence_moves_on_and_a_hold_does_not,
        "a hold costs a touch",
        put(HOLD, "Output", "touch", value="{% $states.input.touch + 1 %}"),
    ),
    (
        walked.success_needs_its_own_outcome,
        "silence is consent",
        put(SEND, "Catch", 0, "Output", "outcome", value="resolved"),
    ),
    (
        walked.success_needs_its_own_outcome,
        "settled counts as resolved",
        put(ASK, "Choices", 1, "Next", value="Resolved"),
    ),
    (
        walked.success_needs_its_own_outcome,
        "anything counts",
        put(ASK, "Choices", 0, "Condition", value="{% $exists($states.input.outcome) %}"),
    ),
    (
        walked.closing_never_contacts_again,
        "closing starts over",
        put(CLOSE, "Output", "outcome", value="{% $states.result.outcome %}"),
    ),
    (walked.history_stays_far_below_the_limit, "more turns than history", patient),
)
MUTANTS_OF_TEXT: Sequence[tuple[Rule, str, tuple[str, str]]] = (
    (
        shape.substitutions_are_whole_quoted_values,
        "an unquoted substitution",
        ('"${SendTouchFunctionArn}"', "${SendTouchFunctionArn}"),
    ),
)
