"""The product in this process: its real handlers and composition root, AWS played by MiniStack.

Core system, WhatsApp and the clock are the sandbox's. Each function has a composition root of its
own, and so a botocore session; a meter listens on all of them.
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import sys
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from sandbox import app
from sandbox import world as local
from sandbox.deploy import samconfig
from sandbox.emulator import Emulator
from sandbox.place import CannotStartError
from sandbox.server import serving
from tools.bench import environment, stack
from tools.bench.meter import Meter, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from sandbox.place import Place
    from sandbox.world import World

Json = dict[str, Any]
FUNCTIONS = (
    "open_case",
    "send_touch",
    "mini_app",
    "one_time_code",
    "submit_action",
    "writeback",
)


class Context:
    """What Lambda hands to a handler besides the event."""

    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-2:000000000000:function:bench"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Half a minute, as the template says."""
        return 30_000


@dataclass(slots=True)
class Bench:
    """Handlers that can be called, and everything around them."""

    local: World
    steps: stack.Steps
    resources: Mapping[str, str]
    meter: Meter
    handlers: Mapping[str, Callable[[Json, Any], Any]]
    log: io.StringIO

    def call(self, function: str, event: Json, label: str) -> tuple[Any, Step]:
        """Invoke a function and return its answer, and what it cost."""
        before = self.log.tell()
        with self.meter.step(label, function) as step:
            answer = self.handlers[function](event, Context())
        step.log_bytes = self.log.tell() - before
        if isinstance(answer, dict) and answer.get("batchItemFailures"):
            raise CannotStartError(f"{label} failed: {self.log.getvalue()[before:]}")
        return answer, step

    def items(self) -> list[Json]:
        """Every item of the table as it stands, read past the meter."""
        reply = self.local.cloud.client("dynamodb").scan(TableName=self.resources["CaseTable"])
        return reply["Items"]

    def queued(self, queue: str) -> Mapping[str, Any]:
        """Take one message off one of the deployment's queues."""
        return stack.receive(self.local.cloud.client("sqs"), self.resources[queue])


@contextmanager
def running(place: Place) -> Generator[Bench]:
    """Bring the bench's world up for the length of the block, and leave nothing behind."""
    shutil.rmtree(place.state, ignore_errors=True)
    place.state.mkdir(parents=True)
    made = local.build(place, ":memory:")
    try:
        with ExitStack() as exits:
            exits.enter_context(serving(app.make(made), place.port))
            exits.enter_context(Emulator(place, {}))
            resources = stack.create(made.cloud, place)
            steps = stack.Steps(made.cloud, place)
            _connect(made, resources)
            told = environment.variables(place, resources, steps.arn)
            exits.enter_context(_told(told))
            log = exits.enter_context(redirect_stdout(io.StringIO()))
            exits.enter_context(_workflows_layer(place))
            meter = Meter()
            yield Bench(made, steps, resources, meter, dict(_handlers(place, meter)), log)
    finally:
        shutil.rmtree(place.state, ignore_errors=True)


def _connect(made: World, resources: Mapping[str, str]) -> None:
    """What a deployer does by hand: verify the sender, give the product the core's key."""
    sender = samconfig(made.place.root).parameters["EmailSender"]
    made.cloud.client("sesv2").create_email_identity(EmailIdentity=sender)
    made.cloud.put_secret(resources["CoreSecret"], {"api_key": made.core_key})


def _handlers(place: Place, meter: Meter) -> Iterator[tuple[str, Callable[[Json, Any], Any]]]:
    """Load every handler with a composition root of its own, as each has its own environment."""
    root = bootstrap.__file__
    for name in FUNCTIONS:
        module = _loaded(f"bench_{name}", place.root / "functions" / name / "handler.py")
        module.bootstrap = _loaded(f"bench_{name}_bootstrap", Path(root))
        meter.listen(module.bootstrap._session())  # noqa: SLF001 - of all its clients
        yield name, module.handler


def _loaded(name: str, path: Path) -> Any:  # noqa: ANN401 - a module's names are its own
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LookupError(f"no module at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def _told(environment: Mapping[str, str]) -> Generator[None]:
    """Let this process be told what functions are told, for the length of the block."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _workflows_layer(place: Place) -> Generator[None]:
    """Let the built workflows be found as in a function."""
    layer = str(place.root / ".aws-sam" / "build" / "WorkflowsLayer" / "python")
    sys.path.insert(0, layer)
    try:
        yield
    finally:
        sys.path.remove(layer)
