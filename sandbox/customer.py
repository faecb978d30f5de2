"""A customer over HTTP: opens links, carries cookies, fills in forms, types codes. No browser.

Session cookies are `__Host-` and Secure. A browser keeps them on localhost, Python's cookie jar
does not, so they are carried here by hand; the flag is never dropped.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urljoin

import httpx2

from sandbox import forms
from sandbox.forms import Content, Form

_CODE = re.compile(r"\b\d{6,8}\b")
_BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
_ASK, _TYPE = "/c/code", "/c/verify"
_MAX_REDIRECTS = 5
_FAILED = 500
_PAUSE_S = 1.0
_TIMEOUT_S = 120


class StuckError(Exception):
    """A page offered no way on; the text shows what it said instead."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came, and what was read from it."""

    status: int
    url: str
    headers: httpx2.Headers
    html: str
    content: Content

    def form(self, part: str) -> Form | None:
        """Return the first posting form whose action contains the text."""
        found = (f for f in self.content.forms if f.method == "POST" and part in f.action)
        return next(found, None)


class Customer:
    """One person with one browser. Use as a context manager, or close it.

    A page that fails on the other side is tried again `patience` times in all, as a person would.
    """

    def __init__(self, base_url: str, patience: int = 3) -> None:
        self.base_url = base_url
        self.cookies: dict[str, str] = {}
        self._patience = patience
        self._http = httpx2.Client(timeout=_TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, url: str) -> Page:
        """Open an address and follow where it leads."""
        return self._try("GET", url, None)

    def submit(self, page: Page, form: Form, **typed: str) -> Page:
        """Send a form of a page with what was typed; what is left untouched goes as it was."""
        fields = {**form.fields, **typed}
        unchosen = [name for name in form.choices if name not in fields]
        if unchosen:
            raise StuckError(f"{form.action}: nothing chosen for {', '.join(unchosen)}")
        return self._try("POST", urljoin(page.url, form.action), fields)

    def _try(self, method: str, url: str, fields: Mapping[str, str] | None) -> Page:
        page = self._go(method, url, fields)
        for _ in range(self._patience - 1):
            if page.status < _FAILED:
                break
            time.sleep(_PAUSE_S)
            page = self._go(method, url, fields)
        return page

    def _go(self, method: str, url: str, fields: Mapping[str, str] | None) -> Page:
        url = urljoin(self.base_url, url)
        for _ in range(_MAX_REDIRECTS):
            reply = self._http.request(method, url, data=fields, headers=self._headers(url, method))
            self._keep(reply)
            if reply.status_code not in (301, 302, 303, 307, 308):
                content = forms.read(reply.text)
                return Page(reply.status_code, url, reply.headers, reply.text, content)
            url = urljoin(url, reply.headers["location"])
            if reply.status_code not in (307, 308):
                method, fields = "GET", None
        raise StuckError(f"{url} leads round in a circle")

    def _headers(self, url: str, method: str) -> dict[str, str]:
        headers = {"User-Agent": _BROWSER, "Accept": "text/html", "Accept-Language": "en-GB"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if method == "POST":
            site = httpx2.URL(url)
            headers["Origin"] = f"{site.scheme}://{site.netloc.decode()}"
            headers["Sec-Fetch-Site"] = "same-origin"
        return headers

    def _keep(self, reply: httpx2.Response) -> None:
        for line in reply.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)


Messages = Callable[[], list[dict[str, Any]]]


def newest_code(messages: Messages, known: set[str], within_s: float = 60) -> str:
    """Wait for a message that was not `known` and carries a one-time code; return the code."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        for message in reversed(messages()):
            if message["id"] not in known and (found := _CODE.search(message["body"])):
                return found[0]
        time.sleep(0.3)
    raise StuckError("no message with a one-time code came")


def prove(customer: Customer, link: str, messages: Messages) -> Page:
    """Open a link, press what there is to press, type the code; return the page behind it.

    The way is read from the pages themselves, so no field name is known here but the code's.
    """
    page = customer.get(link)
    opening = page.form("/c/")
    if opening is None:
        raise _stuck(page)
    page = customer.submit(page, opening)
    ask = page.form(_ASK)
    if ask is None:
        raise _stuck(page)
    known = {message["id"] for message in messages()}
    page = customer.submit(page, ask)
    answer = page.form(_TYPE)
    if answer is None:
        raise _stuck(page)
    page = customer.submit(page, answer, code=newest_code(messages, known))
    if page.form(_ASK) or page.form(_TYPE):
        raise _stuck(page)
    return page


def choose(customer: Customer, page: Page, action: str, nth: int = 0) -> Page:
    """Take the nth choice of an action, on this page or on the one that its link leads to."""
    if page.form(f"/act/{action}") is None:
        leads = [href for href in page.content.links if href.endswith(f"/act/{action}")]
        if not leads:
            raise _stuck(page)
        page = customer.get(urljoin(page.url, leads[0]))
    form = page.form(f"/act/{action}")
    if form is None:
        raise _stuck(page)
    chosen = {name: values[nth] for name, values in form.choices.items()}
    return customer.submit(page, form, **chosen)


def agree(customer: Customer, link: str, action: str, messages: Messages) -> Page:
    """Open a link, prove who one is, take the first choice of an action; return the last page."""
    return choose(customer, prove(customer, link, messages), action)


def _stuck(page: Page) -> StuckError:
    return StuckError(f"{page.status} at {page.url}: {page.content.text[:400]}")
