"""Where a local world lives: its ports, folders and tools. Read once, from flags or environment."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
SANDBOX_PORT, EMULATOR_PORT = 8080, 4566
DAY_S = 86_400


class CannotStartError(Exception):
    """The world cannot be started here; the text tells a person what to do about it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One local world. `day_s` is how many real seconds a day of the plan takes."""

    port: int
    emulator_port: int
    day_s: int
    region: str = "eu-west-2"
    root: Path = ROOT

    @property
    def url(self) -> str:
        """The address people and links use; `localhost` so that browsers keep Secure cookies."""
        return f"http://localhost:{self.port}"

    @property
    def inner_url(self) -> str:
        """The address functions use: by number, because `localhost` may mean ::1 first."""
        return f"http://{HOST}:{self.port}"

    @property
    def emulator_url(self) -> str:
        """The emulator's address."""
        return f"http://{HOST}:{self.emulator_port}"

    @property
    def time_scale(self) -> int:
        """What the product divides its gaps and deadlines by."""
        return max(1, DAY_S // self.day_s)

    @property
    def state(self) -> Path:
        """The folder for this world's database and logs, one per port."""
        return self.root / ".sandbox" / str(self.port)

    @property
    def emulator_python(self) -> Path:
        """The interpreter that has MiniStack; functions run in it too."""
        return self.root / ".venv-emulator" / "bin" / "python"

    @property
    def sam(self) -> Path:
        """The SAM CLI."""
        return self.root / ".venv-sam" / "bin" / "sam"

    def require(self) -> None:
        """Raise CannotStartError unless the tools are installed and both ports are free."""
        missing = [str(p) for p in (self.emulator_python, self.sam) if not p.exists()]
        if missing:
            raise CannotStartError(f"not installed: {', '.join(missing)}. Run `make setup` first.")
        for port, name, variable in (
            (self.port, "the sandbox", "SANDBOX_PORT"),
            (self.emulator_port, "the emulator", "SANDBOX_EMULATOR_PORT"),
        ):
            if taken(port):
                raise CannotStartError(
                    f"port {port}, wanted for {name}, is taken. "
                    f"End what listens there, or choose another with {variable}=…"
                )


def taken(port: int) -> bool:
    """Whether something listens on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def from_environment(*, fixed_ports: bool, day_s: int) -> Place:
    """Return the place that the environment names.

    Well-known ports by default when `fixed_ports`, otherwise free ones. SANDBOX_PORT,
    SANDBOX_EMULATOR_PORT and SANDBOX_DAY_S override.
    """

    def number(name: str, default: int) -> int:
        text = os.environ.get(name) or str(default)
        if not text.isdigit() or int(text) < 1:
            raise CannotStartError(f"{name} must be a positive whole number, not {text!r}")
        return int(text)

    return Place(
        port=number("SANDBOX_PORT", SANDBOX_PORT if fixed_ports else free_port()),
        emulator_port=number(
            "SANDBOX_EMULATOR_PORT", EMULATOR_PORT if fixed_ports else free_port()
        ),
        day_s=number("SANDBOX_DAY_S", day_s),
    )
