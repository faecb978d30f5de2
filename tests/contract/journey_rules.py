"""What only walking the journey can show: that it ends, how, and how long it may become."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat

from tests.contract.asl_graph import EndlessError, Graph
from tests.contract.asl_rules import Rule
from tools.journey.budget import (
    A_HOLD,
    CASE,
    FURTHER_TOUCH,
    HOLD,
    NEXT,
    ONE_TOUCH,
    TIMED_OUT,
    added,
    transitions,
)
from tools.journey.walk import (
    EVENTS_OF_EXECUTION,
    EVENTS_PER_RETRY,
    Machine,
    Result,
    Step,
)

ENDINGS = {
    "resolved": "Resolved",
    "settled": "Settled elsewhere",
    "withdrawn": "Withdrawn",
    "handed_off": "Handed off",
    "expired": "Expired",
}
# All that a task may come back with, as its contract says and as it must not.
RESULTS: Sequence[Result] = (
    *(Result({"outcome": outcome}) for outcome in ENDINGS),
    *(TIMED_OUT, NEXT, HOLD, Result({"outcome": "no_response"})),
    *(Result({"outcome": "hold"}), Result({"outcome": "hold", "hold_s": "soon"})),
    *(Result({"outcome": "paid"}), Result({}), Result("done"), Result(error="KeyError")),
)
TURNS = re.compile(r"turns < (\d+)")  # what bounds the loop; see `everything`
FEW = 4
EVENTS_PER_TOUCH = 12  # F29
EVENT_LIMIT = 25_000  # AWS ends an execution there
PAYLOAD_BYTES = 2_048  # F29
Count = Callable[[Step], int]


def events(machine: Machine, *results: Result) -> int:
    """Return the history events of a case that is resolved after these results."""
    script: Iterator[Result] = chain(results, repeat(Result({"outcome": "resolved"})))
    return EVENTS_OF_EXECUTION + sum(map(machine.events, machine.walk(CASE, script)))


def transitions_stay_within_budget(text: str) -> list[str]:
    """One touch, each further touch by silence or by choice, a hold."""
    machine = _machine(text)
    one = transitions(machine)
    measured = {
        f"one touch costs {one} transitions": one <= ONE_TOUCH,
        **{
            f"{what} adds {more} transitions": more <= limit
            for what, limit, more in (
                ("a touch after silence", FURTHER_TOUCH, added(machine, TIMED_OUT)),
                ("a touch given up", FURTHER_TOUCH, added(machine, NEXT)),
                ("a hold", A_HOLD, added(machine, HOLD)),
            )
        },
    }
    return [what for what, within in measured.items() if not within]


def every_journey_ends(text: str) -> list[str]:
    """Whatever the functions answer, no execution can go round for ever."""
    try:
        everything(text).longest(lambda _: 1)
    except EndlessError as error:
        return [f"may go round for ever through {error}"]
    return []


def success_needs_its_own_outcome(text: str) -> list[str]:
    """Each Succeed is reached by the one outcome it stands for, and by nothing else."""
    expected = {(state, outcome) for outcome, state in ENDINGS.items()}
    ways = everything(text).ways("Succeed")
    found = {(after.state, _said(result)) for _, result, after in ways}
    missing = [f"{outcome} never ends in {state}" for state, outcome in sorted(expected - found)]
    return missing + [f"{how} ends in {state}" for state, how in sorted(found - expected)]


def silence_moves_on_and_a_hold_does_not(text: str) -> list[str]:
    """A touch after silence is the next one; a touch after a hold is the one that was held."""
    wrong: set[str] = set()
    sends = (way for way in everything(text).ways("Task") if way[2].state == "Send touch")
    for before, result, after in sends:
        moved = json.loads(after.data)["touch"] - json.loads(before.data)["touch"]
        if moved != (result in (TIMED_OUT, NEXT)):
            wrong.add(f"after {_said(result)} the touch moves by {moved}")
    return sorted(wrong)


def closing_never_contacts_again(text: str) -> list[str]:
    """Once nobody is left to contact, no answer leads back to a touch, a hold or a closing."""
    graph = everything(text)
    ahead = [step for step in graph.edges if step.state == "Close unanswered"]
    reached: set[Step] = set()
    while ahead:
        onward = {after for _, after in graph.edges[ahead.pop()]} - reached
        reached |= onward
        ahead += onward
    again = {step.state for step in reached} & {
        "Send touch",
        "Hold until lawful",
        "Close unanswered",
    }
    return [f"closing may lead to {state}" for state in sorted(again)]


def history_stays_far_below_the_limit(text: str) -> list[str]:
    """F29: events per touch, events of the longest execution with every retry, bytes of state."""
    machine = _machine(text)
    per_touch = events(machine, TIMED_OUT) - events(machine)
    wrong = [f"{per_touch} events per touch"] if per_touch > EVENTS_PER_TOUCH else []
    try:
        longest = longest_history(text)
    except EndlessError as error:
        return [*wrong, f"no bound on the events: {error}"]
    if longest > EVENT_LIMIT:
        wrong.append(f"{longest} events in the longest execution")
    largest = max(len(step.data.encode()) for step in everything(text).edges)
    return [*wrong, f"{largest} bytes of state"] if largest > PAYLOAD_BYTES else wrong


def longest_history(text: str) -> int:
    """Return the events of the longest execution there is, every retry used up.

    A further turn always adds the same, so that a few turns tell the length of many.
    """
    weight = _events_with_retries(_machine(text))
    few, more, most = (everything(text, FEW + n).longest(weight) for n in (0, 1, 2))
    if most - more != more - few:
        raise EndlessError("turns that grow")
    bounds = [int(bound) for bound in TURNS.findall(text)]
    return EVENTS_OF_EXECUTION + few + (max(bounds) - FEW) * (more - few)


@lru_cache(maxsize=32)
def everything(text: str, turns: int = FEW) -> Graph:
    """Return every execution of a case with three touches, the loop bounded to a few turns."""
    return Graph.of(_machine(TURNS.sub(f"turns < {turns}", text)), CASE, RESULTS)


JOURNEY_RULES: Sequence[Rule] = (
    transitions_stay_within_budget,
    every_journey_ends,
    success_needs_its_own_outcome,
    silence_moves_on_and_a_hold_does_not,
    closing_never_contacts_again,
    history_stays_far_below_the_limit,
)


def _machine(text: str) -> Machine:
    return Machine(json.loads(text))


def _said(result: Result) -> str:
    told = result.value.get("outcome") if isinstance(result.value, dict) else None
    return result.error or told or "no outcome"


def _events_with_retries(machine: Machine) -> Count:
    def weight(step: Step) -> int:
        retriers = machine.states[step.state].get("Retry", [])
        attempts = sum(retrier["MaxAttempts"] for retrier in retriers)
        return machine.events(step) + EVENTS_PER_RETRY * attempts

    return weight
