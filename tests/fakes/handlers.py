"""The real handlers over a firm in memory: only the composition root is another."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from closeloop import bootstrap
from tests.fakes.api_gateway import edge_of, event_of, posted
from tests.fakes.customer import Customer
from tests.fakes.firm import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from closeloop.application.visits import View, Visit
    from tests.fakes.firm import Firm

FUNCTIONS = tuple(sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py")))


class Context:
    """Of Lambda's context, what our handlers use."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@cache
def handler(function: str) -> Callable[[dict[str, Any], Context], Any]:
    """The function's handler, as Lambda would load it."""
    path = ROOT / "functions" / function / "handler.py"
    spec = importlib.util.spec_from_file_location(f"handler_of_{function}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


@dataclass
class Handlers:
    """A deployment whose functions work for one firm."""

    firm: Firm
    shown: View | None = None

    def install(self, patch: pytest.MonkeyPatch) -> Handlers:
        """Let the handlers find the firm's use cases where they look for theirs."""
        for function in FUNCTIONS:
            patch.setattr(bootstrap, function, self._use_case(function))
        patch.setattr(bootstrap, "edge", lambda: edge_of(self.firm))
        return self

    def _use_case(self, function: str) -> Callable[[], Callable[..., Any]]:
        def run(*args: object) -> object:
            result = getattr(self.firm, function)(*args)
            if function in {"mini_app", "one_time_code", "submit_action"}:
                self.shown = result
            return result

        return lambda: run

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        return handler(function)(event, Context())

    def batch(self, function: str, *bodies: object, queue: str = "triggers") -> Any:
        """Deliver messages as SQS does; a body that is no text goes as JSON."""
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        arn = f"arn:aws:sqs:eu-west-2:123456789012:{queue}"
        records = [
            {"messageId": f"m-{at}", "eventSource": "aws:sqs", "eventSourceARN": arn, "body": text}
            for at, text in enumerate(texts)
        ]
        return self.invoke(function, {"Records": records})

    def browser(self) -> Browser:
        return Browser(self.firm, handlers=self)


@dataclass
class Browser(Customer):
    """A customer whose every request goes through the handler of its route."""

    handlers: Handlers | None = None

    def _function(self, visit: Visit) -> Callable[[Visit], View]:
        del visit
        return self._request

    def _request(self, visit: Visit) -> View:
        assert self.handlers is not None
        path = visit.route.replace("{link}", visit.link).replace("{action}", visit.action)
        query = f"?said={visit.said}&left={visit.left}" if visit.said else ""
        cookie = f"__Host-s={visit.cookie}; __Host-draft={visit.draft}"
        if visit.method == "POST":
            event = posted(path, urlencode(dict(visit.form)), Cookie=cookie)
        else:
            event = event_of(visit.method, path + query, {"Cookie": cookie})
        function = "mini_app"
        if visit.route in {"/c/code", "/c/verify"}:
            function = "one_time_code"
        elif visit.method == "POST" and visit.action:
            function = "submit_action"
        self.handlers.shown = None
        self.handlers.invoke(function, event)
        assert self.handlers.shown is not None, event
        return self.handlers.shown
