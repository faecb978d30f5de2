"""A customer's phone for tests: Chromium, complaining of nothing, judged by axe-core."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

from sandbox.browser import PHONE

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Browser, BrowserContext, Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# No test is decided by time: this is how long a busy machine may take for anything at all.
PATIENCE_MS = 150_000


@contextmanager
def handset(browser: Browser, **options: Any) -> Generator[BrowserContext]:
    """A phone's browser; whatever any of its pages complains of fails the test."""
    context = browser.new_context(**PHONE, **options)
    context.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(f"{said.text} {said.location}"))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("dialog", lambda dialog: complaints.append(dialog.message))
    try:
        yield context
        assert complaints == []
    finally:
        context.close()


def violations(page: Page) -> str:
    """What axe-core finds wrong with a page by WCAG 2.2 AA; nothing if all is well."""
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return results.generate_report() if results.violations_count else ""
