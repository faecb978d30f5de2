"""MiniStack in a child process, running the journey with two small real functions.

Each function relays its payload to this process, where a script answers (JourneyFunctions), so
that the same scenarios run here and on moto.
"""

import io
import itertools
import json
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3

from closeloop.adapters.journey import StepFunctionsJourney
from sandbox.emulator import Emulator
from sandbox.place import HOST, Place, free_port
from tests.contract.journey_scenarios import Run, Scenario, definition, observe
from tests.fakes.journey_functions import JourneyFunctions

RELAY = """
import json, os, urllib.request

def handler(event, context):
    body = json.dumps({"function": os.environ["NAME"], "payload": event}).encode()
    with urllib.request.urlopen(os.environ["RELAY_URL"], body, timeout=20) as reply:
        error = json.load(reply)
    if error:
        raise type(error, (Exception,), {})("as the script says")
"""
ACCOUNT = "000000000000"


class Relay:
    """An HTTP server on the loopback address that answers for the functions."""

    def __init__(self, functions: JourneyFunctions) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                reply = json.dumps(functions.invoke(call["function"], call["payload"])).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing: the test's own output is what is read."""

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class MiniStackWorld:
    """The journey deployed to a running emulator, and the script that its functions play."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._ids = itertools.count(1)
        self.client = self.service("stepfunctions")
        self._role = self._make_role()
        self.functions = JourneyFunctions(StepFunctionsJourney(self.client))
        self.relay = Relay(self.functions)
        self.arns = {name: self._make_function(name) for name in ("send_touch", "hand_off")}
        self.arn = self.make_machine("case_journey", self.definition())
        self.journey = StepFunctionsJourney(self.client, self.arn)

    def service(self, name: str) -> Any:
        """Return a client of the emulator as the account's root."""
        return boto3.client(
            name,
            endpoint_url=self._place.emulator_url,
            region_name=self._place.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def definition(self) -> str:
        """Return the real definition with this world's functions in it."""
        send_touch, hand_off = self.arns["send_touch"], self.arns["hand_off"]
        return definition(SendTouchFunctionArn=send_touch, HandOffFunctionArn=hand_off)

    def make_machine(self, name: str, text: str) -> str:
        """Create a state machine and return its ARN."""
        made = self.client.create_state_machine(name=name, definition=text, roleArn=self._role)
        return made["stateMachineArn"]

    def run(self, scenario: Scenario) -> tuple[str, Run]:
        """Play a scenario to its end; return the case's id and how it went."""
        case_id = f"CASE{next(self._ids)}"
        self.functions.play(case_id, send_touch=scenario.send_touch, hand_off=scenario.hand_off)
        assert self.journey.start(case_id, 1, scenario.waits)
        return case_id, observe(self.client, self.execution(case_id), within_s=60)

    def execution(self, case_id: str) -> str:
        """Return the ARN of a case's first run."""
        return f"{self.arn.replace(':stateMachine:', ':execution:')}:{case_id}-1"

    def _make_role(self) -> str:
        iam = self.service("iam")
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        arns = f"arn:aws:lambda:{self._place.region}:{ACCOUNT}:function:*"
        allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arns}
        policy = {"Version": "2012-10-17", "Statement": [allow]}
        role = iam.create_role(RoleName="journey", AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(
            RoleName="journey", PolicyName="invoke", PolicyDocument=json.dumps(policy)
        )
        return role["Role"]["Arn"]

    def _make_function(self, name: str) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as bundle:
            bundle.writestr("relay.py", RELAY)
        made = self.service("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="relay.handler",
            Role=self._role,
            Code={"ZipFile": archive.getvalue()},
            Timeout=30,
            Environment={"Variables": {"NAME": name, "RELAY_URL": self.relay.url}},
        )
        return made["FunctionArn"]


@contextmanager
def ministack() -> Iterator[MiniStackWorld]:
    """Start an emulator on a free port, deploy the journey, and leave nothing behind."""
    place = Place(port=free_port(), emulator_port=free_port(), day_s=86_400)
    try:
        with Emulator(place, {}):
            world = MiniStackWorld(place)
            yield world
            world.relay.server.shutdown()
            world.relay.server.server_close()
    finally:
        shutil.rmtree(place.state, ignore_errors=True)
