"""Working ahead is a gift: without it the turn goes on."""

import base64

import httpx
import pytest

from channels.ahead import Ahead
from channels.rasa_client import RasaClient

pytestmark = pytest.mark.anyio
DONE = [{"text": "好"}, {"custom": {"turn": "done"}}]


def refused(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


async def test_encodings_come_in_base64() -> None:
    ahead = Ahead("http://actions", httpx.MockTransport(lambda request: httpx.Response(200, content=request.content[::-1])))
    assert await ahead.encodings("ab") == base64.b64encode(b"ba").decode()
    await ahead.close()


@pytest.mark.parametrize("handler", [refused, lambda _request: httpx.Response(500)])
async def test_without_the_action_server_there_are_none(handler: object) -> None:
    ahead = Ahead("http://actions", httpx.MockTransport(handler))  # type: ignore[arg-type]
    assert await ahead.encodings("你好") is None
    await ahead.close()


async def test_typed_words_reach_rasa_with_their_encodings_and_a_tap_does_not() -> None:
    seen: list[bytes] = []

    def rasa(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return httpx.Response(200, json=DONE)

    ahead = Ahead("http://actions", httpx.MockTransport(lambda _request: httpx.Response(200, content=b"ab")))
    client = RasaClient("http://bot", 2, httpx.MockTransport(rasa), ahead)
    await client.send("c.0", "你好", {"inbound": "x", "said": "你好"})
    await client.send("c.0", "/choose", {"inbound": "y"})
    assert base64.b64encode(b"ab") in seen[0]
    assert b"encodings" not in seen[1]
    await client.close()
