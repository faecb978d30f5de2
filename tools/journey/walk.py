"""Walk a state machine without an emulator: the states, expressions and events of one execution.

Knows what the journey uses (Task, Choice, Wait, Succeed, Fail, JSONata) and evaluates the real
expressions. Whatever a task might return is an argument, so that every path can be tried.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonata import Jsonata

Json = dict[str, Any]
TOKEN = "a-task-token"  # noqa: S105 - a stand-in, no credential
# Events per state, entered and exited included; a callback task adds TaskSubmitted.
_EVENTS = {"Task": 5, "Choice": 2, "Wait": 2, "Succeed": 2, "Fail": 1}
EVENTS_PER_RETRY = 3  # TaskFailed, TaskScheduled, TaskStarted
EVENTS_OF_EXECUTION = 2  # started, ended


class QueryEvaluationError(Exception):
    """An expression failed or yielded nothing, which AWS treats alike."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a task came back with: a value, or the name of the error that it failed with."""

    value: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A state with its input: all that the rest of an execution depends on."""

    state: str
    data: str

    @classmethod
    def at(cls, state: str, data: object) -> "Step":
        """Return the step at which `state` is entered with this input."""
        return cls(state, json.dumps(data, sort_keys=True))


class Machine:
    """A parsed definition."""

    def __init__(self, definition: Json) -> None:
        self.definition = definition
        self.states: Mapping[str, Json] = definition["States"]

    def first(self, data: Json) -> Step:
        """Return the step that an execution begins with."""
        return Step.at(self.definition["StartAt"], data)

    def kind(self, step: Step) -> str:
        """Return the type of the state that a step is at."""
        return self.states[step.state]["Type"]

    def events(self, step: Step) -> int:
        """Return how many history events a step writes, retries aside."""
        waits_for_token = ".waitForTaskToken" in self.states[step.state].get("Resource", "")
        return _EVENTS[self.kind(step)] + waits_for_token

    def next(self, step: Step, result: Result | None = None) -> Step | None:
        """Return the next step, None at the end; `result` is what a Task returns."""
        state, data = self.states[step.state], json.loads(step.data)
        match state["Type"]:
            case "Task":
                return _after_task(state, data, result or Result())
            case "Choice":
                return _choose(state, data)
            case "Wait":
                _seconds(state["Seconds"], 0, data)
                return Step.at(state["Next"], _output(state, data))
            case _:
                return None

    def walk(self, data: Json, results: Iterator[Result]) -> list[Step]:
        """Return the steps of one execution whose tasks return `results` in turn."""
        steps = [self.first(data)]
        while True:
            result = next(results) if self.kind(steps[-1]) == "Task" else None
            following = self.next(steps[-1], result)
            if following is None:
                return steps
            steps.append(following)


def _after_task(state: Json, data: Json, result: Result) -> Step:
    error, value = result.error, result.value
    try:
        evaluate(state["Arguments"], input=data, context={"Task": {"Token": TOKEN}})
        _seconds(state["TimeoutSeconds"], 1, data)
        if error is None:
            return Step.at(state["Next"], evaluate(state["Output"], input=data, result=value))
    except QueryEvaluationError:
        error = "States.QueryEvaluationError"
    for catcher in state["Catch"]:
        if {error, "States.ALL"} & set(catcher["ErrorEquals"]):
            return Step.at(catcher["Next"], _output(catcher, data))
    raise QueryEvaluationError(f"nothing catches {error}")


def _seconds(template: object, least: int, data: Json) -> None:
    seconds = evaluate(template, input=data)
    if not isinstance(seconds, int) or seconds < least:
        raise QueryEvaluationError(f"cannot wait {seconds!r} seconds")


def _choose(state: Json, data: Json) -> Step:
    for rule in state["Choices"]:
        if evaluate(rule["Condition"], input=data) is True:
            return Step.at(rule["Next"], _output(rule, data))
    return Step.at(state["Default"], data)


def _output(holder: Json, data: Json) -> object:
    return evaluate(holder["Output"], input=data) if "Output" in holder else data


def evaluate(template: object, **states: object) -> object:
    """Evaluate every `{% … %}` in a template, with `$states` made of the keywords."""
    if isinstance(template, dict):
        return {key: evaluate(value, **states) for key, value in template.items()}
    if isinstance(template, list):
        return [evaluate(value, **states) for value in template]
    if not (isinstance(template, str) and template.startswith("{%")):
        return template
    try:
        value = _compiled(template[2:-2].strip()).evaluate(None, {"states": states})
    except Exception as error:
        raise QueryEvaluationError(str(error)) from error
    if value is None:
        raise QueryEvaluationError(f"nothing: {template}")
    return value


@lru_cache(maxsize=256)
def _compiled(expression: str) -> Jsonata:
    return Jsonata(expression)
