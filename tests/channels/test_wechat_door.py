"""The WeChat door from outside: over real HTTP, plain and secure, with a stand-in of the platform on the other side."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door_fakes import FakeBot, fixed_clock, settings_in
from sqlalchemy import text
from wechat_fakes import ANN, BEN, KEY, TOKEN, Wechat, door_app, listening, wechat

from aid.errors import SettingsError
from aid.replies import Choice, Reply
from aid.store import open_store
from channels.web import create_app
from channels.wechat.crypto import signature
from channels.wechat.door import Pace
from channels.wechat.standin import document
from channels.wechat.talk import Tempo

pytestmark = pytest.mark.anyio
SEND = "/cgi-bin/message/custom/send"
LATER = "请等几秒，再回复“更多”"


def choices(_text: str) -> list[Reply]:
    return [Reply(text="哪一个？", choices=[Choice(label=label, payload={"act": act}) for label, act in (("专利", "affirm"), ("商标", "deny"))])]


def held() -> FakeBot:
    return FakeBot(hold=asyncio.Event())


def sends(it: Wechat) -> int:
    """How often the API was asked to send a message."""
    return sum(path == SEND for path, _said in it.platform.calls)


async def released(it: Wechat) -> None:
    """Let the bot answer what it holds, and wait until that is told."""
    assert it.bot.hold
    it.bot.hold.set()
    await it.quiet()


async def late(it: Wechat, words: str, openid: str = ANN) -> str | None:
    """Say something whose answer takes too long; gives what was said in the connection."""
    it.bot.hold = asyncio.Event()
    it.hurry()
    answer = await it.platform.text(openid, words)
    it.relax()
    await released(it)
    it.bot.hold = None
    return answer


@pytest.mark.parametrize("mode", ["plain", "compatible", "secure"])
async def test_a_message_is_answered_in_its_own_connection(tmp_path: Path, mode: str) -> None:
    async with wechat(tmp_path, mode=mode) as it:
        answer = await it.platform.text(ANN, "商标怎么注册")
        assert answer is not None
        assert "答：商标怎么注册" in answer
        assert it.seen() == [answer]
        assert it.platform.phone(ANN).pushed == 0


async def test_the_address_is_verified_as_plain_text(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        query, _body = it.platform.signed("")
        asked = {name: query[name] for name in ("signature", "timestamp", "nonce")}
        answer = await it.client.get("/wechat/callback", params={**asked, "echostr": "<b>4375120948345356249"})
        assert (answer.status_code, answer.text) == (200, "<b>4375120948345356249")
        assert answer.headers["content-type"].startswith("text/plain")
        wrong = await it.client.get("/wechat/callback", params={**asked, "signature": "0" * 40, "echostr": "1"})
        assert (wrong.status_code, wrong.content) == (403, b"")


async def test_without_a_token_there_is_no_door_and_half_a_setting_stops_the_start(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path), bot=FakeBot(), clock=fixed_clock(), page=Path("no-such-folder"))
    async with listening(app) as address:
        import httpx

        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            assert (await client.post("/wechat/callback", content=b"<xml></xml>")).status_code == 404
    with pytest.raises(SettingsError, match="AID_WECHAT_APP_ID"):
        create_app(settings_in(tmp_path, wechat_token="t"), bot=FakeBot())


async def test_an_answer_that_takes_long_is_pushed_once(tmp_path: Path) -> None:
    async with wechat(tmp_path, held()) as it:
        it.hurry()
        assert await it.platform.text(ANN, "你好") is None
        assert it.seen() == []
        await released(it)
        assert len(it.seen()) == 1
        assert "答：你好" in it.seen()[0]
        assert (it.platform.phone(ANN).pushed, it.platform.phone(ANN).typing) == (1, 1)
        await it.round()
        assert len(it.seen()) == 1


async def test_a_repetition_joins_the_running_turn_and_is_answered_once(tmp_path: Path) -> None:
    async with wechat(tmp_path, held(), pace=Pace(Tempo(answer=20), rounds=3600)) as it:
        it.platform.patience, platform_tries = 2.0, 3
        asked = asyncio.create_task(it.platform.text(ANN, "你好"))
        await asyncio.sleep(2.0 * (platform_tries - 1) + 0.3)  # two tries were cut off
        assert it.bot.hold
        it.bot.hold.set()
        answer = await asked
        await it.quiet()
        assert it.bot.texts() == ["你好"]
        assert it.seen() == [answer]
        assert answer is not None
        assert "答：你好" in answer


async def test_a_repetition_after_the_answer_gets_the_same_answer(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        body = document(it.platform.fields(ANN, "text", MsgId="6054768590064713728", Content="你好"))
        first, second = [(await it.platform.deliver(body)).content for _ in range(2)]
        assert first == second
        assert first is not None
        both = await asyncio.gather(*(it.platform.deliver(body) for _ in range(3)))
        assert {one.content for one in both} == {first}
        assert it.bot.texts() == ["你好"]


async def test_a_repetition_is_known_after_a_new_start(tmp_path: Path) -> None:
    body = ""
    async with wechat(tmp_path) as it:
        body = document(it.platform.fields(ANN, "text", MsgId="6054768590064713728", Content="你好"))
        first = (await it.platform.deliver(body)).content
    async with wechat(tmp_path) as it:
        assert (await it.platform.deliver(body)).content == first
        assert it.bot.texts() == []


async def test_a_number_is_the_choice_that_was_told(tmp_path: Path) -> None:
    bot = FakeBot(answer=choices)
    async with wechat(tmp_path, bot) as it:
        answer = await it.platform.text(ANN, "你好")
        assert answer is not None
        assert "1. 专利" in answer
        await it.platform.text(ANN, "2")
        await it.platform.text(ANN, "专利", menu_id="0")
        await it.platform.text(ANN, "别的")
        await it.platform.text(ANN, '/inform{"x": 1}')
        assert bot.texts() == ["你好", "/deny", "/affirm", "别的", '／inform{"x": 1}']


async def test_a_late_answer_brings_its_choices_to_tap_where_the_account_can(tmp_path: Path) -> None:
    async with wechat(tmp_path, FakeBot(answer=choices)) as it:
        await late(it, "你好")
        assert it.seen() == ["哪一个？\n[专利]\n[商标]"]
        [(label, menu_id)] = it.platform.links(ANN)[1:]
        await it.platform.text(ANN, label, menu_id)
        assert it.bot.texts() == ["你好", "/deny"]
        await late(it, "又来")
        it.platform.has_menus = False
        for words in ("再来", "还来"):
            await late(it, words)
            assert "1. 专利" in it.seen()[-1]
        menus = [said for path, said in it.platform.calls if path == SEND and said["msgtype"] == "msgmenu"]
        assert len(menus) == 3  # the third was refused, the fourth not tried


async def test_a_long_answer_comes_page_by_page(tmp_path: Path) -> None:
    bot = FakeBot(answer=lambda _text: [Reply(text="\n".join(f"第{n}条：" + "知识产权" * 20 for n in range(30)))])
    async with wechat(tmp_path, bot) as it:
        await it.platform.text(ANN, "你好")
        while it.seen()[-1].endswith("（没完，回复“更多”看后面）"):
            await it.platform.text(ANN, "更多")
        whole = "".join(it.seen())
        assert all(f"第{n}条：" in whole for n in range(30))
        assert all(len(page.encode()) <= 2048 for page in it.seen())
        assert bot.texts() == ["你好"]
        await it.platform.text(ANN, "更多")  # nothing is left: the words are words
        assert bot.texts() == ["你好", "更多"]


async def test_an_account_without_the_right_to_push_gives_the_answer_with_the_next_message(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.platform.forbidden.add(SEND)
        assert await late(it, "第一句") is None
        assert (it.seen(), sends(it)) == ([], 2)  # with choices to tap, and as text
        answer = await it.platform.text(ANN, "第二句")
        assert answer is not None
        assert answer.index("答：第一句") < answer.index("答：第二句")
        # From now on it is known: the person is told to ask, and nothing is tried in vain.
        hint = await late(it, "第三句")
        assert hint is not None
        assert LATER in hint
        more = await it.platform.text(ANN, "更多")
        assert more is not None
        assert "答：第三句" in more
        assert "答：第一句" not in more
        assert (it.bot.texts(), sends(it)) == (["第一句", "第二句", "第三句"], 2)


async def test_without_an_app_secret_nothing_is_pushed(tmp_path: Path) -> None:
    async with wechat(tmp_path, wechat_app_secret="") as it:
        hint = await late(it, "你好")
        assert hint is not None
        assert LATER in hint
        assert "答：你好" in str(await it.platform.text(ANN, "更多"))
        assert it.platform.calls == []


@pytest.mark.parametrize("code", [45047, 45015, 40200, 45009, 40164, 61004, 40003, -500, -404])
async def test_what_the_platform_refuses_waits_for_the_next_message(tmp_path: Path, code: int) -> None:
    async with wechat(tmp_path) as it:
        it.platform.faults[SEND] = [code, code]  # a message of choices, and where there is none a text
        assert await late(it, "第一句") is None
        assert it.seen() == []
        answer = str(await it.platform.text(ANN, "第二句"))
        assert answer.index("答：第一句") < answer.index("答：第二句")
        await it.quiet()
        assert len(it.seen()) == 1


async def test_five_messages_follow_a_message_and_never_more(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        follower = it.door.talk._followers.find(ANN)
        sent = [await it.door.talk._delivery.push(follower, f"{n}") for n in range(7)]
        assert sent == ["sent"] * 5 + ["no"] * 2
        assert (sends(it), it.platform.phone(ANN).pushed) == (5, 5)
        await it.platform.text(ANN, "又来")
        assert await it.door.talk._delivery.push(follower, "x") == "sent"
        it.clock.advance(timedelta(hours=48))
        assert await it.door.talk._delivery.push(follower, "x") == "no"
        assert sends(it) == 6


async def test_three_messages_follow_a_tap_within_a_minute_and_never_more(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.event(ANN, "subscribe")
        follower = it.door.talk._followers.find(ANN)
        sent = [await it.door.talk._delivery.push(follower, f"{n}") for n in range(5)]
        assert sent == ["sent"] * 3 + ["no"] * 2
        await it.platform.event(ANN, "CLICK", EventKey="unknown")
        it.clock.advance(timedelta(minutes=1))
        assert await it.door.talk._delivery.push(follower, "x") == "no"
        assert sends(it) == 3


async def test_a_push_at_the_same_time_is_counted_once_each(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        follower = it.door.talk._followers.find(ANN)
        sent = await asyncio.gather(*(it.door.talk._delivery.push(follower, f"{n}") for n in range(12)))
        assert (sent.count("sent"), sends(it)) == (5, 5)


async def test_an_expired_or_refused_token_is_fetched_anew_once(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await late(it, "一")
        assert it.platform.tokens_given == 1
        it.platform.expire_token()
        await late(it, "二")
        assert it.platform.tokens_given == 2
        it.platform.faults[SEND] = [40001]
        await late(it, "三")
        assert it.platform.tokens_given == 3  # the platform had remembered the very one that it refused
        it.platform.faults[SEND] = [40001, 40014]
        await late(it, "四")
        assert len(it.seen()) == 3
        it.clock.advance(timedelta(seconds=7000))
        assert "答：四" in str(await it.platform.text(ANN, "五"))
        await late(it, "六")
        assert it.seen()[-1].startswith("答：六")


async def test_two_processes_share_one_token(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        app = door_app(tmp_path, f"http://{it.door.api._http.base_url.netloc.decode()}", FakeBot(), it.clock)
        it.platform.slow["/cgi-bin/stable_token"] = 0.3
        async with listening(app):
            apis = [it.door.api, app.state.wechat.api]
            tokens = await asyncio.gather(*(api._token() for api in apis * 5))
        assert len(set(tokens)) == 1
        assert sum(path == "/cgi-bin/stable_token" for path, _said in it.platform.calls) == 1


async def test_a_slow_api_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await late(it, "一")  # a token is there
        it.platform.slow[SEND] = 3.0
        it.bot.hold = asyncio.Event()
        it.hurry()
        assert await it.platform.text(ANN, "二") is None
        it.relax()
        it.bot.hold.set()
        await asyncio.sleep(0.1)
        assert "答：别人" in str(await it.platform.text(BEN, "别人"))
        assert it.platform.exchanges[-1].seconds < 2.5
        await it.quiet()
        assert [words[:3] for words in it.seen()] == ["答：一", "答：二"]


async def test_an_api_that_cannot_be_reached_is_asked_again(tmp_path: Path) -> None:
    async with wechat(tmp_path, wechat_api_base="http://127.0.0.1:9") as it:
        await late(it, "你好")
        assert it.seen() == []
        it.door.api._http.base_url = it.address
        for _ in range(2):
            it.clock.advance(timedelta(seconds=31))
            await it.round()
        assert (len(it.seen()), it.platform.phone(ANN).pushed) == (1, 1)


async def test_what_a_crash_left_untold_is_pushed_after_the_next_start(tmp_path: Path) -> None:
    async with wechat(tmp_path, held()) as it:
        it.hurry()
        assert await it.platform.text(ANN, "你好") is None
        for task in it.door.talk._tasks:
            task.cancel()  # the door dies, the bot has the message
        await asyncio.sleep(0.05)
    clock = fixed_clock()
    clock.advance(timedelta(minutes=1))
    async with wechat(tmp_path, clock=clock, prepare=lambda platform: platform.allow(ANN)) as it:
        await it.quiet()
        clock.advance(timedelta(seconds=20))
        await it.round()
        await it.round()
        assert len(it.seen()) == 1
        assert "答：你好" in it.seen()[0]


@pytest.mark.parametrize("is_late", [False, True])
async def test_an_answer_on_its_way_when_the_door_dies_is_told_after_the_next_start(
    tmp_path: Path, is_late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aid.store.followers import Followers
    from channels.wechat.delivery import Delivery
    from channels.wechat.waiting import Waiting

    async def dies(*_args: object) -> str:
        raise RuntimeError("the process is killed here")

    def dies_too(_self: Waiting, content: str | None) -> bool:
        if content is not None:
            raise RuntimeError("the process is killed here")
        return True

    async with wechat(tmp_path, held()) as it:
        with monkeypatch.context() as patch:
            patch.setattr(Delivery, "_push_ready", dies)
            patch.setattr(Waiting, "give", dies_too)
            patch.setattr(Followers, "settled", lambda *_args: None)
            it.hurry(0.5 if is_late else 4.0)
            asked = asyncio.create_task(it.platform.text(ANN, "你好"))
            await asyncio.sleep(1.5 if is_late else 0.2)
            await released(it)
            await asked
    clock = fixed_clock()
    clock.advance(timedelta(minutes=2))
    async with wechat(tmp_path, clock=clock, prepare=lambda platform: platform.allow(ANN)) as it:
        await it.round()
        await it.round()
        assert len(it.seen()) == 1
        assert "答：你好" in it.seen()[0]


async def test_ten_messages_at_once_are_answered_each_once_and_in_order(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        answers = await asyncio.gather(*(it.platform.text(ANN, f"第{n}句") for n in range(10)))
        await it.quiet()
        assert not it.bot.overlapped
        order = [words.removeprefix("第").removesuffix("句") for words in it.bot.texts()]
        assert sorted(order) == [str(n) for n in range(10)]
        told = "\n".join(it.seen())
        assert all(told.count(f"答：第{n}句") == 1 for n in range(10))
        assert len(answers) == 10


async def test_messages_one_after_another_are_told_in_their_order_even_when_late(tmp_path: Path) -> None:
    async with wechat(tmp_path, held()) as it:
        it.hurry(0.8)
        tasks = []
        for n in range(6):
            tasks.append(asyncio.create_task(it.platform.text(ANN, f"第{n}句")))
            await asyncio.sleep(0.05)
        assert await asyncio.gather(*tasks) == [None] * 6
        await released(it)
        assert it.bot.texts() == [f"第{n}句" for n in range(6)]
        it.relax()
        # Five may be pushed after the last message; the sixth answer waits for the next.
        assert [words[:5] for words in it.seen()] == [f"答：第{n}句" for n in range(5)]
        assert str(await it.platform.text(ANN, "更多")).startswith("答：第5句")


async def test_twenty_followers_at_once_are_all_answered(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        people = [f"oFAN{n:02}5ggOC-bXrbNODIiE3bG" for n in range(20)]
        answers = await asyncio.gather(*(it.platform.text(openid, f"我是{openid}") for openid in people))
        assert all(f"答：我是{openid}" in str(answer) for openid, answer in zip(people, answers, strict=True))
        assert len(it.bot.calls) == 20


async def test_a_record_that_does_not_answer_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aid.store.errors import StoreUnavailable
    from aid.store.followers import Followers

    def away(*_args: object) -> None:
        raise StoreUnavailable("away")

    async with wechat(tmp_path) as it:
        with monkeypatch.context() as patch:
            patch.setattr(Followers, "is_seen", away)
            assert "系统正忙" in str(await it.platform.text(ANN, "你好"))
        assert it.bot.calls == []
        assert "答：你好" in str(await it.platform.text(ANN, "你好"))


async def test_more_messages_than_a_person_writes_are_not_taken_and_he_is_told_so(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        it.app.state.door.limits.messages._alone._per_minute = 3
        answers = [str(await it.platform.text(ANN, f"第{n}句")) for n in range(5)]
        assert ["答：" in answer for answer in answers] == [True] * 3 + [False] * 2
        assert "太快" in answers[-1]
        assert "答：别人" in str(await it.platform.text(BEN, "别人"))
        assert it.bot.texts() == ["第0句", "第1句", "第2句", "别人"]
        await it.platform.event(ANN, "unsubscribe", EventKey="")  # leaving is never refused
        assert it.door.talk._followers.find(ANN) is None


async def test_what_the_record_has_not_taken_is_not_said_to_be_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aid.store.followers import Followers

    enter, answers = Followers.enter, threading.Event()

    def slow(self: Followers, openid: str) -> object:
        answers.wait(10)
        return enter(self, openid)

    async with wechat(tmp_path, pace=Pace(Tempo(answer=0.3), rounds=3600)) as it:
        monkeypatch.setattr(Followers, "enter", slow)
        it.platform.patience = 0.6
        asked = asyncio.create_task(it.platform.text(ANN, "你好"))
        await asyncio.sleep(0.9)
        assert it.platform.exchanges == []  # the platform has hung up once, and tries again
        answers.set()
        await asked
        await it.quiet()
        assert it.bot.texts() == ["你好"]
        assert ["答：你好" in words for words in it.seen()] == [True]


async def test_the_openid_stands_nowhere_in_the_record(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        await it.platform.text(ANN, "你好")
        await it.platform.event(ANN, "CLICK", EventKey="unknown")
        store = open_store(settings_in(tmp_path))
        with store.reading() as session:
            rows = [str(row) for table in ("wechat_follower", "wechat_seen", "inbound", "conversation") for row in session.execute(text(f"SELECT * FROM {table}"))]
        store.close()
        assert rows
        assert not any(ANN in row for row in rows)


HOSTILE: dict[str, bytes] = {
    "no body": b"",
    "json": b'{"ToUserName": "x"}',
    "forged": b"<xml><ToUserName>gh</ToUserName><FromUserName>o</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>/restart</Content><MsgId>1</MsgId></xml>",
    "external entity": b'<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Encrypt>&x;</Encrypt></xml>',
    "billion laughs": b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(b'<!ENTITY %c "&%c;&%c;&%c;&%c;">' % (98 + n, 97 + n, 97 + n, 97 + n, 97 + n) for n in range(20)) + b"]><xml>&u;</xml>",
    "deep": b"<xml>" + b"<a>" * 9000 + b"</a>" * 9000 + b"</xml>",
    "gbk": '<?xml version="1.0" encoding="GBK"?><xml><Encrypt>你好</Encrypt></xml>'.encode("gbk"),
    "unknown encoding": b'<?xml version="1.0" encoding="x-mystery"?><xml></xml>',
    "utf-16": "<xml></xml>".encode("utf-16"),
    "two ciphertexts": b"<xml><Encrypt>AAAA</Encrypt><Encrypt>BBBB</Encrypt></xml>",
    "eight megabytes": b"<xml><Encrypt>" + b"A" * 8_000_000 + b"</Encrypt></xml>",
    "no ciphertext": b"<xml><ToUserName>gh</ToUserName></xml>",
    "nul": b"<xml>\x00</xml>",
}


def kept(folder: Path) -> int:
    """How many conversations and messages there are."""
    store = open_store(settings_in(folder))
    with store.reading() as session:
        counts = [session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in ("conversation", "inbound", "wechat_seen")]
    store.close()
    return sum(counts)


@pytest.mark.parametrize("mode", ["plain", "secure"])
async def test_hostile_requests_are_refused_without_a_word_and_without_effect(tmp_path: Path, mode: str) -> None:
    async with wechat(tmp_path, mode=mode) as it:
        statuses = {}
        for name, body in HOSTILE.items():
            query, _sent = it.platform.signed("<xml></xml>")
            # In plain mode nothing but the signature tells a forged message from a real one: that is why secure mode is the default.
            signed = [query] if (mode, name) != ("plain", "forged") else []
            for asked in (*signed, {**query, "signature": "0" * 40, "msg_signature": "f" * 40}, {}):
                answer = await it.client.post("/wechat/callback", params=asked, content=body)
                statuses[name] = answer.status_code
                assert answer.status_code in (400, 403), name
                assert answer.content == b"", name
        assert statuses["eight megabytes"] == 400
        assert (it.bot.calls, kept(tmp_path)) == ([], 0)
        # The door is as it was.
        assert "答：你好" in str(await it.platform.text(ANN, "你好"))


async def test_a_body_without_a_length_is_cut_off(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        query, _sent = it.platform.signed("<xml></xml>")

        async def endless() -> Any:
            for _ in range(200):
                yield b"A" * 8192

        answer = await it.client.post("/wechat/callback", params=query, content=endless())
        assert (answer.status_code, answer.content) == (400, b"")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"FromUserName": ""}, 400),
        ({"FromUserName": None}, 400),
        ({"ToUserName": None}, 400),
        ({"CreateTime": "gestern"}, 400),
        ({"MsgType": None}, 400),
        ({"MsgId": None}, 400),
        ({"MsgId": "1 OR 1=1"}, 400),
        ({"FromUserName": "o" * 200}, 400),
        ({"FromUserName": "o\n1"}, 400),
        ({"Content": None}, 400),
        ({"MsgType": "image", "Content": None}, 400),
        ({"MsgType": "event", "Content": None}, 400),
    ],
)
@pytest.mark.parametrize("mode", ["plain", "secure"])
async def test_signed_messages_that_lack_something_are_refused(tmp_path: Path, mode: str, change: dict[str, str | None], status: int) -> None:
    async with wechat(tmp_path, mode=mode) as it:
        fields: dict[str, str | None] = {**it.platform.fields(ANN, "text", MsgId="1", Content="你好"), **change}
        exchange = await it.platform.deliver(document({name: value for name, value in fields.items() if value is not None}))
        assert (exchange.status, it.bot.calls) == (status, [])


async def test_wrong_accounts_and_old_requests_are_refused(tmp_path: Path) -> None:
    async with wechat(tmp_path) as it:
        body = document(it.platform.fields(ANN, "text", MsgId="1", Content="你好"))
        it.platform.account.app_id = "wx0000000000000000"
        assert (await it.platform.deliver(body)).status == 403
        it.platform.account.app_id = "wxba5fad812f8e6fb9"
        query, sent = it.platform.signed(body)
        it.clock.advance(timedelta(minutes=6))
        assert (await it.client.post("/wechat/callback", params=query, content=sent)).status_code == 403
        doubled = [*query.items(), ("nonce", "1")]
        assert (await it.client.post("/wechat/callback", params=doubled, content=sent)).status_code == 400
        assert it.bot.calls == []


async def test_the_previous_key_is_good_while_it_is_being_changed(tmp_path: Path) -> None:
    new = "Z" * 42 + "A"
    async with wechat(tmp_path, wechat_aes_key=new, wechat_aes_key_previous=KEY) as it:
        assert "答：旧" in str(await it.platform.text(ANN, "旧"))  # the stand-in has the old one
        it.platform.account.aes_key = new
        assert "答：新" in str(await it.platform.text(ANN, "新"))


async def test_an_overheard_request_cannot_be_sent_with_other_words(tmp_path: Path) -> None:
    async with wechat(tmp_path, mode="plain") as it:
        moment, nonce = str(int(it.clock.now().timestamp())), "1"
        query = {"signature": signature(TOKEN, moment, nonce), "timestamp": moment, "nonce": nonce}
        bodies = [document(it.platform.fields(ANN, "text", MsgId=str(n), Content=f"第{n}句")) for n in (1, 1, 2)]
        statuses = [(await it.client.post("/wechat/callback", params=query, content=body.encode())).status_code for body in bodies]
        assert statuses == [200, 200, 403]
        assert it.bot.texts() == ["第1句"]

