"""The pages in a real browser, on a phone: accessible, safe, and enough without script.

The product answers in this process, behind what stands for API Gateway; the browser is Chromium.
Screenshots are left in build/screenshots/pages, for a person to look at.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.adapters import http
from closeloop.application.visits import NOT_AVAILABLE, View
from closeloop.domain.identity import Channel
from sandbox.browser import chromium
from tests.e2e.handset import handset, violations
from tests.fakes.api_gateway import Answer, answers_of, edge_of, on_a_port
from tests.fakes.customer import contacted
from tests.fakes.firm import Firm
from tests.fakes.gallery import gallery
from tests.fakes.hostile import PAYLOADS, full_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots" / "pages"
GALLERY = gallery()
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def show() -> Iterator[str]:
    """An address under which every page of the gallery, and every hostile one, is shown."""
    hostile = {f"hostile-{at}": full_of(payload) for at, payload in enumerate(PAYLOADS)}
    pages = {**GALLERY, **hostile}
    edge = edge_of(Firm())

    def answer(event: Mapping[str, Any]) -> dict[str, Any]:
        page = pages.get(event["path"].rpartition("/show-")[2])
        return http.answer(event, lambda: lambda _: View(page) if page else NOT_AVAILABLE, edge)

    with on_a_port(answer) as address:
        yield f"{address}/c/show-"


@contextmanager
def phone(browser: Browser, **options: Any) -> Generator[Page]:
    """A page of a phone's browser; whatever it complains of fails the test."""
    with handset(browser, **options) as context:
        yield context.new_page()


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_meets_wcag_2_2_aa(browser: Browser, show: str, look: str):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    with phone(browser, **LOOKS[look]) as page:
        for name in GALLERY:
            page.goto(f"{show}{name}")
            page.screenshot(path=SCREENSHOTS / f"{name}-{look}.png", full_page=True)
            assert violations(page) == "", name


def test_nothing_is_cut_off_at_four_times_the_size(browser: Browser, show: str):
    """WCAG 1.4.10: 320 CSS pixels wide, which is a desktop page at 400 %."""
    with phone(browser) as page:
        page.set_viewport_size({"width": 320, "height": 640})
        for name in GALLERY:
            page.goto(f"{show}{name}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 320, name


def test_everything_to_tap_is_large_enough_for_a_thumb(browser: Browser, show: str):
    """WCAG 2.5.8 asks for 24 pixels; a thumb wants 44."""
    with phone(browser) as page:
        for name in GALLERY:
            page.goto(f"{show}{name}")
            for target in page.locator("button, a, .card, input.code").all():
                box = target.bounding_box()
                assert box, name
                assert box["height"] >= 44, (name, target.inner_text())


def test_no_hostile_text_runs_or_loads_anything(browser: Browser, show: str):
    """T12: in every field of a page, in a real browser."""
    with phone(browser) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for at in range(len(PAYLOADS)):
            page.goto(f"{show}hostile-{at}")
            page.wait_for_timeout(50)
        assert all(url.startswith((show, "data:,")) for url in asked)
        assert page.locator("main").count() == 1


def test_a_customer_goes_from_the_message_to_the_confirmed_record(browser: Browser):
    """T6, T7: with Chromium's own headers, cookies and redirects, and with the script."""
    firm = Firm()
    _, customer = contacted(firm)
    posts: list[Mapping[str, Any]] = []
    with on_a_port(noting(posts, answers_of(firm))) as address, phone(browser) as page:
        page.goto(f"{address}/c/{customer.link(Channel.EMAIL)}")
        page.get_by_role("button", name="Continue").tap()
        page.wait_for_url(f"{address}/c")
        page.get_by_role("button", name="text message").tap()
        page.get_by_label("Code from the message").fill("000000")
        page.get_by_role("button", name="Continue").tap()
        page.locator("#alert:focus").wait_for()
        page.get_by_label("Code from the message").fill(customer.code(Channel.SMS))
        page.get_by_role("button", name="Continue").tap()
        choose_three_payments(page)
        page.get_by_role("heading", name="We have your answer").wait_for()
        message = firm.queue.take()
        firm.writeback(message["case"], message["submission"], minutes_left)
        page.get_by_role("heading", name="Recorded").wait_for()  # nobody touched the page
        assert page.evaluate("document.activeElement.tagName") == "H1"
        assert "in 3 payments" in page.inner_text("dl")
        assert violations(page) == ""
        page.emulate_media(media="print")
        assert page.locator("footer").is_hidden()
        assert page.locator("dl").is_visible()
    assert len(firm.core.journal) == 1
    assert {post["headers"].get("Sec-Fetch-Site") for post in posts} == {"same-origin"}
    assert {post["headers"].get("Origin") for post in posts} == {"null"}  # by our Referrer-Policy


def test_without_script_a_customer_can_do_the_same(browser: Browser):
    firm = Firm()
    _, customer = contacted(firm)
    with on_a_port(answers_of(firm)) as address, phone(browser, java_script_enabled=False) as page:
        page.goto(f"{address}/c/{customer.link(Channel.EMAIL)}")
        page.get_by_role("button", name="Continue").tap()
        page.get_by_role("button", name="text message").tap()
        page.get_by_role("heading", name="Enter your code").wait_for()
        page.get_by_label("Code from the message").fill(customer.code(Channel.SMS))
        page.get_by_role("button", name="Continue").tap()
        choose_three_payments(page)
        page.get_by_role("heading", name="We have your answer").wait_for()
        message = firm.queue.take()
        firm.writeback(message["case"], message["submission"], minutes_left)
        page.get_by_role("link", name="Look again").tap()
        page.get_by_role("heading", name="Recorded").wait_for()
    assert len(firm.core.journal) == 1


def test_a_customer_with_a_keyboard_reaches_everything_and_sees_where_they_are(
    browser: Browser, show: str
):
    """WCAG 2.1.1, 2.4.7."""
    with phone(browser) as page:
        page.goto(f"{show}choose")
        reached: list[str] = []
        for _ in range(5):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.tagName"))
            outlined = "e => getComputedStyle(e.closest('.card') ?? e).outlineWidth"
            assert page.evaluate(f"({outlined})(document.activeElement)") == "3px"
        assert reached == ["INPUT", "BUTTON", "A", "A", "A"]
        page.locator("input[type=radio]").first.focus()
        page.keyboard.press("ArrowDown")
        assert page.locator(":checked").get_attribute("value") == "3x"


def test_the_agreement_of_the_chosen_plan_is_read_before_it_is_agreed_to(
    browser: Browser, show: str
):
    with phone(browser) as page:
        page.goto(f"{show}choose")
        agreement = page.get_by_text("I agree to pay Vale Bank £120.00 in 3 payments")
        assert agreement.is_hidden()
        page.get_by_text("3 payments, the first of").tap()
        assert agreement.is_visible()
        described = page.locator(":checked").get_attribute("aria-describedby")
        assert agreement.get_attribute("id") == described


def test_previews_and_scanners_with_a_whole_browser_change_nothing(browser: Browser):
    """T7: even one that runs scripts and looks at everything, but presses no button."""
    firm = Firm()
    _, customer = contacted(firm)
    before = rows_of(firm)
    with on_a_port(answers_of(firm)) as address, phone(browser) as page:
        for _ in range(10):
            page.goto(f"{address}/c/{customer.link(Channel.EMAIL)}", wait_until="networkidle")
    assert rows_of(firm) == before
    assert not firm.senders[Channel.SMS].outbox


def noting(posts: list[Mapping[str, Any]], answer: Answer) -> Answer:
    """Answer, and keep the events of posts as the product saw them."""

    def noted(event: Mapping[str, Any]) -> dict[str, Any]:
        if event["httpMethod"] == "POST":
            posts.append(event)
        return answer(event)

    return noted


def choose_three_payments(page: Page) -> None:
    page.get_by_text("3 payments, the first of").tap()
    page.get_by_role("button", name="I agree to this plan").tap()


def minutes_left() -> timedelta:
    return timedelta(minutes=5)


def rows_of(firm: Firm) -> dict[Any, Any]:
    items: Any = firm.table
    return dict(items.items)
