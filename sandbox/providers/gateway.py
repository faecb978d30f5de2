"""The AWS endpoints of the three channels, each with its faults and its own words for refusing."""

import json
import re
import urllib.parse
from dataclasses import dataclass
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import Target
from sandbox.faulty import Refusals, under_fault
from sandbox.providers.whatsapp import MalformedError
from sandbox.web import world_of

_MESSAGE_ID = re.compile(rb"MessageId\W+([\w.@-]+)")
_EMAIL_SENT = "/v2/email/outbound-emails"


@dataclass(frozen=True, slots=True)
class Words:
    """The error codes of one service."""

    down: str
    reject: str
    timeout: str


def _query_error(status: int, code: str, fault: str) -> Response:
    body = (
        '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error>'
        f"<Type>{fault}</Type><Code>{escape(code)}</Code><Message>sandbox fault</Message></Error>"
        "<RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
    )
    return Response(body, status, media_type="text/xml")


def _json_error(status: int, code: str) -> Response:
    return JSONResponse({"message": "sandbox fault"}, status, headers={"x-amzn-ErrorType": code})


_SNS = Refusals(
    down=lambda: _query_error(500, "InternalError", "Receiver"),
    reject=lambda: _query_error(400, "InvalidParameter", "Sender"),
    timeout=lambda: _query_error(504, "GatewayTimeout", "Receiver"),
)
_SES = Refusals(
    down=lambda: _json_error(500, "InternalFailure"),
    reject=lambda: _json_error(400, "MessageRejected"),
    timeout=lambda: _json_error(504, "GatewayTimeout"),
)
_SOCIAL = Refusals(
    down=lambda: _json_error(500, "InternalServiceException"),
    reject=lambda: _json_error(400, "ValidationException"),
    timeout=lambda: _json_error(504, "GatewayTimeout"),
)


async def sns(request: Request) -> Response:
    """`POST /` as SNS takes it; only a Publish to a phone number is an SMS."""
    form = urllib.parse.parse_qs((await request.body()).decode(errors="replace"))
    is_text = form.get("Action") == ["Publish"] and "PhoneNumber" in form
    return await _passed(request, Target.SMS if is_text else None, _SNS)


async def ses(request: Request) -> Response:
    """Everything under `/v2/email/` as SES v2 takes it; only a send is an email."""
    is_send = request.method == "POST" and request.url.path == _EMAIL_SENT
    return await _passed(request, Target.EMAIL if is_send else None, _SES)


async def social(request: Request) -> Response:
    """`POST /v1/whatsapp/send` as End User Messaging Social takes it."""
    world = world_of(request)
    raw = await request.body()

    async def act() -> Response:
        try:
            message_id = world.whatsapp.accept(json.loads(raw), world.clock.real())
        except (ValueError, MalformedError) as error:
            return JSONResponse(
                {"message": str(error)}, 400, headers={"x-amzn-ErrorType": "ValidationException"}
            )
        return JSONResponse({"messageId": message_id})

    fault = world.faults.take(Target.WHATSAPP, write=True)
    return await under_fault(fault, request, act, _SOCIAL)


async def _passed(request: Request, target: Target | None, say: Refusals) -> Response:
    world = world_of(request)
    await request.body()  # read before the client may be gone

    async def act() -> Response:
        answer = await world.forwarder.forward(request, request.scope["raw_path"].decode())
        if target and (found := _MESSAGE_ID.search(bytes(answer.body))):
            world.inbox.note(found[1].decode())
        return answer

    fault = world.faults.take(target, write=True) if target else None
    return await under_fault(fault, request, act, say)


ROUTES = [
    Route("/", sns, methods=["POST"]),
    Route("/v2/email/{rest:path}", ses, methods=["GET", "POST", "PUT", "DELETE"]),
    Route("/v1/whatsapp/send", social, methods=["POST"]),
]
