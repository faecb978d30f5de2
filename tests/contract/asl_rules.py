"""What a state machine of this product must look like: one function per rule, read off its text.

A rule returns what it finds wrong, in words. `journey_rules` adds what only walking it can show.
"""

import json
import re
from collections.abc import Callable, Sequence

from tests.contract.asl_parts import closure, ends, parts, states_of, targets, tasks

Rule = Callable[[str], list[str]]
DAY_S = 86_400
LONGEST_DEADLINE_S = 180 * DAY_S  # the longest blueprint deadline the machine is made for
SERVICE_LIMIT_S = 365 * DAY_S  # Step Functions ends a Standard execution after a year
CALLBACK = ".waitForTaskToken"
# Ids, ordinals and durations, and the two words that say which way to go.
TRAVELS = frozenset({"case_id", "touch", "turns", "waits", "hold_s", "outcome", "reason"})
READABLE = frozenset(f"$states.input.{key}" for key in TRAVELS) | {
    "$states.result.outcome",
    "$states.result.hold_s",
}
TOKEN = "{% $states.context.Task.Token %}"
JSONPATH = frozenset(
    {"InputPath", "OutputPath", "ResultPath", "ResultSelector", "Parameters", "ItemsPath"}
    | {"SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "Variable"}
)


def every_state_says_what_it_is_for(text: str) -> list[str]:
    """Machine, states, choice rules, retriers and catchers carry a Comment."""
    return [f"{where}: no Comment" for where, part in parts(text) if not part.get("Comment")]


def everything_is_jsonata(text: str) -> list[str]:
    """One query language, declared at the top and used throughout."""
    machine = json.loads(text)
    wrong = [] if machine.get("QueryLanguage") == "JSONata" else ["QueryLanguage is not JSONata"]
    return wrong + [
        f"{where}: {field} is JSONPath"
        for where, part in parts(text)
        for field in sorted(JSONPATH & part.keys())
    ]


def every_target_exists(text: str) -> list[str]:
    """StartAt, Next and Default name states; every state that goes on says where to."""
    machine = json.loads(text)
    states = machine["States"]
    wrong = [] if machine["StartAt"] in states else [f"StartAt: no state {machine['StartAt']}"]
    for name, state in states.items():
        ahead = targets(state)
        wrong += [f"{name}: no state {target}" for target in ahead if target not in states]
        if not ahead and state["Type"] not in {"Succeed", "Fail"}:
            wrong.append(f"{name}: leads nowhere")
    return wrong


def every_state_is_reachable(text: str) -> list[str]:
    """No state is dead weight."""
    machine = json.loads(text)
    reached = closure(machine["States"], machine["StartAt"])
    return [f"{name}: unreachable" for name in machine["States"] if name not in reached]


def every_task_times_out(text: str) -> list[str]:
    """A task without a timeout waits for a year."""
    return [
        f"{name}: TimeoutSeconds {timeout!r}"
        for name, state in tasks(text)
        if not _positive(timeout := state.get("TimeoutSeconds"))
    ]


def every_task_retries_named_errors_with_jitter(text: str) -> list[str]:
    """Repeats are for errors known to pass; a timeout is the customer's silence, not an error."""
    wrong: list[str] = []
    for name, state in tasks(text):
        if not state.get("Retry"):
            wrong.append(f"{name}: no Retry")
        for retrier in state.get("Retry", []):
            general = {e for e in retrier["ErrorEquals"] if e.startswith("States.")}
            wrong += [f"{name}: retries {error}" for error in sorted(general)]
            if retrier.get("JitterStrategy") != "FULL":
                wrong.append(f"{name}: retries without jitter")
            if not {"MaxAttempts", "MaxDelaySeconds"} <= retrier.keys():
                wrong.append(f"{name}: retries without a bound")
    return wrong


def every_task_catches_everything(text: str) -> list[str]:
    """States.ALL stands alone and last, and what it passes on is chosen, not the error's text."""
    wrong: list[str] = []
    for name, state in tasks(text):
        catchers = state.get("Catch", [])
        if not catchers or catchers[-1]["ErrorEquals"] != ["States.ALL"]:
            wrong.append(f"{name}: does not catch States.ALL last")
        wrong += [f"{name}: a Catch without Output" for c in catchers if "Output" not in c]
    return wrong


def the_machine_outlives_the_longest_case(text: str) -> list[str]:
    """Holds may last until the deadline, the waits after them as long again, then the closing.

    The end must still come from us and not from the service's limit of one year.
    """
    machine = json.loads(text)
    closing = machine["States"]["Close unanswered"]["TimeoutSeconds"]
    needed = 2 * LONGEST_DEADLINE_S + closing
    timeout = machine.get("TimeoutSeconds", 0)
    if needed <= timeout < SERVICE_LIMIT_S:
        return []
    return [f"TimeoutSeconds {timeout} is not in [{needed}, {SERVICE_LIMIT_S})"]


def a_caught_failure_never_becomes_a_success(text: str) -> list[str]:
    """Whatever is caught, bar the silence of a waiting customer, can only reach Fail."""
    states = states_of(text)
    wrong: list[str] = []
    for name, state in tasks(text):
        for catcher in state.get("Catch", []):
            silence = catcher["ErrorEquals"] == ["States.Timeout"] and CALLBACK in state["Resource"]
            wrongly = set[str]() if silence else ends(states, catcher["Next"])
            wrong += [f"{name}: a caught failure may end in {end}" for end in sorted(wrongly)]
    return wrong


def an_unknown_outcome_is_a_failure(text: str) -> list[str]:
    """Every Choice has a Default, and it can only reach Fail."""
    states = states_of(text)
    wrong: list[str] = []
    for name, state in states.items():
        if state["Type"] == "Choice":
            default = state.get("Default")
            wrongly = ends(states, default) if default else {"nothing"}
            wrong += [f"{name}: an unknown outcome may end in {end}" for end in sorted(wrongly)]
    return wrong


def only_ids_ordinals_and_durations_travel(text: str) -> list[str]:
    """No result, error or input is passed whole, and the token goes to the function alone."""
    wrong: list[str] = []
    for where, part in parts(text):
        arguments = part.get("Arguments", {})
        if part.get("Type") == "Task" and not {"Output", "Arguments"} <= part.keys():
            wrong.append(f"{where}: passes its result or input whole")
        payload = dict(arguments.get("Payload", {}))
        if payload.pop("token", TOKEN) != TOKEN:
            wrong.append(f"{where}: token is not the task's own")
        for template in (payload, part.get("Output", {})):
            wrong += [f"{where}: {fault}" for fault in _strays(template)]
    return wrong


def substitutions_are_whole_quoted_values(text: str) -> list[str]:
    """The file parses as it is, and only a function's name comes from outside."""
    try:
        states = json.loads(text)["States"]
    except json.JSONDecodeError as error:
        return [f"does not parse unsubstituted: {error}"]
    expected = sorted(
        state["Arguments"]["FunctionName"] for state in states.values() if state["Type"] == "Task"
    )
    wrong = [f"{n}: not a substitution" for n in expected if not re.fullmatch(r"\$\{\w+\}", n)]
    if sorted(re.findall(r"\$\{\w+\}", text)) != expected:
        wrong.append("a substitution stands outside FunctionName")
    return wrong


RULES: Sequence[Rule] = (
    every_state_says_what_it_is_for,
    everything_is_jsonata,
    every_target_exists,
    every_state_is_reachable,
    every_task_times_out,
    every_task_retries_named_errors_with_jitter,
    every_task_catches_everything,
    the_machine_outlives_the_longest_case,
    a_caught_failure_never_becomes_a_success,
    an_unknown_outcome_is_a_failure,
    only_ids_ordinals_and_durations_travel,
    substitutions_are_whole_quoted_values,
)


def _positive(timeout: object) -> bool:
    if isinstance(timeout, str):
        return timeout.startswith("{%")
    return isinstance(timeout, int) and timeout > 0


def _strays(template: object) -> list[str]:
    if not isinstance(template, dict):
        return ["passes something whole"]
    wrong = [f"{key} may not travel" for key in sorted(template.keys() - TRAVELS)]
    for key, value in template.items():
        references = re.findall(r"\$states[\w.]*", str(value))
        wrong += [f"{key} reads {each}" for each in references if each not in READABLE]
    return wrong
