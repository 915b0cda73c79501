"""Over https a browser is told to come in no other way; over http it is told nothing, for it could come in no other."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from channels import headers as of_doors
from console import headers as of_console

pytestmark = pytest.mark.anyio
PROJECT_HEADERS = {"doors": of_doors.SecurityHeaders, "console": of_console.SecurityHeaders}


async def answered(app: ASGIApp, scheme: str) -> httpx.Headers:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"{scheme}://aid.example") as client:
        return (await client.get("/v1/lookup")).headers


@pytest.mark.parametrize("which", PROJECT_HEADERS)
async def test_https_is_kept_once_it_was_used(which: str) -> None:
    middleware: Any = PROJECT_HEADERS[which]
    app = middleware(PlainTextResponse("x"))
    told = (await answered(app, "https"))["strict-transport-security"]
    assert int(told.removeprefix("max-age=")) >= 31536000
    assert "strict-transport-security" not in await answered(app, "http")
