"""What followers send beside words, what becomes of their cases, and the account's menu; from outside, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door_fakes import FakeBot, fixed_clock, settings_in
from sqlalchemy import text
from wechat_fakes import ANN, APP, BEN, SECRET, Peer, Wechat, wechat

from aid.cases.life import Actor, EventKind
from aid.cases.ticket import Ticket
from aid.faults import KnowledgeError
from aid.replies import Choice, Reply
from aid.settings import PROJECT
from aid.store import open_store
from aid.store.errors import StoreUnavailable
from aid.wechat.tables import Button, NoticeForm, WechatData, load_wechat
from channels.wechat.__main__ import expo_command, menu_command
from channels.wechat.leaving import Leaving
from channels.wechat.menu import Menu, differences
from channels.wechat.simulate import Terminal
from channels.wechat.talk import Tempo
from tests.evidence.made import film, picture

pytestmark = pytest.mark.anyio
CLERK = Actor("handler", "张三")
SEND = "/cgi-bin/message/custom/send"


def counts(folder: Path, *tables: str) -> list[int]:
    store = open_store(settings_in(folder))
    with store.reading() as session:
        found = [session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]
    store.close()
    return found


def files_on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "var" / "evidence").rglob("*"))


async def test_a_photo_is_fetched_at_once_and_kept_to_the_byte(tmp_path: Path) -> None:
    async with wechat(tmp_path, FakeBot(answer=lambda _text: [Reply(text="照片收到了")])) as it:
        content = picture(colour="blue")
        assert str(await it.platform.photo(ANN, content)).startswith("照片收到了")
        [(_sender, said, metadata)] = it.bot.calls
        assert (said, metadata["door"]) == ("/send_file", "wechat")
        evidence, kept = await it.app.state.door.files.original(metadata["conversation"], metadata["file"])
        assert (kept, evidence.name) == (content, "微信照片.jpg")


async def test_a_video_is_fetched_from_the_address_that_the_platform_names(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.platform.media["film"] = film()
        token = "x"
        await it.platform.text(ANN, "你好")
        await it.door.api._token()
        token = it.platform._token
        media = it.platform.keep_media(f"{it.address}/cgi-bin/media/get?media_id=film&access_token={token}")
        it.platform.allow(ANN)
        await it.platform.message(ANN, "video", MediaId=media, ThumbMediaId="t")
        assert it.bot.texts() == ["你好", "/send_file"]


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda p: p.media.clear(), "没有取下来"),
        (lambda p: p.faults["/cgi-bin/media/get"].append(45009), "现在取不到"),
        (lambda p: p.faults["/cgi-bin/media/get"].append(-500), "没有取下来"),
        (lambda p: p.faults["/cgi-bin/stable_token"].append(40164), "现在取不到"),
        (lambda p: p.media.update(dict.fromkeys(p.media, b"MZ not a picture")), "这种文件我收不了"),
        (lambda p: p.media.update(dict.fromkeys(p.media, b"\xff\xd8\xff" + b"x" * 100)), "打不开"),
        (lambda p: p.media.update(dict.fromkeys(p.media, b"\xff\xd8\xff" + b"x" * 21_000_000)), "太大"),
        (lambda p: p.media.update(dict.fromkeys(p.media, "ftp://somewhere/x")), "没有取下来"),
        (lambda p: p.media.update(dict.fromkeys(p.media, "http://127.0.0.1:9/x")), "现在取不到"),
    ],
)
async def test_a_photo_that_cannot_be_kept_is_said_to_be_so(tmp_path: Path, prepare: Callable[[Any], None], words: str) -> None:
    async with wechat(tmp_path) as it:
        media = it.platform.keep_media(picture())
        prepare(it.platform)
        it.platform.allow(ANN)
        await it.platform.message(ANN, "image", PicUrl="", MediaId=media)
        await it.quiet()
        assert words in it.seen()[-1]
        assert (it.bot.calls, files_on_disk(tmp_path)) == ([], 0)


async def test_a_photo_that_was_being_fetched_when_the_door_died_is_fetched_after_the_next_start(tmp_path: Path) -> None:
    content = picture(colour="red")
    async with wechat(tmp_path) as it:
        it.platform.slow["/cgi-bin/media/get"] = 5.0
        it.hurry()
        media = it.platform.keep_media(content)
        it.platform.allow(ANN)
        assert await it.platform.message(ANN, "image", PicUrl="", MediaId=media) is None
        for task in it.door.talk._tasks:
            task.cancel()  # the door dies, the platform has been told that all is well
        it.platform.slow.clear()
    clock = fixed_clock()
    clock.advance(timedelta(minutes=6))

    def same_phone(platform: Peer) -> None:
        platform.media[media] = content
        platform.allow(ANN)

    async with wechat(tmp_path, FakeBot(answer=lambda _text: [Reply(text="照片收到了")]), clock=clock, prepare=same_phone) as it:
        for _ in range(2):
            await it.round()
        await it.quiet()
        assert it.bot.texts() == ["/send_file"]
        assert [words[:5] for words in it.seen()] == ["照片收到了"]
        assert counts(tmp_path, "evidence") == [1]


async def test_a_photo_before_words_is_taken_before_them(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.platform.slow["/cgi-bin/media/get"] = 0.2
        photo = asyncio.create_task(it.platform.photo(ANN, picture()))
        await asyncio.sleep(0.05)
        await asyncio.gather(photo, it.platform.text(ANN, "就是这个"))
        await it.quiet()
        assert it.bot.texts() == ["/send_file", "就是这个"]


async def test_voice_and_unknown_kinds_are_answered_politely(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        assert "请您打字" in str(await it.platform.message(ANN, "voice", MediaId="m", Format="amr", Recognition=""))
        assert "请您打字" in str(await it.platform.message(ANN, "hologram", Foo="x"))
        assert it.bot.calls == []
        seen = await it.app.state.door.hub.read(it.door.talk._followers.find(ANN).conversation_id)
        assert [one.text for one in seen.said] == ["［语音］", "［其他消息］"]


async def test_a_place_can_begin_a_case_and_names_no_center_that_is_not_verified(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        fields = {"Location_X": "43.88", "Location_Y": "125.32", "Scale": "16"}
        answer = str(await it.platform.message(ANN, "location", Label="吉林省长春市南关区人民大街1号", **fields))
        assert "南关区人民大街1号" in answer
        assert "12345" in answer
        assert "地址：" not in answer
        assert it.bot.calls == []
        await it.platform.text(ANN, "举报这里的侵权假冒")
        assert it.bot.texts() == ["/start_case"]
        assert "打字告诉我在哪个区" in str(await it.platform.message(BEN, "location", Label="", **fields))


async def test_a_link_is_asked_about(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        answer = str(await it.platform.message(ANN, "link", Title="<a href='x'>假货</a>", Description="", Url="https://shop.example/1"))
        assert "假货" in answer
        assert "<a href='x'>" not in answer
        await it.platform.text(ANN, "举报链接里的东西")
        assert it.bot.texts() == ["/start_case"]


async def test_a_new_follower_is_welcomed_and_can_begin_by_a_number(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        answer = str(await it.platform.event(ANN, "subscribe", EventKey=""))
        assert "我是小援" in answer
        assert "1. 我要登记展会投诉" in answer
        await it.platform.text(ANN, "1")
        await it.platform.text(ANN, "4")
        assert it.bot.texts() == ["/start_case", "4"]


@pytest.mark.parametrize("event", ["LOCATION", "VIEW", "TEMPLATESENDJOBFINISH", "subscribe_msg_popup_event", "pic_weixin", "brand_new"])
async def test_events_that_ask_for_nothing_leave_no_trace(tmp_path: Path, event: str) -> None:
    async with wechat(tmp_path) as it:
        assert await it.platform.event(ANN, event, EventKey="k", Latitude="23.1", Longitude="113.3") is None
        assert it.platform.exchanges[-1].status == 200
        assert (it.bot.calls, counts(tmp_path, "conversation", "wechat_seen")) == ([], [0, 0])


async def test_a_click_says_the_buttons_words_and_an_old_button_says_nothing(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        key = next(b.key for top in load_wechat(PROJECT / "knowledge").menu for b in top.buttons if b.name == "查办理进度")
        assert "答：查进度" in str(await it.platform.event(ANN, "CLICK", EventKey=key))
        assert await it.platform.event(ANN, "CLICK", EventKey="say.of-last-year") is None
        assert it.bot.texts() == ["查进度"]


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


async def test_the_menu_is_pushed_and_compared(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        settings = settings_in(tmp_path, wechat_app_id=APP, wechat_app_secret=SECRET, wechat_api_base=it.address)
        said: list[str] = []
        assert await menu_command(settings, "diff", said.append) == 1
        assert await menu_command(settings, "push", said.append) == 0
        said.clear()
        assert await menu_command(settings, "diff", said.append) == 0
        assert said == ["the account has this menu"]
        assert it.platform.menu == Menu(load_wechat(PROJECT / "knowledge").menu).for_platform()
        assert await menu_command(settings, "show", said.append) == 0
        assert any("查进度" in line for line in said)


def test_a_difference_is_told_line_by_line() -> None:
    ours = Menu([Button(name="咨询", says="我想咨询"), Button(name="网站", url="https://x.example")]).for_platform()
    theirs = {"button": [{"name": "旧的", "sub_button": {"list": [{"type": "view", "name": "网站", "url": "https://x.example"}]}}]}
    assert differences(ours, theirs) == [
        '- "旧的"',
        '-     "网站"  https://x.example',
        f'+ "咨询"  key {Button(name="x", says="我想咨询").key}',
        '+ "网站"  https://x.example',
    ]
    assert differences(ours, ours) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("menu: []", "menu"),
        ("menu: [{name: 一, says: x}, {name: 二, says: x}, {name: 三, says: x}, {name: 四, says: x}]", "menu"),
        ("menu: [{name: 我要咨询吗, says: x}]", "4 Chinese characters"),
        ("menu: [{name: 一, buttons: [{name: 一二三四五六七八九, says: x}]}]", "8 Chinese characters"),
        ("menu: [{name: 一}]", "exactly one"),
        ("menu: [{name: 一, says: x, url: 'https://x'}]", "exactly one"),
        ("menu: [{name: 一, url: 'javascript:1'}]", "menu.0.url"),
        ("menu: [{name: 一, says: x}]\nnotice: {kind: template, id: x, fields: {a: '{nobody}'}} #", "is no part of a step"),
        ("menu: [{name: 一, says: x}]\nnotice: {kind: template, id: x, fields: {a: '{state'}} #", "a brace stands alone"),
        (f"menu: [{{name: 一, url: 'https://x/{'a' * 1024}'}}]", "1024 bytes"),
        ("menu: [{name: 一, buttons: [{name: 二, buttons: [{name: 三, says: x}]}]}]", "none under itself"),
    ],
)
def test_a_menu_beyond_the_platforms_limits_names_file_and_line(tmp_path: Path, change: str, words: str) -> None:
    notice = "" if "notice" in change else "notice: null\n"
    (tmp_path / "wechat.yml").write_text(f"{change}\n{notice}", "utf-8")
    with pytest.raises(KnowledgeError, match=r"wechat\.yml:[12]") as fault:
        load_wechat(tmp_path)
    assert words in str(fault.value)


def test_every_button_of_the_project_fits() -> None:
    assert isinstance(load_wechat(PROJECT / "knowledge"), WechatData)


async def test_the_stand_in_is_used_by_hand(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        said: list[str] = []
        terminal = Terminal(it.platform, Menu(load_wechat(PROJECT / "knowledge").menu), said.append)
        (tmp_path / "p.jpg").write_bytes(picture())
        lines = [":help", ":follow", "你好", ":tap 1", f":photo {tmp_path / 'p.jpg'}", ":voice", ":place 长春市南关区", ":menu", ":click 1", ":as ben", "你好", ":leave"]
        for line in lines:
            assert await terminal.do(line)
            terminal.refresh()
        assert not await terminal.do(":quit")
        assert it.bot.texts() == ["你好", "/affirm", "/send_file", "我想咨询知识产权的问题", "你好"]
        assert any("我是小援" in line for line in said)
