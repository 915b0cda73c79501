"""Two doors behind the nginx configuration that is given out: sub-path, streams, bodies, addresses, and a door that dies with a request in its hands."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from aid.cli.ask import free_ports
from channels.web import create_app
from tests.browser.chat_site import InThread
from tests.channels.door_fakes import FakeBot, settings_in
from tests.servers import NoServer, Running, running_nginx

DISTANT = "203.0.113.9"


@dataclass
class Place:
    """Two doors, the bot that they share, and the nginx before them."""

    bot: FakeBot
    proxy: Running
    ports: list[int]
    doors: dict[str, InThread] = field(default_factory=dict)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.proxy.port}/assist", timeout=20, trust_env=False)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    page = tmp_path / "page"
    (page / "folder").mkdir(parents=True)
    for folder in (page, page / "folder"):
        (folder / "index.html").write_text("<title>小援</title>", "utf-8")
    with ExitStack() as stack:
        ports = free_ports(2)
        try:
            made = Place(FakeBot(), stack.enter_context(running_nginx(ports)), ports)
        except NoServer as fault:
            pytest.skip(str(fault))
        for name, port in zip("ab", ports, strict=True):
            settings = settings_in(tmp_path, replica=name, port=port)
            made.doors[name] = InThread(create_app(settings, bot=made.bot, page=page), port)
            stack.callback(made.doors[name].stop)
        yield made


def begun(client: httpx.Client) -> tuple[str, dict[str, str]]:
    opened = client.post("/v1/conversations", json={"door": "web"})
    assert opened.status_code == 201
    return f"/v1/conversations/{opened.json()['conversation']}", {"Authorization": f"Bearer {opened.json()['token']}"}


def answers(client: httpx.Client, path: str, headers: dict[str, str], count: int, seconds: float = 10) -> list[str]:
    end = time.monotonic() + seconds
    while True:
        seen = client.get(f"{path}/messages", headers=headers).json()
        if (len(seen["replies"]) >= count and not seen["pending"]) or time.monotonic() > end:
            return [reply["text"] for reply in seen["replies"]]
        time.sleep(0.05)


def test_every_request_goes_to_the_other_replica_and_each_accepts_the_other_s_token(place: Place) -> None:
    with place.client() as client:
        path, headers = begun(client)
        who = []
        for number in range(6):
            taken = client.post(f"{path}/messages", json={"client_id": f"client-{number}", "text": f"第{number}句"}, headers=headers)
            assert taken.status_code == 202
            who.append(taken.headers["X-Aid-Replica"])
        assert who in (["a", "b"] * 3, ["b", "a"] * 3)
        assert answers(client, path, headers, 6) == [f"答：第{number}句" for number in range(6)]
    assert not place.bot.overlapped
    asked = place.proxy.answered()
    assert set(asked) == set(place.ports)
    assert abs(asked[place.ports[0]] - asked[place.ports[1]]) <= 1


def test_a_stream_at_one_replica_brings_at_once_what_is_said_at_the_other(place: Place) -> None:
    with place.client() as client:
        path, headers = begun(client)
        with client.stream("GET", f"{path}/stream", headers=headers) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            other = None
            while other in (None, stream.headers["X-Aid-Replica"]):
                other = client.get(f"{path}/messages", headers=headers).headers["X-Aid-Replica"]
                sent = time.monotonic()
            said = client.post(f"{path}/messages", json={"client_id": "client-1", "text": "甲"}, headers=headers)
            assert said.status_code == 202
            for line in stream.iter_lines():
                if "答：甲" in line:
                    break
            assert time.monotonic() - sent < 5


def test_an_end_at_one_replica_ends_the_stream_at_the_other_and_the_token_opens_neither(place: Place) -> None:
    with place.client() as client:
        path, headers = begun(client)
        with client.stream("GET", f"{path}/stream", headers=headers) as stream:
            lines = stream.iter_lines()
            next(lines)
            assert client.post(f"{path}/end", json={}, headers=headers).status_code == 204
            assert not any("reply" in line for line in lines)  # to its end: the stream ends by itself
        assert {client.get(f"{path}/messages", headers=headers).status_code for _ in range(4)} == {401}


def test_the_page_and_every_redirect_stay_under_the_sub_path(place: Place) -> None:
    with place.client() as client:
        assert client.get(f"http://127.0.0.1:{place.proxy.port}/assist").headers["location"] == "/assist/"
        assert "小援" in client.get("/").text
        folder = client.get("/folder")
        assert (folder.status_code, folder.headers["location"]) == (307, "/assist/folder/")
        assert "小援" in client.get("/folder", follow_redirects=True).text
        assert client.get("/v1/openapi.json").status_code == 200
        assert client.post("/v1/conversations/", json={}).status_code == 405  # and no redirect past the sub-path
        assert client.get("/healthz").json()["status"] == "ok"
        outside = client.get(f"http://127.0.0.1:{place.proxy.port}/healthz")
        assert outside.status_code == 404


def test_bodies_are_refused_by_the_doors_in_words(place: Place) -> None:
    with place.client() as client:
        path, headers = begun(client)
        long = {"client_id": "client-1", "text": "字" * 60_000}
        refused = client.post(f"{path}/messages", json=long, headers=headers)
        assert (refused.status_code, refused.json()["error"]) == (413, "too_large")
        form: dict[str, Any] = {"data": {"client_id": "client-2"}, "files": {"file": ("a.mp4", b"\0" * 21_500_000)}}
        refused = client.post(f"{path}/files", headers=headers, **form)
        assert (refused.status_code, refused.json()["error"]) == (413, "file_too_large")


def test_an_address_that_the_visitor_makes_up_is_not_believed(place: Place) -> None:
    """Else each message could come from a new address. What nginx sees is this machine, which is not counted."""
    with place.client() as client:
        for number in range(70):
            opened = client.post("/v1/conversations", json={"door": "web"}, headers={"X-Forwarded-For": DISTANT})
            assert opened.status_code == 201, number
        direct = httpx.Client(base_url=f"http://127.0.0.1:{place.ports[0]}", trust_env=False, headers={"X-Forwarded-For": DISTANT})
        with direct:
            assert 429 in {direct.post("/v1/conversations", json={"door": "web"}).status_code for _ in range(70)}


class Deadly:
    """In a door's place: takes a request whole and hangs up without an answer, as a door that is killed."""

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.heard: list[bytes] = []
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection:
                    self.heard.append(connection.recv(65536))

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


@pytest.mark.parametrize("what", ["message", "opening", "reading", "lookup"])
def test_a_door_that_dies_with_a_request_in_its_hands_is_not_noticed(place: Place, what: str) -> None:
    with place.client() as client:
        path, headers = begun(client)
        place.doors["a"].stop()
        deadly = Deadly(place.ports[0])
        try:
            time.sleep(2.2)  # nginx's pause for one that it could not reach
            statuses = []
            for number in range(2):
                if what == "message":
                    body = {"client_id": f"client-{number}", "text": f"第{number}句"}
                    statuses.append(client.post(f"{path}/messages", json=body, headers=headers).status_code)
                elif what == "opening":
                    statuses.append(client.post("/v1/conversations", json={"door": "web"}).status_code)
                elif what == "reading":
                    statuses.append(client.get(f"{path}/messages", headers=headers).status_code)
                else:
                    asked = {"number": "CC-2026-000001", "code": "ABCDEFGH"}
                    statuses.append(client.post("/v1/lookup", json=asked).status_code)
        finally:
            deadly.close()
        assert len(deadly.heard) == 1
        if what == "lookup":  # is not sent again: what must not be repeated tells the page so
            assert sorted(statuses) == [404, 502]
            return
        assert set(statuses) == {{"message": 202, "opening": 201, "reading": 200}[what]}
        if what == "message":
            assert answers(client, path, headers, 2) == ["答：第0句", "答：第1句"]


def test_a_message_that_both_doors_have_taken_is_one_message(place: Place) -> None:
    """The first door has stored it and dies before it could say so."""
    with place.client() as client:
        path, headers = begun(client)
        statuses = [
            client.post(f"{path}/messages", json={"client_id": "client-1", "text": "甲"}, headers=headers).status_code for _ in range(4)
        ]
        assert statuses == [202] * 4
        assert answers(client, path, headers, 1) == ["答：甲"]
    assert place.bot.texts() == ["甲"]


def test_a_door_that_is_stopped_in_order_is_not_noticed_in_the_middle_of_a_turn(place: Place) -> None:
    with place.client() as client:
        path, headers = begun(client)
        for number in range(3):
            body = {"client_id": f"client-{number}", "text": f"第{number}句"}
            assert client.post(f"{path}/messages", json=body, headers=headers).status_code == 202
        place.doors["b"].stop()
        for number in range(3, 6):
            body = {"client_id": f"client-{number}", "text": f"第{number}句"}
            taken = client.post(f"{path}/messages", json=body, headers=headers)
            assert (taken.status_code, taken.headers["X-Aid-Replica"]) == (202, "a")
        assert answers(client, path, headers, 6) == [f"答：第{number}句" for number in range(6)]
