"""A customer's browser that hands its requests to the handlers as API Gateway would."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from sandbox import forms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.forms import Form
    from tools.bench.meter import Step
    from tools.bench.world import Bench

Json = dict[str, Any]
_CODES = {"/c/code", "/c/verify"}
_PLAIN = {"/c", "/c/code", "/c/verify", "/c/status", "/c/renew"}
_SEE_OTHER = 303


class StuckError(Exception):
    """A page did not lead on; the text shows what it said instead."""


class Browser:
    """One customer. `steps` are what each request cost, in order."""

    def __init__(self, bench: Bench) -> None:
        self.steps: list[Step] = []
        self._bench = bench
        self._cookies: dict[str, str] = {}
        self._at = bench.local.place.url
        self._goes_on: str | None = None
        self._page = forms.Content()

    def get(self, url: str) -> None:
        """Open an address."""
        self._request("GET", url, None)

    def follow(self) -> None:
        """Go where the last answer leads."""
        if self._goes_on is None:
            raise StuckError(f"{self._at} leads nowhere: {self._page.text[:300]}")
        self.get(self._goes_on)

    def submit(self, part: str, **typed: str) -> None:
        """Send the form whose action contains `part`, the first choice taken where there is one."""
        form = self.form(part)
        chosen = {name: values[0] for name, values in form.choices.items()}
        fields = {**chosen, **form.fields, **typed}
        self._request("POST", urljoin(self._at, form.action), fields)

    def form(self, part: str) -> Form:
        """Return the first posting form whose action contains the text."""
        for form in self._page.forms:
            if form.method == "POST" and part in form.action:
                return form
        raise StuckError(f"no form for {part} at {self._at}: {self._page.text[:300]}")

    def _request(self, method: str, url: str, fields: Mapping[str, str] | None) -> None:
        self._at = urljoin(self._at, url)
        event = self._event(method, fields)
        label = f"{method} {event['resource']}"
        answer, step = self._bench.call(_function(event), event, label)
        self.steps.append(step)
        self._keep(answer)
        self._page = forms.read(answer["body"])
        redirects = answer["statusCode"] == _SEE_OTHER
        self._goes_on = urljoin(self._at, answer["headers"]["Location"]) if redirects else None
        if answer["statusCode"] >= 400:  # noqa: PLR2004 - HTTP
            raise StuckError(f"{label}: {answer['statusCode']} {self._page.text[:300]}")

    def _event(self, method: str, fields: Mapping[str, str] | None) -> Json:
        address = urlsplit(self._at)
        resource, parameters = _route(address.path)
        headers = {"Host": address.netloc, "User-Agent": "bench", "Accept": "text/html"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Sec-Fetch-Site"] = "same-origin"
        return {
            "httpMethod": method,
            "resource": resource,
            "path": address.path,
            "pathParameters": parameters,
            "queryStringParameters": dict(parse_qsl(address.query)) or None,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "body": None if fields is None else urlencode(fields),
            "isBase64Encoded": False,
            "requestContext": {"domainName": address.netloc, "identity": {"sourceIp": "192.0.2.1"}},
        }

    def _keep(self, answer: Json) -> None:
        for line in answer["multiValueHeaders"].get("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value


def _route(path: str) -> tuple[str, Json | None]:
    if path in _PLAIN:
        return path, None
    if path.startswith("/c/act/"):
        return "/c/act/{action}", {"action": path.removeprefix("/c/act/")}
    return "/c/{link}", {"link": path.removeprefix("/c/")}


def _function(event: Json) -> str:
    """Which function the template's routes give a request to."""
    if event["resource"] in _CODES:
        return "one_time_code"
    if event["resource"] == "/c/act/{action}" and event["httpMethod"] == "POST":
        return "submit_action"
    return "mini_app"
