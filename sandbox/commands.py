"""Run the project's own tools, show their last words, and keep the whole output in a log."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox.place import CannotStartError, Place
from sandbox.progress import Progress

_TAIL = 30


def run(
    command: Sequence[str | Path],
    place: Place,
    progress: Progress,
    environment: Mapping[str, str],
) -> None:
    """Run a command from the top of the repository; CannotStartError with its end if it fails.

    Whoever interrupts us ends the command too, with everything that it started.
    """
    place.state.mkdir(parents=True, exist_ok=True)
    name = Path(command[0]).name
    log = place.state / f"{name}.log"
    lines: list[str] = []
    with (
        log.open("w") as kept,
        subprocess.Popen(
            command,
            cwd=place.root,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                kept.write(line)
                lines.append(line.rstrip())
                progress.words(line)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        end = "\n".join(lines[-_TAIL:])
        raise CannotStartError(
            f"{name} ended with {process.returncode}:\n{end}\n(all of it: {log})"
        )
