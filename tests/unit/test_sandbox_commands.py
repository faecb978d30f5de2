"""The tools that the sandbox runs: their words are shown, their failures told, none is left."""

import os
import time
from pathlib import Path

import pytest

from sandbox.commands import run
from sandbox.place import CannotStartError, Place
from sandbox.progress import Progress


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(8080, 4566, 30, root=tmp_path)


def test_a_command_that_fails_is_told_with_its_last_words_and_its_log(place: Place) -> None:
    with pytest.raises(CannotStartError, match=r"sh ended with 3:\nno such stack\n"):
        run(["sh", "-c", "echo no such stack; exit 3"], place, Progress(), os.environ)
    assert (place.state / "sh.log").read_text() == "no such stack\n"


class Interrupted(Progress):
    """A person who presses Ctrl-C at the first word."""

    def words(self, text: str) -> None:
        raise KeyboardInterrupt(text)


def test_an_interrupted_command_leaves_nothing_that_it_started(place: Place) -> None:
    with pytest.raises(KeyboardInterrupt) as interrupt:
        run(["sh", "-c", "sleep 60 & echo $!; wait"], place, Interrupted(), os.environ)
    grandchild = Path(f"/proc/{str(interrupt.value).strip()}/stat")
    deadline = time.monotonic() + 5
    while _runs(grandchild) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(grandchild)


def _runs(stat: Path) -> bool:
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
