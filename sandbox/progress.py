"""Tell a person at a terminal what is being done, how long it took, and what went wrong."""

import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

_BEAT_S = 0.5
_WIDTH = 100


class Progress:
    """Prints one line per step; on a terminal the current one shows its seconds and last words."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._words = ""

    def say(self, text: str = "") -> None:
        """Print a line."""
        print(text, flush=True)

    def words(self, text: str) -> None:
        """Show what the current step is doing just now."""
        self._words = text.strip()

    @contextmanager
    def step(self, name: str) -> Generator[None]:
        """Announce a step and, when it is over, say how it ended."""
        begun, over = time.monotonic(), threading.Event()
        self._words = ""
        beat = threading.Thread(target=self._beat, args=(name, begun, over), daemon=True)
        if self._live:
            beat.start()
        try:
            yield
        except BaseException:
            self._end(name, begun, over, "failed")
            raise
        self._end(name, begun, over, "done")

    def _end(self, name: str, begun: float, over: threading.Event, how: str) -> None:
        over.set()
        line = f"  {name:<44} {how} in {time.monotonic() - begun:.1f} s"
        print(f"\r{line:<{_WIDTH}}" if self._live else line, flush=True)

    def _beat(self, name: str, begun: float, over: threading.Event) -> None:
        while not over.wait(_BEAT_S):
            line = f"  {name:<44} {time.monotonic() - begun:4.0f} s  {self._words}"
            print(f"\r{line[:_WIDTH]:<{_WIDTH}}", end="", flush=True)
