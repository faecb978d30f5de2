"""`python -m sandbox demo|smoke|serve|screenshots`: see the package's own words."""

import argparse
import signal
import sys
from types import FrameType

from sandbox import demo, place, screenshots, smoke
from sandbox.place import CannotStartError
from sandbox.progress import Progress

_COMMANDS = {
    "demo": (demo.demo, True, demo.DAY_S, "the whole product, one URL to open"),
    "smoke": (smoke.smoke, False, smoke.DAY_S, "the same without a person: exit 0 or 1"),
    "serve": (demo.serve, True, demo.DAY_S, "an empty world, driven over HTTP"),
    "screenshots": (screenshots.screenshots, True, screenshots.DAY_S, "the README's pictures"),
}


def main() -> int:
    """Run one command; say in one line why it cannot, and end what was started however it ends."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (*_, words) in _COMMANDS.items():
        commands.add_parser(name, help=words)
    run, fixed_ports, day_s, _ = _COMMANDS[parser.parse_args().command]
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, _end)
    try:
        return run(place.from_environment(fixed_ports=fixed_ports, day_s=day_s), Progress())
    except CannotStartError as error:
        print(f"\nCannot start: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _end(_: int, __: FrameType | None) -> None:
    """End once, in order: a second Ctrl-C must not leave half of it running."""
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
