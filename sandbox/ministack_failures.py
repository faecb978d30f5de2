"""Teach MiniStack 1.5.33 what a failed function does to the state machine that invoked it.

Three things differ from AWS, where every failure of a function fails its task by the name of the
exception: MiniStack drops the failure of a function whose task waits for a token, and waits until
the timeout; it calls every exception `Runtime.HandlerError`; and a refused invocation has no name.
The journey retries by name and hands failures off, so here they are what they are on AWS. A test
tells the day the unpatched emulator gets it right, so that this module goes away.

Runs in the emulator's own interpreter: nothing but MiniStack and the standard library is here.
"""

import contextvars
import functools
import importlib
import re
from collections.abc import Callable
from typing import Any, cast

Result = dict[str, Any]
_UNNAMED = "Runtime.HandlerError"
_EXCEPTION = re.compile(r"^(?:\w+\.)*(\w+)(?::|$)")
_token: contextvars.ContextVar[str | None] = contextvars.ContextVar("token", default=None)


def install() -> None:
    """Patch the Lambda service and the state machine interpreter; twice changes nothing."""
    functions = importlib.import_module("ministack.services.lambda_svc")
    interpreter = importlib.import_module("ministack.services.stepfunctions")
    if hasattr(interpreter, "failures_are_told"):
        return
    interpreter.failures_are_told = True  # pyright: ignore[reportAttributeAccessIssue]
    _wrap(functions, "_execute_function_with_config_scope", _named)
    _wrap(interpreter, "_invoke_with_callback", _remembering_the_token)
    _wrap(interpreter, "_call_lambda", _failing_the_task(interpreter))


def _wrap(module: object, name: str, wrapper: Callable[..., object]) -> None:
    setattr(module, name, functools.partial(wrapper, getattr(module, name)))


def _named(execute: Callable[..., Result], *args: object) -> Result:
    """Run a function; give its failure the name that AWS gives it."""
    result = execute(*args)
    if not isinstance(result.get("body"), dict):
        return result
    body = cast("Result", result["body"])
    if result.get("throttle"):
        body["errorType"] = "Lambda.TooManyRequestsException"
    elif result.get("error") and body.get("errorType") == _UNNAMED:
        body["errorType"] = _exception(result.get("log") or "", body["errorMessage"])
    return result


def _exception(log: str, message: str) -> str:
    """Return the class of the exception whose traceback ends the log."""
    head = log.rstrip().removesuffix(message.rstrip()).rstrip()
    found = _EXCEPTION.match(head.rsplit("\n", 1)[-1])
    return found[1] if found else _UNNAMED


def _remembering_the_token(
    invoke: Callable[..., object], resource: object, data: object, token: str, state: object
) -> object:
    """Invoke for a task that waits, knowing which token to fail."""
    kept = _token.set(token)
    try:
        return invoke(resource, data, token, state)
    finally:
        _token.reset(kept)


def _failing_the_task(interpreter: Any) -> Callable[..., object]:  # noqa: ANN401 - a patched module
    """Return a wrapper of the call that fails the waiting task when the function fails."""

    def call(original: Callable[..., object], *args: object) -> object:
        try:
            return original(*args)
        except interpreter._ExecutionError as error:  # noqa: SLF001 - no public seam
            token = _token.get()
            if token is not None:
                waiting = interpreter._task_tokens[token]  # noqa: SLF001
                waiting["error"] = {"Error": error.error, "Cause": error.cause}
                waiting["event"].set()
            raise

    return call
