"""Calls of the platform: messages to followers, their files, the menu, codes to scan. Every call has a time limit and a typed error."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from aid.clock import Clock
from aid.evidence.types import MOST_BYTES
from aid.store.messages import new_id
from aid.store.platform_token import LEASE, Token, TokenShelf
from channels.turns import Offload
from channels.wechat.errors import ApiBroken, ApiError, ApiUnreachable, TokenRefused, refusal

log = logging.getLogger(__name__)


CALL_SECONDS = 10.0
CONNECT_SECONDS = 3.0
FILE_SECONDS = 60.0
SPARE = timedelta(minutes=4)
"""So long before its end a token is replaced; in the last five minutes the platform gives a new one and both are good."""
WAIT_SECONDS = 0.1


class NeverSent(ApiUnreachable):
    """There was no connection: the call was surely not done."""


def picture_of(made: Mapping[str, Any]) -> str:
    """Where the picture of a code that was made stands."""
    return f"https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket={quote(str(made.get('ticket', '')), safe='')}"


class PlatformApi:
    """The platform's API in the name of one account."""

    def __init__(
        self, base: str, app_id: str, secret: str, shelf: TokenShelf, clock: Clock, offload: Offload, seconds: float = CALL_SECONDS
    ) -> None:
        """``seconds``: how long one call may take."""
        self._app_id, self._secret, self._shelf, self._clock, self._offload = app_id, secret, shelf, clock, offload
        timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        self._http = httpx.AsyncClient(base_url=base, timeout=timeout, trust_env=False)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.aclose()

    async def send_text(self, openid: str, content: str) -> None:
        """A customer-service message. Raises ``ApiError``."""
        await self.call("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "text", "text": {"content": content}})

    async def send_menu(self, openid: str, head: str, options: list[tuple[str, str]], tail: str = "") -> None:
        """Choices (id, label) to tap, where the account has this kind of message. Raises ``ApiError``."""
        listed = [{"id": id_, "content": label} for id_, label in options]
        menu = {"head_content": head, "list": listed, "tail_content": tail}
        await self.call("/cgi-bin/message/custom/send", {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu})

    async def typing(self, openid: str) -> None:
        """Show for 15 seconds that an answer is being written. Raises ``ApiError``."""
        await self.call("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})

    async def call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Post ``body`` (or get, without one) with the token; a token that is refused is replaced, and the call made once more.

        Raises:
            NeverSent, ApiUnreachable, ApiBroken, ApiRefused
        """
        token = await self._token()
        try:
            return await self._ask(path, token, body)
        except TokenRefused:
            log.info("the platform refuses the access token: another one is fetched")
        await self._offload(self._shelf.spoil, token)
        return await self._ask(path, await self._token(refused=token), body)

    async def media(self, media_id: str) -> bytes:
        """A file that a follower sent; of a video, what its address gives.

        Raises:
            MediaGone: it is no longer kept.
            ApiError: as ``call``; ``ApiBroken`` also for a file beyond the largest that is taken.
        """
        token = await self._token()
        for last in (False, True):
            try:
                return await self._media(media_id, token)
            except TokenRefused:
                if last:
                    raise
                await self._offload(self._shelf.spoil, token)
                token = await self._token(refused=token)
        raise AssertionError("unreachable")

    async def _media(self, media_id: str, token: str) -> bytes:
        path = "/cgi-bin/media/get"
        kind, content = await self._file(path, {"access_token": token, "media_id": media_id})
        if not kind.startswith(("application/json", "text/plain")):
            return content
        told = self._told(path, content)
        address = told.get("video_url")
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            raise ApiBroken(f"{path}: neither a file nor an address")
        return (await self._file(address, {}))[1]

    async def _file(self, address: str, query: dict[str, str]) -> tuple[str, bytes]:
        content = b""
        try:
            async with asyncio.timeout(FILE_SECONDS), self._http.stream("GET", address, params=query or None) as answer:
                if answer.status_code != 200:
                    raise ApiBroken(f"a file: status {answer.status_code}")
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > MOST_BYTES:
                        break
                return answer.headers.get("content-type", "").lower(), content
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as fault:
            raise ApiUnreachable(f"a file: {type(fault).__name__}") from None

    async def _ask(self, path: str, token: str, body: dict[str, Any] | None) -> dict[str, Any]:
        # The platform refuses \uXXXX (40033): the words go as they are.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            answer = await self._http.request(
                "GET" if content is None else "POST",
                path,
                params={"access_token": token} if token else None,
                content=content,
                headers={"Content-Type": "application/json; charset=utf-8"},
            )
        except httpx.ConnectError as fault:
            raise NeverSent(f"{path}: {type(fault).__name__}") from None
        except httpx.ConnectTimeout as fault:
            raise NeverSent(f"{path}: {type(fault).__name__}") from None
        except httpx.HTTPError as fault:  # its text may hold the address, and that the token
            raise ApiUnreachable(f"{path}: {type(fault).__name__}") from None
        if answer.status_code != 200:
            raise ApiBroken(f"{path}: status {answer.status_code}")
        return self._told(path, answer.content)

    def _told(self, path: str, content: bytes) -> dict[str, Any]:
        try:
            told = json.loads(content)
        except ValueError as fault:
            raise ApiBroken(f"{path}: no JSON") from fault
        if not isinstance(told, dict):
            raise ApiBroken(f"{path}: no object")
        code = told.get("errcode", 0)
        if not isinstance(code, int):
            raise ApiBroken(f"{path}: an error without a code")
        if code:
            raise refusal(code, path)
        return told

    async def _token(self, refused: str = "") -> str:
        """The token that all processes share; fetched by one of them when there is none."""
        holder, end = new_id(), asyncio.get_running_loop().time() + LEASE.total_seconds() + CALL_SECONDS
        while asyncio.get_running_loop().time() < end:
            lying = await self._offload(self._shelf.read)
            if lying is not None and lying.value != refused:
                return lying.value
            if await self._offload(self._shelf.take_lease, holder):
                return await self._fetched(holder, refused)
            await asyncio.sleep(WAIT_SECONDS)
        raise ApiUnreachable("no access token: another process fetches it and does not come to an end")

    async def _fetched(self, holder: str, refused: str) -> str:
        try:
            lying = await self._offload(self._shelf.read)
            if lying is not None and lying.value != refused:  # another one was faster between our look and our lease
                await self._offload(self._shelf.give_back, holder)
                return lying.value
            token = await self._new_token(force=False)
            if token.value == refused:  # what the platform itself remembers is what it refuses
                token = await self._new_token(force=True)
        except ApiError:
            await self._offload(self._shelf.give_back, holder)
            raise
        await self._offload(self._shelf.put, holder, token)
        return token.value

    async def _new_token(self, force: bool) -> Token:
        asked = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret, "force_refresh": force}
        told = await self._ask("/cgi-bin/stable_token", "", asked)
        value, seconds = told.get("access_token"), told.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(seconds, int) or seconds <= 0:
            raise ApiBroken("/cgi-bin/stable_token: no token")
        lasts = timedelta(seconds=seconds)
        return Token(value, self._clock.now() + max(lasts - SPARE, lasts / 2))
