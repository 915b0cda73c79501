"""How much one address may do, and who counts as one."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from channels.errors import TooManyFromHere
from channels.limits import AddressLimit, network_of
from tests.channels.door_fakes import served
from tests.security.outside import NEIGHBOUR, STRANGER, app_in, bearer, begin, from_outside, tells_nothing

pytestmark = pytest.mark.anyio


async def test_one_address_opens_only_so_many_conversations_and_others_go_on(tmp_path: Path) -> None:
    app = app_in(tmp_path, address_openings_per_minute=3)
    async with from_outside(app) as client:
        assert [(await client.post("/v1/conversations", json={})).status_code for _ in range(3)] == [201] * 3
        answer = await client.post("/v1/conversations", json={})
        assert (answer.status_code, tells_nothing(answer, STRANGER)) == (429, "too_many_here")
        assert "12345" in answer.text
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        neighbour = httpx.ASGITransport(app=app, client=(NEIGHBOUR, 40000))
        async with httpx.AsyncClient(transport=neighbour, base_url="http://door") as other:
            assert (await other.post("/v1/conversations", json={})).status_code == 201


async def test_many_conversations_of_one_address_share_its_messages(tmp_path: Path) -> None:
    """Who guesses codes gains nothing by beginning new talks."""
    async with from_outside(app_in(tmp_path, address_messages_per_minute=4)) as client:
        statuses = []
        for n in range(6):
            conversation, token = await begin(client)
            message = {"client_id": f"client-{n}", "text": "CC-2026-000001 WRONG234"}
            answer = await client.post(f"/v1/conversations/{conversation}/messages", headers=bearer(token), json=message)
            statuses.append(answer.status_code)
        assert statuses == [202] * 4 + [429] * 2
        assert tells_nothing(answer) == "too_many_here"


async def test_behind_a_proxy_of_this_machine_the_visitors_address_counts_and_a_claimed_one_does_not(tmp_path: Path) -> None:
    async with served(app_in(tmp_path, address_openings_per_minute=2)) as client:

        async def opens(forwarded: str | None) -> int:
            headers = {"X-Forwarded-For": forwarded} if forwarded else {}
            return (await client.post("/v1/conversations", json={}, headers=headers)).status_code

        assert [await opens(None) for _ in range(5)] == [201] * 5, "this machine itself is not counted"
        assert [await opens(f"192.0.2.{n}, {STRANGER}") for n in range(3)] == [201, 201, 429], "what the visitor claims stands before the proxy's word"
        assert await opens(NEIGHBOUR) == 201


async def test_the_addresses_limit_refills_evenly_and_remembers_a_bounded_number() -> None:
    now = [0.0]
    limit = AddressLimit(2, seconds=lambda: now[0], kept=3)
    for _ in range(2):
        limit.take(STRANGER)
    with pytest.raises(TooManyFromHere) as refused:
        limit.take(STRANGER)
    assert refused.value.retry_after == 30
    now[0] = 29.9
    with pytest.raises(TooManyFromHere):
        limit.take(STRANGER)
    now[0] = 30.0
    limit.take(STRANGER)
    for n in range(1000):
        limit.take(f"198.51.{n // 250}.{n % 250}")
    assert len(limit._left) == 3


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("127.0.0.1", None),
        ("127.8.8.8", None),
        ("::1", None),
        ("::ffff:127.0.0.1", None),
        ("", None),
        (None, None),
        ("unix:", "unix:"),
    ],
)
async def test_one_sender_is_an_address_or_a_households_network(address: str | None, counted: str | None) -> None:
    assert network_of(address) == counted
