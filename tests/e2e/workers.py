"""The function workers of the emulator, as the operating system sees them."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def kill(function: str) -> int:
    """Kill every worker of a function that this process's own emulator made; return how many."""
    ours = set(descendants(os.getpid()))
    found = [pid for pid in ours if function in _command(pid)]
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    return len(found)


def descendants(pid: int) -> list[int]:
    """Every living process that a process has started, and those that they have."""
    children = [each for each, parent in _parents().items() if parent == pid]
    return [*children, *(deeper for child in children for deeper in descendants(child))]


def alive(pids: list[int]) -> list[int]:
    """Those of the processes that still run; one that has ended and waits to be reaped does not."""
    return [pid for pid in pids if _command(pid)]


def _parents() -> dict[int, int]:
    """The parent of every process, by /proc where there is one."""
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text()
            except OSError:
                continue  # it has ended meanwhile
            found[int(entry.name)] = int(status.rpartition(")")[2].split()[1])
    return found


def _command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
