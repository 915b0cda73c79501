"""A small HTTP/1.1 client on asyncio streams: light enough not to be what is measured. Loopback only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from bench.errors import LoadError

_BROKEN = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)


class Connection:
    """One kept connection to 127.0.0.1; requests one after another. Every call is bounded by ``seconds``.

    ``forwarded`` is the address for which the request is said to be made, as a proxy says it; none when empty.
    """

    def __init__(self, port: int, seconds: float = 30.0, forwarded: str = "") -> None:
        self._port, self._seconds = port, seconds
        self._forwarded = f"X-Forwarded-For: {forwarded}\r\n" if forwarded else ""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def json(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """Send a request and give the answer's JSON.

        Raises:
            LoadError: no connection, no answer in time, or a status from 400 on.
        """
        try:
            async with asyncio.timeout(self._seconds):
                status, headers = await self._ask(method, path, body, token)
                content = await self._body(headers)
        except (*_BROKEN, TimeoutError) as fault:
            self.close()
            raise LoadError(f"{method} {path}: {type(fault).__name__} {fault}".strip()) from fault
        if headers.get("connection") == "close":
            self.close()
        if status >= 400:
            raise LoadError(f"{method} {path}: status {status} {content[:200].decode('utf-8', 'replace')}")
        return json.loads(content)

    async def events(self, path: str, token: str) -> AsyncIterator[tuple[str, Any]]:
        """The name and JSON data of each server-sent event, until the stream or the connection ends.

        Raises:
            LoadError: the stream does not begin.
        """
        try:
            async with asyncio.timeout(self._seconds):
                status, headers = await self._ask("GET", path, None, token)
        except (*_BROKEN, TimeoutError) as fault:
            raise LoadError(f"{path}: {type(fault).__name__} {fault}".strip()) from fault
        if status != 200 or headers.get("transfer-encoding") != "chunked":
            raise LoadError(f"{path}: status {status}, no stream")
        rest = b""
        while part := await self._chunk():
            *whole, rest = (rest + part).split(b"\n\n")
            for block in whole:
                fields = [line for line in block.decode("utf-8").split("\n") if not line.startswith(":")]
                lines = dict(line.split(": ", 1) for line in fields)
                if "event" in lines:
                    yield lines["event"], json.loads(lines["data"])

    def close(self) -> None:
        """End the connection; the next request opens a new one."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _ask(self, method: str, path: str, body: Any, token: str) -> tuple[int, dict[str, str]]:
        if self._writer is None or self._reader is None or self._reader.at_eof():
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Length: {len(content)}\r\n"
        head += "Content-Type: application/json\r\n" + self._forwarded + (f"Authorization: Bearer {token}\r\n" if token else "")
        self._writer.write(head.encode() + b"\r\n" + content)
        await self._writer.drain()
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        return int(lines[0].split(" ")[1]), headers

    async def _body(self, headers: dict[str, str]) -> bytes:
        assert self._reader is not None
        if headers.get("transfer-encoding") == "chunked":
            parts = []
            while part := await self._chunk():
                parts.append(part)
            return b"".join(parts)
        return await self._reader.readexactly(int(headers.get("content-length", "0")))

    async def _chunk(self) -> bytes:
        assert self._reader is not None
        size = int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16)
        return (await self._reader.readexactly(size + 2))[:-2]
