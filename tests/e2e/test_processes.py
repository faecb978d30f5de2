"""`make demo` as a person runs it: interrupted at any time it leaves nothing running behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sandbox.driver import Driver, until
from sandbox.place import HOST, ROOT, free_port, taken
from tests.e2e import workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

PATIENCE_S = 300
ENDS_WITHIN_S = 60
STOPPED = (0, 130)  # interrupted at rest, interrupted at work


class Demo:
    """Two ports, a folder for temporary files, and the command run with them."""

    def __init__(self, folder: Path) -> None:
        self.port, self.emulator_port = free_port(), free_port()
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.log = folder / "demo.log"
        self.url = f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_EMULATOR_PORT": str(self.emulator_port),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self.scratch),
        }

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "sandbox", "demo"]

    def again(self) -> subprocess.CompletedProcess[str]:
        """Run it to its end, for when it must not stay."""
        return subprocess.run(
            self.command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    @contextmanager
    def until_it_says(self, words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start it and wait for words on its output; whatever happens, it does not stay."""
        with self.log.open("wb") as output:
            process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            until(words, lambda: words in self.log.read_text() or process.poll(), PATIENCE_S)
            assert process.poll() is None, self.log.read_text()
            yield process
        finally:
            process.kill()
            process.wait()

    def interrupt(self, process: subprocess.Popen[bytes]) -> int:
        """Press Ctrl-C, and find nothing left of it: no process, no port, no file."""
        made = workers.descendants(process.pid)
        process.send_signal(signal.SIGINT)
        code = process.wait(ENDS_WITHIN_S)
        until("the end of all", lambda: not workers.alive(made), ENDS_WITHIN_S)
        assert made, "it had started nothing that could be left"
        assert not taken(self.port)
        assert not taken(self.emulator_port)
        assert list(self.scratch.glob("closeloop-*")) == []
        return code


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo"))
    yield made
    # The logs of a run are there for people; a test's own run has none who would read them.
    shutil.rmtree(ROOT / ".sandbox" / str(made.port), ignore_errors=True)


def test_the_demo_runs_once_however_often_it_is_called_and_ends_without_a_trace(demo: Demo):
    with demo.until_it_says("missed a payment") as process, Driver(demo.url) as driver:
        assert demo.url in demo.log.read_text()
        until("the first message", lambda: driver.ask("/sandbox/messages"), PATIENCE_S)

        second = demo.again()
        assert second.returncode == 0
        assert f"It is running already: {demo.url}" in second.stdout
        assert process.poll() is None

        assert demo.interrupt(process) in STOPPED


def test_the_demo_can_be_run_again_and_interrupted_while_it_deploys(demo: Demo):
    with demo.until_it_says("IAM enforced") as process:
        assert demo.interrupt(process) in STOPPED


@pytest.mark.parametrize(
    ("name", "variable"),
    [("the sandbox", "SANDBOX_PORT"), ("the emulator", "SANDBOX_EMULATOR_PORT")],
)
def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path, name: str, variable: str):
    other = Demo(tmp_path)
    port = other.port if variable == "SANDBOX_PORT" else other.emulator_port
    with socket.create_server((HOST, port)):
        said = other.again()
    assert said.returncode == 1
    assert f"port {port}, wanted for {name}, is taken" in said.stderr
    assert f"{variable}=" in said.stderr
    assert "Traceback" not in said.stderr
