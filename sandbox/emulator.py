"""MiniStack as a child process: started with IAM enforced, stopped with every worker it made."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from sandbox.place import HOST, CannotStartError, Place

CHILD = Path(__file__).with_name("emulator_child.py")
READY_WITHIN_S = 60
# Every waiting task token holds one of these threads, so it bounds the open cases.
WORKER_THREADS = 256
LOG_TAIL = 15


class Emulator:
    """A running emulator. Leaving the `with` block ends it and its function workers."""

    def __init__(self, place: Place, endpoints: Mapping[str, str]) -> None:
        self._place = place
        self._stopped = False
        place.state.mkdir(parents=True, exist_ok=True)
        self.log = place.state / "emulator.log"
        self._scratch = tempfile.mkdtemp(prefix="closeloop-emulator-")
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(
                [place.emulator_python, CHILD],
                stdin=subprocess.PIPE,  # closes when we are gone: see emulator_child
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(place, endpoints, self._scratch),
                cwd=self._scratch,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        """Wait until the emulator answers; raises CannotStartError with its last words."""
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the emulator's own process is alive."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the emulator's process group, soon the hard way. Safe to call twice."""
        if self._stopped:
            return
        self._stopped = True
        for sign, patience_s in ((signal.SIGTERM, 1.0), (signal.SIGKILL, 10.0)):
            if not _signal_group(self._process.pid, sign):
                break
            deadline = time.monotonic() + patience_s
            while time.monotonic() < deadline:
                self._process.poll()  # reaps, so that an ended leader does not look alive
                if not _signal_group(self._process.pid, 0):
                    break
                time.sleep(0.05)
        self._process.wait(timeout=5)
        if self._process.stdin is not None:
            self._process.stdin.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if not self.running:
                raise CannotStartError(f"the emulator ended at once:\n{self._last_words()}")
            with contextlib.suppress(urllib.error.URLError, TimeoutError, ConnectionError):
                url = f"{self._place.emulator_url}/_ministack/health"
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own loopback
                    return
            time.sleep(0.1)
        raise CannotStartError(f"the emulator is not ready:\n{self._last_words()}")

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL:]
        return "\n".join(["", *lines, f"(whole log: {self.log})"])


def _signal_group(group: int, sign: int) -> bool:
    """Signal a process group; False when none of it is left."""
    try:
        os.killpg(group, sign)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a dying group
        return False
    return True


def _environment(place: Place, endpoints: Mapping[str, str], scratch: str) -> dict[str, str]:
    """The emulator's whole environment: nothing of the caller's leaks into function workers.

    `endpoints` (AWS_ENDPOINT_URL_…) are inherited by every function worker, so that the channel
    services are reached through the sandbox, where faults act.
    """
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(place.emulator_port),
        "MINISTACK_REGION": place.region,
        "MINISTACK_WORKER_THREADS": str(WORKER_THREADS),
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "true",
        "PYTHONUNBUFFERED": "1",
        **endpoints,
    }
