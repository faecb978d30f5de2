"""Photograph the product for its README: the customer's pages, the phone and the case.

A world of its own is brought up. One customer lets the email and the SMS pass, opens the link of
the WhatsApp and agrees three instalments, in a real browser. The pictures go to docs/images.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.browser import PHONE, chromium
from sandbox.customer import newest_code
from sandbox.driver import Driver, Json, until
from sandbox.picture import reduced
from sandbox.place import Place
from sandbox.progress import Progress
from sandbox.run import running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, ViewportSize

DAY_S = 15
_DESK: "ViewportSize" = {"width": 1440, "height": 900}
_WITHIN_S = 120
_MAX_BYTES = 120_000


def screenshots(place: Place, progress: Progress) -> int:
    """Bring a world up, play one customer through it, and leave the pictures."""
    album = place.root / "docs" / "images"
    album.mkdir(parents=True, exist_ok=True)
    with (
        chromium() as browser,
        running(place, progress),
        Driver(place.url) as driver,
        progress.step("Playing a customer in Chromium"),
    ):
        account = driver.seed(customer_id="amara", name="Amara Osei")
        driver.happen(account["customer_id"], "payment_failed")
        _close_the_loop(browser, driver, account, album)
        _look_at_it(browser, place, album)
    progress.say(f"  Pictures: {', '.join(sorted(p.name for p in album.glob('*.png')))}")
    return 0


def _close_the_loop(browser: "Browser", driver: Driver, account: Json, album: Path) -> None:
    """From the WhatsApp's link to the page that says recorded."""
    messages = driver.messages_of(account)

    def last() -> Json | None:
        return next((m for m in messages() if m["channel"] == "whatsapp"), None)

    link = until("the WhatsApp", last, _WITHIN_S)["links"][0]
    with browser.new_page(**PHONE) as page:
        page.set_default_timeout(_WITHIN_S * 1000)
        page.goto(link)
        page.get_by_role("button", name="Continue").tap()
        known = {message["id"] for message in messages()}
        page.get_by_role("button", name="text message").tap()
        page.get_by_label("Code from the message").fill(newest_code(messages, known))
        page.get_by_role("button", name="Continue").tap()
        page.get_by_text("3 payments, the first of").tap()
        _photograph(page, album / "choose.png")
        page.get_by_role("button", name="I agree to this plan").tap()
        page.locator("main[data-page=recorded]").wait_for()
        page.reload()  # as whoever comes back sees it: a page that turned by itself is focused
        _photograph(page, album / "recorded.png")


def _look_at_it(browser: "Browser", place: Place, album: Path) -> None:
    """The phone with everything on it, and the case alone."""
    for name, what, scale in (("phone.png", "body", 1), ("case.png", "section:has(ol.line)", 2)):
        with browser.new_page(viewport=_DESK, device_scale_factor=scale, locale="en-GB") as page:
            page.goto(place.url)
            page.locator("h2 .tag", has_text="resolved").wait_for()
            _photograph(page.locator(what), album / name)


def _photograph(what: "Page | Locator", path: Path) -> None:
    picture = reduced(what.screenshot())
    if len(picture) > _MAX_BYTES:
        raise ValueError(f"{path.name} has {len(picture)} bytes, more than a README should load")
    path.write_bytes(picture)
