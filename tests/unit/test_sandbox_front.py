"""The process in front: what goes through it untouched, what it refuses, what the phone shows."""

from collections.abc import Iterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.forward import Forwarder
from tests.fakes.local_world import LocalWorld, local_world

API = "/_aws/execute-api/api1/live"


async def mirror(request: Request) -> Response:
    """Answers with what arrived, as the deployed API would see it."""
    seen = {
        "method": request.method,
        "path": request.scope["raw_path"].decode(),
        "query": request.url.query,
        "host": request.headers["host"],
        "cookie": request.headers.get("cookie"),
        "headers": [name.decode() for name, _ in request.headers.raw],
        "body": (await request.body()).decode(),
    }
    response = JSONResponse(seen, 303 if request.method == "POST" else 200)
    response.headers["location"] = "/c"
    response.headers.append("set-cookie", "__Host-s=1; Path=/; Secure; HttpOnly; SameSite=Lax")
    response.headers.append("set-cookie", "__Host-t=2; Path=/; Secure; HttpOnly; SameSite=Lax")
    return response


@pytest.fixture
def local() -> Iterator[LocalWorld]:
    with local_world() as made:
        upstream = Starlette(routes=[Route("/{rest:path}", mirror, methods=["GET", "POST"])])
        transport = httpx2.ASGITransport(app=upstream)
        made.world.forwarder = Forwarder("http://emulator", transport)
        yield made


@pytest.mark.parametrize("path", ["/c", "/c/abc", "/p/tok", "/hooks/meta", "/console/cases/1"])
def test_what_is_deployed_is_reached_through_the_front(local: LocalWorld, path: str) -> None:
    assert local.client.get(path).json()["path"] == API + path


def test_method_query_host_cookie_and_body_go_through_untouched(local: LocalWorld) -> None:
    reply = local.client.post(
        "/c/a%2Fb?x=1&y=%20", content=b"code=123456", headers={"Cookie": "__Host-s=abc"}
    )
    seen = reply.json()
    assert (seen["method"], seen["path"], seen["query"]) == ("POST", f"{API}/c/a%2Fb", "x=1&y=%20")
    assert (seen["host"], seen["cookie"]) == ("localhost:8080", "__Host-s=abc")
    assert seen["body"] == "code=123456"
    assert not [name for name in seen["headers"] if name.startswith("x-forwarded")]


def test_redirects_and_every_cookie_come_back_untouched(local: LocalWorld) -> None:
    """ASVS 3.3.1: the session cookie stays __Host- and Secure on its way through."""
    reply = local.client.post("/c/code")
    assert (reply.status_code, reply.headers["location"]) == (303, "/c")
    cookies = reply.headers.get_list("set-cookie")
    assert [cookie.split("=")[0] for cookie in cookies] == ["__Host-s", "__Host-t"]
    assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


def test_before_the_deployment_the_front_says_so(local: LocalWorld) -> None:
    local.world.deployment = None
    assert local.client.get("/c/abc").status_code == 503
    assert local.client.get("/").status_code == 200


def test_a_page_elsewhere_cannot_reach_it_under_a_name_of_its_own(local: LocalWorld) -> None:
    headers = {"Host": "attacker.example"}
    assert local.client.get("/sandbox/core/journal", headers=headers).status_code == 400


def test_the_phone_shows_messages_with_live_links_and_escapes_their_words(
    local: LocalWorld,
) -> None:
    account = local.client.post("/sandbox/core/accounts", json={"name": "Siân <Morgan>"}).json()
    body = "<b>Hi</b> http://localhost:8080/c/abc."
    sms = {"MessageId": "sms-1", "to": account["phone"], "Message": body}
    local.cloud.sent_texts.append(sms)
    page = local.client.get("/").text
    assert 'href="http://localhost:8080/c/abc"' in page
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page
    assert "Siân &lt;Morgan&gt;" in page
    assert "£120.00" in page
    case = {"pk": f"PERSON#{account['customer_id']}", "sk": "CASE#0C1"}
    event = {"kind": "touch_claimed", "actor": "send_touch", "at": "2026-11-23T10:00:00.000000Z"}
    event |= {"data": {"channel": "sms", "touch": 1}}
    local.cloud.items += [
        case,
        {"pk": "CASE#0C1", "sk": "CASE", "status": "open"},
        {"pk": "CASE#0C1", "sk": "EVENT#000001", **event},
    ]
    assert "<strong>touch claimed</strong>: sms" in local.client.get("/").text
    assert "<!doctype" not in local.client.get("/?live").text


def test_the_buttons_of_the_phone_do_what_they_say(local: LocalWorld) -> None:
    local.client.post("/sandbox/core/accounts", json={"customer_id": "amara"})

    def press(**form: str) -> int:
        return local.client.post("/play", data={"customer": "amara", **form}).status_code

    assert press(do="fact", fact="payment_failed") == 303
    assert local.cloud.events[0][2] == "PaymentFailed"
    assert press(do="fault", target="core", mode="down") == 303
    assert local.client.get("/sandbox/faults").json()["core"]["mode"] == "down"
    assert press(do="advance", seconds="3600") == 303
    assert local.client.get("/sandbox/clock").json()["now"].startswith("2026-11-23T11:00")
    assert press(do="something else") == 400


def test_reset_goes_back_to_the_first_moment(local: LocalWorld) -> None:
    local.client.post("/sandbox/core/accounts", json={"customer_id": "amara"})
    local.client.post("/sandbox/faults", json={"target": "core", "mode": "down"})
    local.cloud.sent_texts.append({"MessageId": "s", "to": "+447700900001", "Message": "Hi"})
    local.cloud.items += [
        {"pk": "CASE#1", "sk": "CASE", "token": "waiting"},
        {"pk": "BUNDLE#x", "sk": "BUNDLE#x"},
    ]
    assert local.client.post("/sandbox/reset").status_code == 200
    assert local.client.get("/sandbox/core/accounts/amara").status_code == 404
    assert local.client.get("/sandbox/messages").json() == []
    assert local.client.get("/sandbox/faults").json() == {}
    assert local.cloud.ended == ["waiting"]
    assert [item["pk"] for item in local.cloud.items] == ["BUNDLE#x"]


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("faults", {"target": "moon", "mode": "down"}),
        ("faults", {"target": "core", "mode": "down", "requests": 0}),
        ("clock", {}),
        ("clock", {"now": "2026-11-23T10:00:00"}),
        ("clock", {"now": "noon"}),
        ("events", {"source": "core.billing", "detail-type": "PaymentFailed"}),
        ("replies", {"channel": "pigeon", "from": "a", "body": "b"}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    local: LocalWorld, route: str, body: dict[str, object]
) -> None:
    reply = local.client.post(f"/sandbox/{route}", json=body)
    assert reply.status_code == 400
    assert reply.json()["error"]
