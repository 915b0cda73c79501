"""The kiosk's routes: what it shows, how each machine is, and the way out for staff."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import HURRY, KNOWLEDGE, FakeBot, fixed_clock, running, settings_in
from fastapi import FastAPI

from aid.cli.stations import station_keys, stations
from aid.clock import FixedClock
from aid.errors import SettingsError
from aid.kiosk.keys import StationKeys
from aid.kiosk.stations import Stations
from aid.kiosk.tables import load_kiosk
from aid.store import open_store
from channels.web import create_app

pytestmark = pytest.mark.anyio
STATION = "automobile-1"
PIN = "730418"


def app_in(folder: Path, clock: FixedClock | None = None, page: Path = Path("no-such-folder"), **settings: Any) -> FastAPI:
    return create_app(settings_in(folder, **settings), bot=FakeBot(), clock=clock or fixed_clock(), patience=HURRY, page=page)


def refused(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert set(body) == {"error", "message"}
    assert any("\u4e00" <= c <= "\u9fff" for c in body["message"])
    return answer.status_code, body["error"]


async def leave(client: httpx.AsyncClient, pin: str, station: str = STATION) -> httpx.Response:
    return await client.post("/v1/kiosk/exit", json={"station": station, "pin": pin})


async def test_a_kiosk_shows_its_expo_first_and_every_question_has_its_answer(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        shown = (await client.get("/v1/kiosk", params={"event": "automobile"})).json()
    file = load_kiosk(KNOWLEDGE)
    assert shown["event_name"] == "长春国际汽车博览会"
    assert [way["label"] for way in shown["ways"]] == ["咨询", "投诉", "申请援助", "查进度"]
    assert [way["say"] for way in shown["ways"]] == ["", "我要投诉，是在长春国际汽车博览会上", "我想申请维权援助", "我想查办理进度"]
    assert [one["ask"] for one in shown["questions"]] == [one.ask for one in file.events["automobile"]]
    assert [len(topic["questions"]) for topic in shown["topics"]] == [len(topic.questions) for topic in file.topics]
    for question in [*shown["questions"], *(one for topic in shown["topics"] for one in topic["questions"])]:
        assert question["answer"]["short"]
        assert question["answer"]["basis"]
    assert [phone["number"] for phone in shown["phones"]] == ["12345", "12315"]
    assert (shown["address"], shown["wechat"]) == ("", False)


async def test_without_a_known_expo_it_shows_the_general_questions(tmp_path: Path) -> None:
    async with running(app_in(tmp_path, public_address="https://aid.example.org/x/")) as client:
        for query in ({}, {"event": "no-such-expo"}):
            shown = (await client.get("/v1/kiosk", params=query)).json()
            assert (shown["event"], shown["event_name"]) == (None, None)
            assert [one["ask"] for one in shown["questions"]] == [one.ask for one in load_kiosk(KNOWLEDGE).general]
            assert shown["address"] == "https://aid.example.org/x/"
        assert refused(await client.get("/v1/kiosk", params={"event": "<script>"})) == (422, "bad_request")


async def test_the_page_is_served_under_a_policy_that_allows_only_itself(tmp_path: Path) -> None:
    page = tmp_path / "dist"
    page.mkdir()
    (page / "index.html").write_text("<!doctype html>", "utf-8")
    (page / "kiosk.html").write_text("<!doctype html><title>kiosk</title>", "utf-8")
    async with running(app_in(tmp_path, page=page)) as client:
        answer = await client.get("/kiosk?event=automobile&station=automobile-1")
        assert answer.status_code == 200
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
    async with running(app_in(tmp_path)) as client:
        assert refused(await client.get("/kiosk")) == (503, "page_not_built")


async def test_staff_see_when_each_machine_was_heard_of_and_how_it_is(tmp_path: Path) -> None:
    clock, page, said = fixed_clock(), tmp_path / "dist", list[str]()
    page.mkdir()
    (page / "kiosk.version").write_text("abc123\n", "ascii")
    settings = settings_in(tmp_path, clock_start="2026-11-22T10:00")
    async with running(app_in(tmp_path, clock, page)) as client:
        beat = {"event": "automobile", "version": "old1", "line": "unsteady", "outages": 2, "in_use": True}
        answer = await client.post(f"/v1/stations/{STATION}/beat", json=beat)
        assert (answer.status_code, answer.json()) == (200, {"version": "abc123"})
        assert (await client.post("/v1/stations/agriculture-1/beat", json={"event": "automobile", "version": "abc123"})).status_code == 200
        assert stations(settings, said.append)
    assert said[0].startswith("optoelectronics-1       unseen    never heard of")
    assert said[1].startswith("automobile-1            unsteady  seen 2026-11-22 10:00:00  event automobile  place -  version old1  line unsteady, 2 outages  in use")
    assert "event automobile (list: agriculture)" in said[2]

    clock.advance(timedelta(minutes=3, seconds=1))
    store = open_store(settings)
    states = {one.station.id: one.health for one in Stations(store, clock).states(load_kiosk(KNOWLEDGE).stations)}
    store.close()
    assert states == {"optoelectronics-1": "unseen", "automobile-1": "silent", "agriculture-1": "silent"}


async def test_a_machine_that_is_not_on_the_list_leaves_no_trace(tmp_path: Path) -> None:
    said: list[str] = []
    async with running(app_in(tmp_path)) as client:
        assert refused(await client.post("/v1/stations/stranger/beat", json={"version": "1"})) == (404, "station_unknown")
        for path, body in (
            ("A B", {"version": "1"}),
            (STATION, {}),
            (STATION, {"version": "1", "line": "fine"}),
            (STATION, {"version": "1", "outages": -1}),
            (STATION, {"version": "v" * 33}),
            (STATION, {"version": "1", "more": 1}),
        ):
            assert refused(await client.post(f"/v1/stations/{path}/beat", json=body)) == (422, "bad_request")
        stations(settings_in(tmp_path), said.append)
    assert all("never heard of" in line for line in said)


async def test_the_pin_lets_staff_out_and_is_guessed_five_times_only(tmp_path: Path) -> None:
    clock = fixed_clock()
    async with running(app_in(tmp_path, clock, kiosk_pin=PIN)) as client:
        assert (await leave(client, PIN)).json() == {"exit": "allowed"}
        for guess in ("000000", "7304180", "1", "730419", "999999"):
            assert refused(await leave(client, guess)) == (403, "pin_wrong")
        assert refused(await leave(client, PIN)) == (429, "too_many_pins")
        clock.advance(timedelta(minutes=10))
        assert (await leave(client, PIN)).status_code == 200
        assert refused(await leave(client, PIN, "stranger")) == (404, "station_unknown")
        for wrong in ("", "12345a", "1" * 13):
            assert refused(await leave(client, wrong)) == (422, "bad_request")


async def look_up(client: httpx.AsyncClient, number: int) -> tuple[int, str]:
    return refused(await client.post("/v1/lookup", json={"number": f"CC-2026-{number:06}", "code": "ACDE3467"}))


async def test_mistyped_lookups_from_the_same_hall_do_not_lock_staff_in(tmp_path: Path) -> None:
    async with running(app_in(tmp_path, kiosk_pin=PIN)) as client:
        assert [await look_up(client, number) for number in range(6)] == [(404, "ticket_not_found")] * 5 + [(429, "too_many_lookups")]
        assert (await leave(client, PIN)).status_code == 200


async def test_wrong_pins_do_not_lock_visitors_out_of_their_lookups(tmp_path: Path) -> None:
    async with running(app_in(tmp_path, kiosk_pin=PIN)) as client:
        assert [(await leave(client, "000000")).status_code for _ in range(6)] == [403] * 5 + [429]
        assert refused(await leave(client, PIN, "agriculture-1")) == (429, "too_many_pins")
        assert await look_up(client, 1) == (404, "ticket_not_found")


async def test_without_a_pin_in_the_settings_nobody_gets_out(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        for guess in ("0", "000000"):
            assert refused(await leave(client, guess)) == (403, "pin_wrong")


SECRET = "a secret of the house, long enough for it"


async def test_where_machines_have_keys_only_the_machines_own_is_believed(tmp_path: Path) -> None:
    keys = StationKeys(SECRET)
    beat = {"event": "automobile", "version": "abc"}
    async with running(app_in(tmp_path, station_secret=SECRET)) as client:
        for key in (None, keys.of("automobile-2"), StationKeys(SECRET + "x").of(STATION), "A" * 43):
            forged = await client.post(f"/v1/stations/{STATION}/beat", json=beat | ({"key": key} if key else {}))
            assert refused(forged) == (404, "station_unknown"), key
        assert (await client.post(f"/v1/stations/{STATION}/beat", json={**beat, "key": "short"})).status_code == 422
        assert health_in(tmp_path) == "unseen"
        assert (await client.post(f"/v1/stations/{STATION}/beat", json={**beat, "key": keys.of(STATION)})).status_code == 200
        assert health_in(tmp_path) == "well"


async def test_where_machines_have_no_keys_one_that_comes_along_does_no_harm(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        for more in ({}, {"key": "A" * 43}):
            assert (await client.post(f"/v1/stations/{STATION}/beat", json={"version": "abc", **more})).status_code == 200


def test_staff_are_shown_each_machines_key_and_told_when_none_is_needed(tmp_path: Path) -> None:
    shown: list[str] = []
    station_keys(settings_in(tmp_path, station_secret=SECRET), shown.append)
    assert [line.split() for line in shown] == [[one.id, f"#key={StationKeys(SECRET).of(one.id)}"] for one in load_kiosk(KNOWLEDGE).stations]
    with pytest.raises(SettingsError, match="AID_STATION_SECRET"):
        station_keys(settings_in(tmp_path), shown.append)


def health_in(folder: Path) -> str:
    store = open_store(settings_in(folder))
    try:
        [state] = [one for one in Stations(store, fixed_clock()).states(load_kiosk(KNOWLEDGE).stations) if one.station.id == STATION]
    finally:
        store.close()
    return state.health
