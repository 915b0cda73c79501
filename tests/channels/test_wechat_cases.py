"""Cases of followers: begun at a kiosk or an expo, told step by step, and what is left when the follower leaves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door_fakes import settings_in
from wechat_fakes import ANN, APP, BEN, SECRET, Wechat, counts, files_on_disk, wechat

from aid.cases.life import Actor, EventKind
from aid.cases.ticket import Ticket
from aid.replies import Choice, Reply
from aid.store.errors import StoreUnavailable
from aid.store.followers import Followers
from aid.wechat.tables import NoticeForm
from channels.wechat.__main__ import expo_command
from channels.wechat.leaving import Leaving
from channels.wechat.talk import Tempo
from tests.evidence.made import picture

pytestmark = pytest.mark.anyio
CLERK = Actor("handler", "张三")


async def kiosk(it: Wechat) -> tuple[str, dict[str, str]]:
    """A conversation at a kiosk of an expo, with a question asked."""
    begun = (await it.client.post("/v1/conversations", json={"door": "kiosk", "event": "automobile"})).json()
    token = {"Authorization": f"Bearer {begun['token']}"}
    path = f"/v1/conversations/{begun['conversation']}"
    it.bot.answer = lambda words: [Reply(text=f"答：{words}", choices=[Choice(label=label, payload={"act": "affirm"}) for label in ("是的", "不是")])]
    for n, words in enumerate(("我要投诉", "B12展位")):
        await it.client.post(f"{path}/messages", json={"client_id": f"client-{n}", "text": words}, headers=token)
        await it.app.state.door.hub.idle()
    return path, token


def filed(it: Wechat, openid: str = ANN) -> Ticket:
    """A ticket that the follower's conversation filed."""
    office, store = it.app.state.door.office, it.app.state.door.hub._messages
    conversation = it.door.talk._followers.find(openid).conversation_id
    first, _ = store.add_inbound(conversation, f"first-{openid}", "投诉")
    store.finish_turn(first.id, [])
    facts = {"story": "没人接电话", "about_number": "", "sought": "", "contact": "留联系方式", "name": "郑雪梅", "phone": "13900007001", "consent": "yes"}
    draft = office.drafts.open(conversation, "service_complaint", first.id)
    draft = office.drafts.save(draft, facts=facts, asked="summary", inbound_id=first.id, failures=0)
    second, _ = store.add_inbound(conversation, f"second-{openid}", "确认")
    store.finish_turn(second.id, [])
    return office.tickets.file(draft, second.id)[0]


def step(it: Wechat, ticket: Ticket, kind: EventKind, **detail: str) -> None:
    it.app.state.door.office.log.add(ticket, kind, CLERK, detail)


@pytest.mark.parametrize("event", ["SCAN", "subscribe"])
async def test_a_conversation_goes_on_from_a_kiosk_by_a_scan(tmp_path: Path, event: str) -> None:
    async with wechat(tmp_path) as it:
        path, token = await kiosk(it)
        await it.platform.text(ANN, "以前说的")
        code = (await it.client.post(f"{path}/handover/wechat", headers=token)).json()
        assert code["image"].startswith("https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=ticket%2B")
        assert code["seconds"] == 300
        scene = code["url"].rsplit("/", 1)[1]
        stream = asyncio.create_task(it.client.get(f"{path}/stream", headers=token))
        await asyncio.sleep(0.1)
        answer = str(await it.platform.event(ANN, event, EventKey=f"qrscene_{scene}" if event == "subscribe" else scene, Ticket="t"))
        assert "答：B12展位" in answer
        assert "我要投诉" not in answer
        assert "转到您的手机上" in answer
        await it.platform.text(ANN, "1")
        assert it.bot.calls[-1][1] == "/affirm"
        assert path.endswith(it.bot.calls[-1][2]["conversation"])
        assert it.bot.calls[-1][2]["event"] == "automobile"
        assert (await it.client.get(f"{path}/messages", headers=token)).status_code == 401  # the kiosk is let go
        assert "转到您的手机上" not in (await asyncio.wait_for(stream, 5)).text
        again = str(await it.platform.event(BEN, "SCAN", EventKey=scene, Ticket="t"))
        assert "已经失效" in again
        assert "B12" not in again


async def test_a_record_that_fails_in_the_middle_of_a_scan_leaves_the_code_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become, failures = Followers._become_current, [StoreUnavailable("away")]

    def fails_once(*given: Any) -> Any:
        if failures:
            raise failures.pop()
        return become(*given)

    async with wechat(tmp_path) as it:
        path, token = await kiosk(it)
        code = (await it.client.post(f"{path}/handover", headers=token)).json()["code"]
        monkeypatch.setattr(Followers, "_become_current", fails_once)
        answer = str(await it.platform.event(ANN, "SCAN", EventKey=code, Ticket="t"))
        assert failures == []
        assert "答：B12展位" in answer
        assert "已经失效" not in answer


async def test_a_code_of_before_five_minutes_or_a_guess_opens_nothing(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        path, token = await kiosk(it)
        code = (await it.client.post(f"{path}/handover", headers=token)).json()["code"]
        it.clock.advance(timedelta(minutes=5))
        for scene in (code, "A" * 32):
            answer = str(await it.platform.event(ANN, "SCAN", EventKey=scene, Ticket="t"))
            assert "已经失效" in answer
            assert "我是小援" in answer
        assert "已经失效" not in str(await it.platform.event(BEN, "SCAN", EventKey="poster-1", Ticket="t"))
        assert (await it.client.post(f"{path}/handover/wechat")).status_code == 401


@pytest.mark.parametrize("event", ["SCAN", "subscribe"])
async def test_who_scans_an_expos_code_talks_at_that_expo_and_its_questions_stand_first(tmp_path: Path, event: str) -> None:
    async with wechat(tmp_path) as it:
        said: list[str] = []
        settings = settings_in(tmp_path, wechat_app_id=APP, wechat_app_secret=SECRET, wechat_api_base=it.address)
        assert await expo_command(settings, "automobile", said.append) == 0
        assert said == ["长春国际汽车博览会: https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=ticket%2Bexpo.automobile"]
        scene = "qrscene_expo.automobile" if event == "subscribe" else "expo.automobile"
        answer = str(await it.platform.event(ANN, event, EventKey=scene, Ticket="t"))
        assert "长春国际汽车博览会" in answer
        assert answer.index("1. 汽博会上车灯、车身外观像我的怎么办？") < answer.index("我要登记展会投诉")
        await it.platform.text(ANN, "1")
        [(_sender, words, metadata)] = it.bot.calls
        assert (words, metadata["event"], metadata["door"]) == ("汽博会上车灯、车身外观像我的怎么办？", "automobile", "wechat")


async def test_the_code_of_an_expo_that_is_none_is_a_welcome(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        answer = str(await it.platform.event(ANN, "SCAN", EventKey="expo.no-such", Ticket="t"))
        assert "1. 我要登记展会投诉" in answer
        await it.platform.text(ANN, "你好")
        assert it.bot.calls[0][2]["event"] is None


async def test_a_kiosk_hears_when_the_platform_gives_no_code(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        path, token = await kiosk(it)
        it.platform.faults["/cgi-bin/qrcode/create"] = [45009]
        assert (await it.client.post(f"{path}/handover/wechat", headers=token)).status_code == 503


async def test_a_step_of_a_case_reaches_the_follower_once(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        ticket = filed(it)
        step(it, ticket, "noted", text="只给自己人看")
        step(it, ticket, "accepted")
        for _ in range(3):
            await it.round()
        assert len(it.seen()) == 2
        assert f"受理编号 {ticket.number}）有了新进展：受理。现在的状态：已受理" in it.seen()[1]
        step(it, ticket, "started")
        await it.round()
        assert "开始办理" in it.seen()[2]
        assert "自己人" not in "".join(it.seen())


async def test_a_step_outside_the_window_waits_for_the_next_message(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        ticket = filed(it)
        it.clock.advance(timedelta(hours=49))
        step(it, ticket, "accepted")
        for _ in range(2):
            await it.round()
        assert len(it.seen()) == 1
        answer = str(await it.platform.text(ANN, "又来了"))
        assert answer.index("有了新进展：受理") < answer.index("答：又来了")
        await it.round()
        assert "".join(it.seen()).count("新进展") == 1


@pytest.mark.parametrize(("kind", "path"), [("template", "/cgi-bin/message/template/send"), ("subscription", "/cgi-bin/message/subscribe/bizsend")])
async def test_a_step_outside_the_window_goes_in_the_platforms_own_form_where_there_is_one(
    tmp_path: Path, kind: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wechat(tmp_path) as it:
        fields = {"character_string1": "{number}", "thing2": "{event}", "phrase3": "{state}", "time4": "{day}"}
        monkeypatch.setattr(it.door.rounds, "_form", NoticeForm(kind=kind, id="form-1", fields=fields))
        await it.platform.text(ANN, "你好")
        ticket = filed(it)
        it.clock.advance(timedelta(hours=49))
        step(it, ticket, "accepted")
        for _ in range(2):
            await it.round()
        [said] = [said for asked, said in it.platform.calls if asked == path]
        assert said["touser"] == ANN
        assert said["data"]["character_string1"] == {"value": ticket.number}
        step(it, ticket, "started")
        it.platform.faults[path] = [43101]  # he has not agreed to be told so
        await it.round()
        assert "开始办理" in str(await it.platform.text(ANN, "又来了"))


async def test_a_step_that_the_platform_could_not_take_is_tried_again(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        step(it, filed(it), "accepted")
        right = it.door.api._http.base_url
        it.door.api._http.base_url = "http://127.0.0.1:9"
        await it.round()
        it.door.api._http.base_url = right
        await it.round()
        assert len(it.seen()) == 1  # not at once
        it.clock.advance(timedelta(seconds=31))
        await it.round()
        await it.round()
        assert len(it.seen()) == 2


async def test_who_leaves_is_forgotten_and_his_case_under_way_stays(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.photo(ANN, picture())
        await it.platform.text(ANN, "我叫郑雪梅")
        await it.platform.text(BEN, "我是别人")
        ticket = filed(it)
        await it.platform.photo(ANN, picture(colour="green"))
        assert (files_on_disk(tmp_path), counts(tmp_path, "evidence")) == (4, [2])
        body_calls = len(it.bot.calls)
        assert await it.platform.event(ANN, "unsubscribe", EventKey="") is None
        assert it.platform.exchanges[-1].status == 200
        # What was filed with the case stays with it; the photo that belongs to nothing is gone, and so is every word.
        assert (files_on_disk(tmp_path), counts(tmp_path, "evidence")) == (2, [1])
        assert counts(tmp_path, "conversation", "wechat_follower", "ticket", "inbound") == [1, 1, 1, 1]
        kept = it.app.state.door.office.tickets.numbered(ticket.number)
        assert kept.parties["phone"] == "13900007001"  # it is under way and needs him
        step(it, ticket, "accepted")
        await it.round()
        assert it.seen()[-1] != ""
        assert "新进展" not in "".join(it.seen())
        assert len(it.bot.calls) == body_calls
        await it.platform.event(ANN, "subscribe", EventKey="")
        assert counts(tmp_path, "conversation") == [2]


async def test_who_leaves_after_his_case_is_over_leaves_no_name(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        ticket = filed(it)
        step(it, ticket, "not_accepted", reason="不归我们管")
        await it.platform.event(ANN, "unsubscribe", EventKey="")
        kept = it.app.state.door.office.tickets.numbered(ticket.number)
        assert kept.erased_at is not None
        assert "13900007001" not in str(kept)


async def test_who_leaves_while_the_record_is_away_is_forgotten_when_it_is_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object) -> None:
        raise StoreUnavailable("away")

    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "我叫郑雪梅")
        it.door.talk._tempo = Tempo(answer=0.2, retry=0.05, hold=0.1)
        with monkeypatch.context() as patch:
            patch.setattr(Leaving, "forget", away)
            assert await it.platform.event(ANN, "unsubscribe", EventKey="") is None
            assert counts(tmp_path, "conversation") == [1]
        await it.quiet()
        assert counts(tmp_path, "conversation", "wechat_follower", "inbound") == [0, 0, 0]


async def test_who_never_came_can_leave(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        assert await it.platform.event(ANN, "unsubscribe", EventKey="") is None
        assert counts(tmp_path, "conversation", "wechat_follower") == [0, 0]
