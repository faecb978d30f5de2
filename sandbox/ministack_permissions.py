"""Teach MiniStack 1.5.33 what three permissions hang on, so that least privilege holds as on AWS.

- Completing a task token is an act on the state machine that waits for it, so that a role may be
  limited to one machine. MiniStack checks it against no resource and refuses every such role.
- Sending an email is an act on the sender's identity, and `ses:FromAddress` may be limited too.
  MiniStack knows neither.
- A reference to a secret in a template is its ARN. MiniStack gives its name, so that a policy which
  names the secret by reference never matches.

A test tells the day the unpatched emulator gets one right, so that its part goes away. Runs in the
emulator's own interpreter: nothing but MiniStack and the standard library is here.
"""

import contextvars
import importlib
import json
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

_TYPE = "AWS::SecretsManager::Secret"
_SEND_EMAIL = "/v2/email/outbound-emails"
_machine: contextvars.ContextVar[str | None] = contextvars.ContextVar("machine", default=None)
_sender: contextvars.ContextVar[str | None] = contextvars.ContextVar("sender", default=None)
_machines_of_tokens: dict[str, str] = {}

Call = Callable[..., Any]


def install() -> None:
    """Patch the permission check, the interpreter and the stack engine; twice changes nothing."""
    actions = importlib.import_module("ministack.core.iam_actions")
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    interpreter = importlib.import_module("ministack.services.stepfunctions")
    stacks = importlib.import_module("ministack.services.cloudformation.provisioners")
    if hasattr(actions, "knows_what_is_acted_on"):
        return
    actions.knows_what_is_acted_on = True  # pyright: ignore[reportAttributeAccessIssue]
    _replace(interpreter, "_execute_task", _within_its_machine)
    _replace(interpreter, "_invoke_with_callback", _remembering_the_machine)
    _replace(actions, "extract_resource_arn", _resource)
    _replace(evaluator, "enforce", _knowing_the_sender)
    _refer_by_arn(stacks._RESOURCE_HANDLERS[_TYPE])  # noqa: SLF001 - no public seam


def _replace(module: object, name: str, wrap: Callable[[Call], Call]) -> None:
    setattr(module, name, wrap(getattr(module, name)))


def _within_its_machine(execute: Call) -> Call:
    def within(
        state: object, data: object, execution: dict[str, Any] | None, context: object
    ) -> object:
        kept = _machine.set(execution["stateMachineArn"] if execution else None)
        try:
            return execute(state, data, execution, context)
        finally:
            _machine.reset(kept)

    return within


def _remembering_the_machine(invoke: Call) -> Call:
    def remembering(resource: object, data: object, token: str, state: object) -> object:
        machine = _machine.get()
        if machine:
            _machines_of_tokens[token] = machine
        return invoke(resource, data, token, state)

    return remembering


def _resource(extract: Call) -> Call:
    """Name the resource of the two calls that MiniStack checks against none."""

    def resource(service: str, *request: Any) -> str:  # noqa: ANN401 - the emulator's own request
        _, path, _, body, *_ = request
        _sender.set(None)
        if service == "states":
            token = _field(body, "taskToken")
            if token in _machines_of_tokens:
                return _machines_of_tokens[token]
        if service == "ses" and path == _SEND_EMAIL:
            _, sender = parseaddr(_field(body, "FromEmailAddress"))
            _sender.set(sender)
            *_, region, account = request
            return f"arn:aws:ses:{region}:{account}:identity/{_identity(sender)}"
        return extract(service, *request)

    return resource


def _knowing_the_sender(enforce: Call) -> Call:
    def knowing(*asked: object, service_context: dict[str, Any] | None = None, **more: Any) -> Any:  # noqa: ANN401
        sender = _sender.get()
        context = {**(service_context or {}), **({"ses:FromAddress": sender} if sender else {})}
        return enforce(*asked, service_context=context, **more)

    return knowing


def _identity(sender: str) -> str:
    """The identity that a sender stands on: the address where it is verified, else its domain."""
    services = (importlib.import_module(f"ministack.services.{name}") for name in ("ses_v2", "ses"))
    known = [service._identities for service in services]  # noqa: SLF001 - no public seam
    return (
        sender if any(sender in identities for identities in known) else sender.rpartition("@")[2]
    )


def _field(body: bytes, name: str) -> str:
    try:
        return str(json.loads(body or b"{}").get(name, ""))
    except (ValueError, AttributeError):
        return ""


def _refer_by_arn(secret: dict[str, Any]) -> None:
    """Make the physical id of a secret its ARN, and its name again for the emulator's own use."""
    create: Call = secret["create"]

    def created(*asked: object) -> tuple[str, dict[str, str]]:
        _, attributes = create(*asked)
        return attributes["Arn"], attributes

    secret["create"] = created
    for change in ("update", "delete"):
        secret[change] = _by_name(secret[change])


def _by_name(change: Call) -> Call:
    def changed(physical_id: str, *asked: object, **named: object) -> object:
        name = physical_id.rsplit(":", 1)[-1].rsplit("-", 1)[0]
        done: tuple[str, object] | None = change(name, *asked, **named)
        # An update answers (physical id, attributes); without a replacement the id stays.
        return (physical_id, done[1]) if done and done[0] == name else done

    return changed
