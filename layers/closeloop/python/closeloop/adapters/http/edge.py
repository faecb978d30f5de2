"""One request from event to answer, and the outermost boundary around it.

Whatever goes wrong inside, the visitor sees a calm page with the same headers as any other, and the
log tells the kind of error and the place, never its text: a text can hold personal data (T22).
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from closeloop.adapters.http import requests, responses
from closeloop.application.ports import ConflictError, TemporarilyUnavailable
from closeloop.application.visits import PROBLEM, View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from closeloop.adapters.html.layout import Layout
    from closeloop.application.pages import Page
    from closeloop.application.ports import Clock
    from closeloop.application.visits import Visit

_log = logging.getLogger(__name__)
_REFUSAL = 400
_INNERMOST = -3


@dataclass(frozen=True, slots=True)
class Edge:
    """Presents views. `common` finds the pages that are the same for every case, by their name."""

    layout: Layout
    common: Callable[[str], Page]
    session_key: Callable[[], bytes]
    clock: Clock

    def present(self, view: View, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer with the view's page, or with the step it leads to."""
        up = requests.up(event)
        cookies = tuple(self._cookies(view))
        if view.goto:
            return responses.step(up + view.goto, cookies)
        shown = self.layout.show(view.page or self.common(view.name), up)
        return responses.page(view.status, shown.html, shown.policy, cookies)

    def _cookies(self, view: View) -> Iterator[str]:
        if view.ticket:
            value = view.ticket.cookie(self.session_key(), self.clock.now())
            yield responses.session_cookie(value)
        if view.draft is not None:
            yield responses.draft_cookie(view.draft)


def answer(
    event: Mapping[str, Any], use_case: Callable[[], Callable[[Visit], View]], edge: Edge
) -> dict[str, Any]:
    """Parse the event, let the use case decide, present what it shows. Never raises."""
    view = _view(event, use_case)
    _note(event, view)
    try:
        response = edge.present(view, event)
    except Exception as error:  # noqa: BLE001 - the outermost boundary
        _log.error("no page for %s: %s", event.get("resource"), _kind_and_place(error))
        response = responses.last_resort()
    return response | {"body": ""} if event.get("httpMethod") == "HEAD" else response


def _view(event: Mapping[str, Any], use_case: Callable[[], Callable[[Visit], View]]) -> View:
    try:
        return use_case()(requests.parse(event))
    except requests.RefusedRequestError as refused:
        return View(name="not_available", status=refused.status)
    except (ConflictError, TemporarilyUnavailable) as error:
        _log.warning("unavailable at %s: %s", event.get("resource"), _kind_and_place(error))
        return PROBLEM
    except Exception as error:  # noqa: BLE001 - the outermost boundary
        _log.error("unexpected at %s: %s", event.get("resource"), _kind_and_place(error))
        return replace(PROBLEM, status=500)


def _note(event: Mapping[str, Any], view: View) -> None:
    """Tell of a refusal: which route and page, not who or what was sent (ASVS 16.3).

    A code that did not match leads back to its page, so what that page will say is the refusal.
    """
    _, said, why = view.goto.partition("?said=")
    if said or view.status >= _REFUSAL:
        shown = why.partition("&")[0] or (view.page.name if view.page else view.name)
        status = 303 if said else view.status
        _log.info("%s %s: %d %s", event.get("httpMethod"), event.get("resource"), status, shown)


def _kind_and_place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)[_INNERMOST:]
    places = (f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {' < '.join(places)}"
