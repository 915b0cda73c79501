"""Calls of the platform: what it answers, what it does not, and the one token that all processes share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from door_fakes import fixed_clock, settings_in
from small_server import closed_address, silent_server, small_server

from aid.clock import FixedClock
from aid.privacy.vault import Vault
from aid.store import Store, open_store
from aid.store.platform_token import LEASE, Token, TokenShelf
from channels.wechat import errors
from channels.wechat.api import NeverSent, PlatformApi

pytestmark = pytest.mark.anyio
OPENID = "oANN4Kd5ggOC-bXrbNODIiE3bGY1"


async def beside(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return await asyncio.to_thread(call, *args, **kwargs)


def shelf_in(folder: Path, clock: FixedClock, vault: Vault | None = None) -> tuple[Store, TokenShelf]:
    store = open_store(settings_in(folder))
    store.migrate()
    return store, TokenShelf(store, vault or Vault([Fernet.generate_key().decode()]), clock, "wx1")


@asynccontextmanager
async def calling(folder: Path, base: str, token: str = "the-token", seconds: float = 0.5) -> AsyncIterator[PlatformApi]:
    """The API at ``base``, with a token laid ready."""
    clock = fixed_clock()
    store, shelf = shelf_in(folder, clock)
    if token:
        assert shelf.take_lease("someone")
        shelf.put("someone", Token(token, clock.now() + timedelta(hours=1)))
    api = PlatformApi(base, "wx1", "secret", shelf, clock, beside, seconds)
    try:
        yield api
    finally:
        await api.close()
        store.close()


async def test_words_go_as_they_are_and_no_error_tells_who_or_with_what_token(tmp_path: Path) -> None:
    async with small_server({"errcode": 0, "errmsg": "ok"}) as server, calling(tmp_path, server.address) as api:
        await api.send_text(OPENID, "您好“引号”😀\\")
        await api.send_menu(OPENID, "哪一个？", [("id-1", "专利")], "完")
        await api.typing(OPENID)
    assert [path for path, _body in server.asked] == ["/cgi-bin/message/custom/send"] * 2 + ["/cgi-bin/message/custom/typing"]
    assert "您好“引号”😀".encode() in server.asked[0][1]
    assert b"\\u" not in server.asked[0][1]
    assert '"list": [{"id": "id-1", "content": "专利"}]'.encode() in server.asked[1][1]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (40001, errors.TokenRefused),
        (42001, errors.TokenRefused),
        (45015, errors.WindowClosed),
        (45047, errors.QuotaUsedUp),
        (48001, errors.NotForAccount),
        (40200, errors.NotForAccount),
        (45009, errors.LimitReached),
        (40164, errors.AddressNotListed),
        (40007, errors.MediaGone),
        (-1, errors.ApiRefused),
        (40003, errors.ApiRefused),
    ],
)
async def test_each_refusal_has_its_kind(tmp_path: Path, code: int, kind: type[errors.ApiRefused]) -> None:
    async with small_server({"errcode": code, "errmsg": "no"}) as server, calling(tmp_path, server.address) as api:
        with pytest.raises(errors.ApiRefused) as refused:
            await api.send_text(OPENID, "您好")
    assert type(refused.value) is kind
    assert refused.value.code == code
    assert not any(secret in str(refused.value) for secret in (OPENID, "the-token", "您好"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"errcode": "no"}', b"\xff"])
async def test_an_answer_that_is_none_is_broken(tmp_path: Path, body: bytes) -> None:
    async with small_server(body) as server, calling(tmp_path, server.address) as api:
        with pytest.raises(errors.ApiBroken):
            await api.send_text(OPENID, "您好")


async def test_a_server_error_is_broken(tmp_path: Path) -> None:
    async with small_server({"errcode": 0}, status=502) as server, calling(tmp_path, server.address) as api:
        with pytest.raises(errors.ApiBroken):
            await api.send_text(OPENID, "您好")
        with pytest.raises(errors.ApiBroken):
            await api.media("m")


@pytest.mark.parametrize("body", [{}, {"access_token": ""}, {"access_token": "x"}, {"access_token": "x", "expires_in": 0}, {"access_token": 1, "expires_in": 7200}])
async def test_a_token_that_is_none_is_broken_and_the_lease_is_given_back(tmp_path: Path, body: dict[str, Any]) -> None:
    async with small_server(body) as server, calling(tmp_path, server.address, token="") as api:
        for _ in range(2):
            with pytest.raises(errors.ApiBroken):
                await api.send_text(OPENID, "您好")
    assert len(server.asked) == 2


async def test_what_was_surely_not_sent_is_told_apart_from_what_is_not_known(tmp_path: Path) -> None:
    async with calling(tmp_path, closed_address()) as api:
        with pytest.raises(NeverSent):
            await api.send_text(OPENID, "您好")
    async with silent_server() as address, calling(tmp_path / "2", address) as api:
        with pytest.raises(errors.ApiUnreachable) as fault:
            await api.send_text(OPENID, "您好")
        assert not isinstance(fault.value, NeverSent)
        with pytest.raises(errors.ApiUnreachable):
            await api.media("m")


def test_one_process_fetches_and_a_dead_one_is_followed(tmp_path: Path) -> None:
    clock = fixed_clock()
    store, shelf = shelf_in(tmp_path, clock)
    assert shelf.take_lease("first")
    assert not shelf.take_lease("second")
    clock.advance(LEASE)
    assert shelf.take_lease("second")
    shelf.put("first", Token("late", clock.now() + timedelta(hours=1)))  # its lease is over: what it brings is not laid down
    assert shelf.read() is None
    shelf.put("second", Token("good", clock.now() + timedelta(hours=1)))
    assert shelf.read() == Token("good", clock.now() + timedelta(hours=1))
    shelf.spoil("another")
    assert shelf.read() is not None
    shelf.spoil("good")
    assert shelf.read() is None
    store.close()


def test_a_token_that_has_ended_or_cannot_be_opened_is_none(tmp_path: Path) -> None:
    clock = fixed_clock()
    store, shelf = shelf_in(tmp_path, clock)
    shelf.take_lease("first")
    shelf.put("first", Token("good", clock.now() + timedelta(hours=1)))
    other = TokenShelf(store, Vault([Fernet.generate_key().decode()]), clock, "wx1")
    assert other.read() is None
    clock.advance(timedelta(hours=1))
    assert shelf.read() is None
    store.close()
