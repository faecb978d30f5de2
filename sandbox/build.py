"""Build the functions for this machine, but only when what goes into them has changed."""

import fcntl
import hashlib
import os
import platform
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from sandbox.commands import run
from sandbox.place import Place
from sandbox.progress import Progress

_INPUTS = ("template.yaml", "samconfig.toml", "Makefile", "uv.lock")
_FOLDERS = ("functions", "layers", "statemachines", "events")
_MARK = "built-for-this-machine"


def build(place: Place, progress: Progress) -> None:
    """Run `make build-local` unless the last build was made of the same content.

    The mark lies inside the build folder: a build for AWS wipes the folder and the mark with it.
    """
    mark = place.root / ".aws-sam" / "build" / _MARK
    content = fingerprint(place.root)
    with _held(place, fcntl.LOCK_EX):
        if mark.exists() and mark.read_text() == content:
            progress.say("  The functions are built already, nothing has changed")
            return
        with progress.step("Building functions and layers"):
            run(["make", "build-local"], place, progress, environment=_environment())
        mark.write_text(content)


@contextmanager
def undisturbed(place: Place) -> Generator[None]:
    """Keep the build folder as it is for the length of the block, in which it is packaged."""
    with _held(place, fcntl.LOCK_SH):
        yield


@contextmanager
def _held(place: Place, mode: int) -> Generator[None]:
    """Two worlds may start at once, but there is one build folder."""
    (place.root / ".sandbox").mkdir(exist_ok=True)
    with (place.root / ".sandbox" / "build.lock").open("w") as lock:
        fcntl.flock(lock, mode)
        yield


def fingerprint(root: Path) -> str:
    """Return a hash over everything a build is made of, and the machine it is made for."""
    python = (root / ".venv-emulator" / "bin" / "python").resolve()  # functions run in it
    digest = hashlib.sha256(f"{platform.machine()} {python}".encode())
    for path in sorted(_files(root)):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(root: Path) -> Iterable[Path]:
    yield from (root / name for name in _INPUTS if (root / name).is_file())
    for folder in _FOLDERS:
        for path in (root / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _environment() -> dict[str, str]:
    """The caller's environment without what an outer make would tell an inner one."""
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
