"""Drive a world through its HTTP contract, as tests and smoke do: nothing but what docs promise."""

import time
from collections.abc import Callable
from typing import Any, Self, TypeVar

import httpx2

from sandbox.customer import Messages

T = TypeVar("T")
Json = dict[str, Any]


class Driver:
    """A client of /sandbox. Raises httpx2.HTTPStatusError for whatever the contract refuses."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx2.Client(base_url=url, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, path: str, **query: str) -> Any:  # noqa: ANN401 - JSON is what it is
        """GET a route and return its JSON."""
        return self._http.get(path, params=query).raise_for_status().json()

    def tell(self, path: str, body: Json | None = None) -> Any:  # noqa: ANN401
        """POST to a route and return its JSON."""
        return self._http.post(path, json=body or {}).raise_for_status().json()

    def seed(self, **account: object) -> Json:
        """Put a customer on the core's books and return the account."""
        return self.tell("/sandbox/core/accounts", account)

    def happen(self, customer_id: str, fact: str, **more: object) -> str:
        """Let something happen at the core and return the id of the event it announced."""
        body = {"fact": fact, **more}
        return self.tell(f"/sandbox/core/accounts/{customer_id}/facts", body)["event_id"]

    def messages_of(self, account: Json) -> Messages:
        """Return a function that lists everything the customer received, oldest first."""
        addresses = {account["email"], account["phone"], account["whatsapp"]}
        return lambda: [m for m in self.ask("/sandbox/messages") if m["to"] in addresses]

    def case_of(self, account: Json) -> Json | None:
        """Return the customer's newest case, None while there is none."""
        cases: list[Json] = self.ask("/sandbox/cases", customer=account["customer_id"])
        return cases[-1] if cases else None


def until(what: str, look: Callable[[], T | None], within_s: float, every_s: float = 0.5) -> T:
    """Look again and again until there is something to return; TimeoutError names what was not."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {within_s:.0f} s")
        time.sleep(every_s)
