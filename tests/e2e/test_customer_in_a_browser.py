"""The loop closed by a person's own thumb: Chromium on a phone against the deployed product."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from sandbox.browser import chromium
from tests.e2e.handset import PATIENCE_MS, handset, violations

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.e2e.person import Person
    from tests.e2e.stage import Stage

RECEIVED, RECORDED = "received", "recorded"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with chromium() as started:
        yield started


@contextmanager
def choosing(stage: Stage, browser: Browser, person: Person) -> Generator[Page]:
    """The page with the choices, three payments chosen, everything before it done."""
    person.happens("payment_failed")
    link = person.link()
    with handset(browser) as phone:
        page = phone.new_page()
        page.goto(link)
        prove(page, look_at(stage, phone, person))
        choose(page, "3 payments")
        yield page


def look_at(stage: Stage, phone: BrowserContext, person: Person) -> Page:
    """The sandbox's phone page, turned to this person."""
    page = phone.new_page()
    page.goto(f"{stage.driver.url}/?customer={person.id}")
    return page


def choose(page: Page, label: str) -> None:
    page.get_by_text(f"{label}, the first of").tap()


def agree(page: Page) -> None:
    # It does not wait for the answer: two tabs are to ask at once.
    page.get_by_role("button", name="I agree to this plan").tap(no_wait_after=True)


def reached(page: Page, name: str) -> Page:
    """The page, once it is the one of that name."""
    expect(page.locator("main")).to_have_attribute("data-page", name)
    return page


def judged(page: Page, name: str) -> Page:
    """The same, and it meets WCAG 2.2 AA. The judge is a script: not for a phone without."""
    assert violations(reached(page, name)) == "", name
    return page


def prove(page: Page, messages: Page, at: Callable[[Page, str], Page] = reached) -> None:
    """From the link's page to the choices; the code is read off the phone."""
    at(page, "landing").get_by_role("button", name="Continue").tap()
    at(page, "prove").get_by_role("button", name="text message").tap()
    typing = at(page, "code")
    sms = messages.locator(".message.sms").filter(has_text=re.compile(r"\d{6} is your")).first
    code = re.search(r"\d{6}", sms.inner_text())
    assert code
    typing.get_by_label("Code from the message").fill(code[0])
    typing.get_by_role("button", name="Continue").tap()
    at(page, "choose")


def reference(page: Page) -> str:
    return page.locator("dd").first.inner_text()


def test_a_customer_follows_the_email_on_the_phone_to_the_receipt(stage: Stage, browser: Browser):
    """Dual completion as a person sees it: received at once, recorded when the core shows it."""
    amara = stage.person("amara", name="Amara Osei")
    amara.happens("payment_failed")
    with handset(browser) as phone:
        messages = look_at(stage, phone, amara)
        assert violations(messages) == ""
        with phone.expect_page() as opened:
            messages.locator(".message.email a").first.tap()
        page = opened.value
        prove(page, messages, at=judged)
        choose(page, "3 payments")
        expect(
            page.get_by_text("I agree to pay Example Bank £120.00 in 3 payments")
        ).to_be_visible()
        with stage.core("down"):
            agree(page)
            judged(page, RECEIVED)
            assert amara.journal() == []
        amara.case_when("resolved")
        judged(page, RECORDED)  # nobody touched the page
        expect(page.locator("dl")).to_contain_text("£120.00 in 3 payments")
        the_cores_books_show(messages, "arranged")
        assert violations(messages) == ""
        (entry,) = amara.journal()
        assert reference(page) == entry["request_id"][:8].upper()
        assert [each["amount_minor"] for each in entry["effect"]["instalments"]] == [4_000] * 3


def test_without_script_a_customer_reaches_the_same_receipt(stage: Stage, browser: Browser):
    grace = stage.person("grace")
    grace.happens("payment_failed")
    with handset(browser, java_script_enabled=False) as phone:
        messages = look_at(stage, phone, grace)  # it refreshes itself, without script too
        with phone.expect_page() as opened:
            messages.locator(".message.email a").first.tap()
        page = opened.value
        prove(page, messages)
        choose(page, "3 payments")
        with stage.core("down"):
            agree(page)
            reached(page, RECEIVED)
        grace.case_when("resolved")
        page.get_by_role("link", name="Look again").tap()
        reached(page, RECORDED)
        the_cores_books_show(messages, "arranged")
    (entry,) = grace.journal()
    assert len(entry["effect"]["instalments"]) == 3


def test_two_tabs_that_submit_at_once_make_one_plan(stage: Stage, browser: Browser):
    """R2, F18: each tab has a form of its own; one is taken, and both see what was agreed."""
    tom = stage.person("tom")
    with choosing(stage, browser, tom) as one:
        two = one.context.new_page()
        two.goto(one.url)
        choose(reached(two, "choose"), "4 payments")
        agree(one)
        agree(two)
        case = tom.case_when("resolved")
        (submission,) = case["submissions"]
        for tab in (one, two):
            reached(tab, RECORDED)
            assert reference(tab) == submission["id"][:8].upper()
        (entry,) = tom.journal()
        assert entry["request_id"] == submission["id"]
        agreed = f"in {len(entry['effect']['instalments'])} payments"
        assert [agreed in tab.inner_text("dl") for tab in (one, two)] == [True, True]


def test_a_button_pressed_twice_counts_once(stage: Stage, browser: Browser):
    """R2: the same form twice gets the same receipt."""
    yuki = stage.person("yuki")
    with choosing(stage, browser, yuki) as page:
        page.get_by_role("button", name="I agree to this plan").dblclick(no_wait_after=True)
        yuki.case_when("resolved")
        reached(page, RECORDED)
    assert len(yuki.journal()) == 1


def test_going_back_after_submitting_shows_the_answer_and_nothing_to_submit(
    stage: Stage, browser: Browser
):
    """R2: no stale form comes out of the browser's memory, whatever the core does meanwhile."""
    hamish = stage.person("hamish")
    with choosing(stage, browser, hamish) as page:
        with stage.core("down"):
            agree(page)
            reached(page, RECEIVED)
            page.go_back()
            reached(page, RECEIVED)
            assert page.locator("form").count() == 0
        hamish.case_when("resolved")
        reached(page, RECORDED)
        page.go_back()
        page.go_forward()
        reached(page, RECORDED)
    assert len(hamish.journal()) == 1


def test_the_session_is_a_cookie_that_only_this_site_gets_and_no_script_reads(
    stage: Stage, browser: Browser
):
    """T6, T8: __Host-, Secure, HttpOnly, SameSite; and neither link nor code stays in the page."""
    priya = stage.person("priya")
    with choosing(stage, browser, priya) as page:
        (found,) = page.context.cookies()
        cookie: dict[str, Any] = {**found}
        assert cookie["name"].startswith("__Host-")
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
        assert (cookie["domain"], cookie["path"], cookie["expires"]) == ("localhost", "/", -1)
        readable = "[document.cookie, localStorage.length, sessionStorage.length]"
        assert page.evaluate(readable) == ["", 0, 0]
        assert page.url == f"{stage.driver.url}/c"
        assert priya.link().rpartition("/")[2] not in page.content()


def the_cores_books_show(messages: Page, status: str) -> None:
    books = messages.get_by_role("region", name="Obligations")
    expect(books).to_contain_text(status)
