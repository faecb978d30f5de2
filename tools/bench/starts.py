"""What a cold start costs: instructions under valgrind, modules, and modules compiled from source.

Everything a process does is counted, the interpreter's own start included, by `python -S` with the
build for this machine on its path. The counts of one build and one Python come out alike to the
last thousandth, whatever else the machine does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from closeloop import settings
from sandbox.place import CannotStartError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.place import Place

PROBE = Path(__file__).with_name("probe.py")
_VALGRIND = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
_COUNT = re.compile(r"^==(\d+)== I\s+refs:\s+([\d,]+)$", re.MULTILINE)
_MARK = re.compile(r"^MARK (\w+) (\d+) (\d+)$", re.MULTILINE)
_LOADED = re.compile(r"^LOADED (.*)$", re.MULTILINE)
_FROM_SOURCE = re.compile(r"^# code object from '?([^'\n]+\.py)'?$", re.MULTILINE)
_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Stage:
    """A start up to one mark: instructions, modules loaded."""

    instructions: int
    modules: int


@dataclass(frozen=True, slots=True)
class Start:
    """One start: its stages in order, the top-level modules at its end."""

    stages: Mapping[str, Stage]
    loaded: frozenset[str]


class Starter:
    """Starts functions of a copy of the build, so that a build meanwhile changes nothing."""

    def __init__(self, place: Place) -> None:
        if shutil.which(_VALGRIND[0]) is None:
            raise CannotStartError("valgrind is not installed. Run `make setup` first.")
        self._python = place.emulator_python
        self._scratch = tempfile.TemporaryDirectory(prefix="closeloop-bench-")
        self.build = Path(self._scratch.name) / "build"
        shutil.copytree(place.root / ".aws-sam" / "build", self.build)

    @property
    def python_version(self) -> str:
        """The interpreter's minor version."""
        said = self._run([self._python, "-S", "-V"], {})
        return said.split()[1].rpartition(".")[0]

    def close(self) -> None:
        """Remove the copy."""
        self._scratch.cleanup()

    def reference(self, data: Path) -> Start:
        """Start reference set I with botocore's models as they are published, in `data`."""
        return self._counted(["reference"], {"AWS_DATA_PATH": str(data)})

    def function(self, name: str) -> Start:
        """Start a function."""
        return self._counted(_arguments(name), {})

    def compiled(self, name: str) -> list[str]:
        """The modules of the build that a function's start compiles from source."""
        said = self._run([self._python, "-v", "-S", *self._probe(_arguments(name))], {})
        return compiled_modules(said, str(self.build))

    def _counted(self, arguments: Sequence[str], more: Mapping[str, str]) -> Start:
        command = [*_VALGRIND, self._python, "-S", *self._probe(arguments)]
        return read_start(self._run(command, more))

    def _probe(self, arguments: Sequence[str]) -> list[str]:
        return [str(PROBE), str(self.build), *arguments]

    def _run(self, command: Sequence[str | Path], more: Mapping[str, str]) -> str:
        done = subprocess.run(
            command,
            env={**environment(self._scratch.name), **more},
            cwd=self._scratch.name,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            raise CannotStartError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}")
        return done.stdout


def read_start(said: str) -> Start:
    """Read what the probe and valgrind printed."""
    counts = {child: int(count.replace(",", "")) for child, count in _COUNT.findall(said)}
    stages = {
        name: Stage(counts[child], int(modules)) for name, child, modules in _MARK.findall(said)
    }
    loaded = _LOADED.search(said)
    return Start(stages, frozenset(loaded[1].split() if loaded else ()))


def compiled_modules(said: str, build: str) -> list[str]:
    """The modules below `build` that a verbose interpreter says it compiled."""
    return [path for path in _FROM_SOURCE.findall(said) if path.startswith(build)]


def shows_pages(name: str) -> bool:
    """Whether a function answers the public with pages."""
    return issubclass(settings.FUNCTIONS[name], settings.PageSettings)


def environment(home: str) -> dict[str, str]:
    """The same small environment for every start: settings that look real, nobody to call."""
    asked = {each for told in settings.FUNCTIONS.values() for each in told.__annotations__}
    told = {name.upper(): "1" for name in asked | set(settings.Settings.__annotations__)}
    return told | {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LANG": "C.UTF-8",
        "HOME": home,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CLOCK_URL": "",
        "CORE_BASE_URL": "https://core.example",
        "PUBLIC_BASE_URL": "https://pay.example",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "POWERTOOLS_METRICS_NAMESPACE": "closeloop",
        "LOG_LEVEL": "INFO",
    }


def _arguments(name: str) -> list[str]:
    return [name, "pages"] if shows_pages(name) else [name]
