"""How many transitions a case may cost, and how many it does (AWS bills each state entered)."""

from itertools import chain, repeat

from tools.journey.walk import Json, Machine, Result

CASE: Json = {"case_id": "0" * 26, "touch": 1, "waits": [259_200, 259_200, 604_800]}
TIMED_OUT = Result(error="States.Timeout")
NEXT, HOLD = Result({"outcome": "next"}), Result({"outcome": "hold", "hold_s": 3600})
ONE_TOUCH, FURTHER_TOUCH, A_HOLD = 4, 2, 3  # from the design


def transitions(machine: Machine, *results: Result) -> int:
    """Return the transitions of a case that is resolved after these results."""
    script = chain(results, repeat(Result({"outcome": "resolved"})))
    return len(machine.walk(CASE, script))


def added(machine: Machine, result: Result) -> int:
    """Return how many transitions a task's result adds to a case resolved at its first touch."""
    return transitions(machine, result) - transitions(machine)
