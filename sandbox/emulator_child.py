"""Run MiniStack with our patches, and never outlive the process that started it.

Started by path with the emulator's own interpreter. The parent keeps the other end of this
process's standard input open: when the parent is gone, however it went, reading returns and the
whole process group (MiniStack and its function workers) ends with what it kept on disk.
"""

import importlib
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

# A worker may be unpacking into the folder while it is being removed.
_SWEEPS = 20


def end_with_parent() -> None:
    """Block until the parent's end of the pipe closes, then end the process group."""
    while os.read(sys.stdin.fileno(), 1):  # unbuffered: a lock held at exit would be fatal
        pass
    scratch = Path(os.environ["TMPDIR"])  # ours alone: see emulator
    for _ in range(_SWEEPS):
        shutil.rmtree(scratch, ignore_errors=True)
        if not scratch.exists():
            break
    os.killpg(os.getpgrp(), signal.SIGKILL)


def main() -> None:
    """Patch and run the emulator on the port that the environment names."""
    sys.path[0] = str(Path(__file__).resolve().parent.parent)
    from sandbox import (  # noqa: PLC0415 - importable only from the root
        ministack_layers,
        ministack_leading_keys,
        ministack_permissions,
        ministack_timeouts,
    )

    threading.Thread(target=end_with_parent, daemon=True).start()
    ministack_timeouts.install()
    ministack_permissions.install()
    ministack_leading_keys.install()
    ministack_layers.install()
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
