"""Chromium without a window: the customer's phone in tests, the camera for the README.

Playwright drives it. It is a tool for developers, so it is imported only where a browser is wanted.
"""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sandbox.place import CannotStartError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A phone of middling size, as its browser tells pages about itself.
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "en-GB",
}
# It must run as root in containers too, and ask nobody outside this machine for anything.
_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def chromium() -> Generator["Browser"]:
    """A browser for the length of the block; CannotStartError says what is not installed."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        raise CannotStartError("not installed: playwright. Run `make setup` first.") from error
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise CannotStartError("not installed: Chromium. Run `make setup` first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()
