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
_MAX_STEPS = 12
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
    """One person with one browser. Use as a context manager, or close it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.cookies: dict[str, str] = {}
        self._http = httpx2.Client(timeout=_TIMEOUT_S, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, url: str) -> Page:
        """Open an address and follow where it leads."""
        return self._go("GET", url, None)

    def submit(self, page: Page, form: Form, **typed: str) -> Page:
        """Send a form of a page with what was typed; what is left untouched goes as it was."""
        fields = {**form.fields, **typed}
        for name, values in form.choices.items():
            if len(values) > 0 and name not in fields:
                raise StuckError(f"{form.action}: nothing chosen for {name} of {values}")
        return self._go("POST", urljoin(page.url, form.action), fields)

    def _go(self, method: str, url: str, fields: Mapping[str, str] | None) -> Page:
        url = urljoin(self.base_url, url)
        for _ in range(_MAX_STEPS):
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


def agree(customer: Customer, link: str, action: str, messages: Messages) -> Page:
    """Open a link, prove who one is, take the first choice of an action; return the last page.

    The way is read from the pages themselves: whatever form is there next is filled in.
    """
    page = customer.get(link)
    for _ in range(_MAX_STEPS):
        known = {message["id"] for message in messages()}
        if form := page.form(f"/act/{action}"):
            chosen = {name: values[0] for name, values in form.choices.items()}
            return customer.submit(page, form, **chosen, **dict(form.buttons[:1]))
        if form := page.form("/verify"):
            raise StuckError("a code was asked for before one was sent")
        if form := page.form("/code"):
            page = customer.submit(page, form)
            verify = page.form("/verify")
            if verify is None:
                raise StuckError(f"no place to type a code: {page.content.text[:400]}")
            page = customer.submit(page, verify, code=newest_code(messages, known))
        elif leads := [href for href in page.content.links if f"/act/{action}" in href]:
            page = customer.get(urljoin(page.url, leads[0]))
        elif page.content.forms and page.url == link:
            page = customer.submit(page, page.content.forms[0])
        else:
            raise StuckError(f"{page.status} at {page.url}: {page.content.text[:400]}")
    raise StuckError(f"no end after {_MAX_STEPS} steps, last at {page.url}")
