"""Photograph the product for its README: the phone, the pages a customer sees, and the case.

A world is brought up, one customer lets the email and the SMS pass and acts on the WhatsApp, in a
real browser. Pictures go to docs/images.
"""

import os
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from sandbox.customer import newest_code
from sandbox.driver import Driver, Json, until
from sandbox.place import CannotStartError, Place
from sandbox.progress import Progress
from sandbox.run import running

_DESK = (1240, 900)
_HAND = (390, 844)
_WITHIN_S = 120


def screenshots(place: Place, progress: Progress) -> int:
    """Bring a world up, play one customer through it, and leave the pictures."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise CannotStartError("Chromium is not installed (Debian: apt-get install chromium)")
    album = place.root / "docs" / "images"
    album.mkdir(parents=True, exist_ok=True)
    # Chromium's own sandbox needs a user other than root.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with running(place, progress), Driver(place.url) as driver, sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=flags)
        with progress.step("Playing a customer in Chromium"):
            account = driver.seed(customer_id="amara", name="Amara Osei")
            driver.happen(account["customer_id"], "payment_failed")
            _act(browser, driver, account, album)
            _look(browser, place, album)
        browser.close()
    progress.say(f"  Pictures: {', '.join(sorted(p.name for p in album.glob('*.png')))}")
    return 0


def _act(browser: Browser, driver: Driver, account: Json, album: Path) -> None:
    """Follow the WhatsApp's link to the page that says recorded."""
    messages = driver.messages_of(account)

    def last() -> Json | None:
        return next((m for m in messages() if m["channel"] == "whatsapp"), None)

    page = _page(browser, _HAND, scale=2)
    page.goto(until("the WhatsApp", last, _WITHIN_S)["links"][0])
    _photograph(page, album / "page-landing.png")
    page.locator("form button").first.click()
    known = {message["id"] for message in messages()}
    page.locator("form[action$='/code'] button").first.click()
    page.locator("input[name=code]").fill(newest_code(messages, known))
    page.locator("form[action$='/verify'] button").first.click()
    form = page.locator("form[action$='/act/instalment_plan']").first
    form.locator("input[type=radio] + label, label:has(input[type=radio])").nth(1).click()
    _photograph(page, album / "page-choices.png")
    form.locator("button").first.click()
    until("the page that says recorded", lambda: _recorded(page, driver), _WITHIN_S)
    _photograph(page, album / "page-recorded.png")


def _recorded(page: Page, driver: Driver) -> bool:
    page.goto(f"{driver.url}/c/status")
    return page.locator("h1").first.inner_text() == "Recorded"


def _look(browser: Browser, place: Place, album: Path) -> None:
    """The phone with everything on it, and the case beside it."""
    page = _page(browser, _DESK, scale=1)
    page.goto(place.url)
    page.screenshot(path=album / "phone.png")
    page.locator("section[aria-labelledby^=case]").first.screenshot(path=album / "case.png")


def _page(browser: Browser, size: tuple[int, int], scale: int) -> Page:
    width, height = size
    return browser.new_page(
        viewport={"width": width, "height": height}, device_scale_factor=scale, locale="en-GB"
    )


def _photograph(page: Page, path: Path) -> None:
    page.screenshot(path=path, full_page=True)
