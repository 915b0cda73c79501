"""The routes of the WeChat door: the platform's callback, and the code that takes a kiosk's conversation to WeChat."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from aid.store.access import HANDOVER_GOOD_FOR
from channels.door import AtDoor, Own
from channels.wechat.api import picture_of
from channels.wechat.door import WechatDoor
from channels.wechat.errors import ApiError, CallbackMalformed, CallbackRefused, NoCode
from channels.wechat.incoming import read
from channels.wechat.parsing import MOST_BYTES
from channels.wechat.passive import NOTHING, text_reply

PATH = "/wechat/callback"
BODY_SECONDS = 4.0
LET_GO_BYTES = 16 * 1024 * 1024
"""Of a body that is too large so much is read before the connection is cut."""

router = APIRouter()


def the_wechat_door(request: Request) -> WechatDoor:
    """The WeChat door of this app."""
    door: WechatDoor = request.app.state.wechat
    return door


AtWechat = Annotated[WechatDoor, Depends(the_wechat_door)]


class WechatCode(BaseModel):
    """A code to be scanned with WeChat: what it holds, a picture of it, and for how many seconds it is good."""

    url: str
    image: str
    seconds: int


@router.get(PATH, include_in_schema=False)
async def verify(request: Request, wechat: AtWechat) -> Response:
    """The platform asks whether we know the token."""
    try:
        return PlainTextResponse(wechat.gate.echo(request.query_params.multi_items()))
    except CallbackRefused as fault:
        return _refused(fault)


@router.post(PATH, include_in_schema=False)
async def push(request: Request, wechat: AtWechat) -> Response:
    """A message or an event. Whatever fails behind the door, the platform hears no error: it would show one to the person."""
    try:
        admitted = wechat.gate.admit(request.query_params.multi_items(), await _body(request))
        incoming = read(admitted.fields)
    except CallbackRefused as fault:
        return _refused(fault)
    content = await wechat.talk.answer(incoming)
    if content is None:
        return PlainTextResponse(NOTHING)
    document = text_reply(incoming.openid, incoming.account, content, wechat.clock.now())
    return Response(wechat.gate.seal(document, admitted), media_type="application/xml")


@router.post("/v1/conversations/{conversation}/handover/wechat", status_code=201, response_model=WechatCode)
async def offer(conversation: str, door: AtDoor, wechat: AtWechat, _own: Own) -> WechatCode:
    """A code to be scanned with WeChat, good once for five minutes: the follower goes on with this conversation there."""
    if wechat.api is None:
        raise HTTPException(404)  # without the account's secret the platform cannot be asked
    code, seconds = await door.hub.offload(door.access.offer_handover, conversation), int(HANDOVER_GOOD_FOR.total_seconds())
    asked = {"expire_seconds": seconds, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": code}}}
    try:
        made = await wechat.api.call("/cgi-bin/qrcode/create", asked)
    except ApiError as fault:
        raise NoCode("the platform gives no code to scan") from fault
    return WechatCode(url=str(made.get("url", "")), image=picture_of(made), seconds=seconds)


async def _body(request: Request) -> bytes:
    """The body. Of one that is too large the rest is read and let go: who is cut off while he sends hears no answer."""
    length, body, count = request.headers.get("content-length", "0"), b"", 0
    if not length.isdigit() or int(length) > LET_GO_BYTES:
        raise CallbackMalformed("the body is too large")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                count += len(piece)
                if count > LET_GO_BYTES:
                    break
                if count <= MOST_BYTES:
                    body += piece
    except (TimeoutError, ClientDisconnect) as fault:
        raise CallbackMalformed("the body did not come whole") from fault
    if count > MOST_BYTES:
        raise CallbackMalformed("the body is too large")
    return body


def _refused(fault: CallbackRefused) -> Response:
    """The status and nothing else; the rest of the body may not have been read."""
    return Response(status_code=fault.status, headers={"Connection": "close"})
