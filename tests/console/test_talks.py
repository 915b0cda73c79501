"""The workbench's talks, through HTTP: take over, reply, hand back, end; who has a talk, who may take it, and what is logged."""

from __future__ import annotations

import re

import pytest

from aid.replies import Reply
from aid.store.access import Access
from aid.store.followers import Followers
from aid.store.messages import Messages
from tests.console.desk import Bench


@pytest.fixture
def messages(bench: Bench) -> Messages:
    return Messages(bench.desk.store, bench.desk.vault, bench.clock)


@pytest.fixture
def talk(messages: Messages) -> str:
    """A person at the page without scripts, who has told his telephone."""
    conversation = messages.open_conversation("web").id
    says(messages, conversation, "我的电话是13900007001，摊位被抄了", "请说说")
    return conversation


def says(messages: Messages, conversation: str, text: str, answer: str = "答") -> None:
    number = messages.conversation(conversation).last_number
    inbound, _new = messages.add_inbound(conversation, f"client-{number}-{len(text)}", text)
    if inbound.status == "pending":
        messages.finish_turn(inbound.id, [Reply(text=answer)])


def told(messages: Messages, conversation: str) -> list[tuple[str, str]]:
    replies = messages.replies_after(conversation)
    return [((reply.body["author"] or {"name": "bot"})["name"], reply.body["text"]) for reply in replies]


def test_a_member_of_staff_takes_a_talk_over_replies_and_gives_it_back(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    browser.get("talks")
    browser.post("talks/sign", {"sign": "工号 012"})
    page = browser.get(f"talks/{talk}").text
    assert "139****7001" in page
    assert "13900007001" not in page
    answer = browser.post(f"talks/{talk}/take")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/talks/{talk}#say")
    page = browser.get(f"talks/{talk}").text
    assert "13900007001" in page, "who speaks with a person sees what he said"
    assert "现在是您在谈" in page
    assert browser.post(f"talks/{talk}/say", {"text": "您好，<b>请讲</b>"}).status_code == 303
    says(messages, talk, "谢谢")
    page = browser.get(f"talks/{talk}").text
    assert "&lt;b&gt;请讲&lt;/b&gt;" in page
    assert browser.post(f"talks/{talk}/hand-back").status_code == 303
    assert [name for name, _text in told(messages, talk)] == ["bot", "长春知识产权保护中心", "长春知识产权保护中心 · 工号 012", "长春知识产权保护中心"]
    assert messages.conversation(talk).is_bots


def test_the_take_over_stands_in_the_access_log(bench: Bench, talk: str) -> None:
    bench.staff("wang", "handler@subcenter-2")
    bench.staff("boss", "supervisor@*")
    browser = bench.browser("wang")
    browser.get("talks")
    browser.post(f"talks/{talk}/take")
    assert "联系当事人" in bench.browser("boss").get("log").text


def test_the_second_is_told_who_has_it_and_only_a_supervisor_takes_it_from_him(bench: Bench, messages: Messages, talk: str) -> None:
    for name, role in (("wang", "handler@main"), ("li", "intake@main"), ("boss", "supervisor@main")):
        bench.staff(name, role)
    wang, li, boss = (bench.browser(name) for name in ("wang", "li", "boss"))
    wang.post(f"talks/{talk}/take")
    answer = li.post(f"talks/{talk}/take")
    assert answer.status_code == 409
    assert "这个对话现在由Wang在谈。" in answer.text
    assert "只有主管可以接过来" in li.post(f"talks/{talk}/take", {"colleague": "1"}).text
    answer = li.post(f"talks/{talk}/say", {"text": "我想插一句"})
    assert answer.status_code == 409
    assert "我想插一句" not in str(told(messages, talk))
    assert boss.post(f"talks/{talk}/take", {"colleague": "1"}).status_code == 303
    answer = wang.post(f"talks/{talk}/say", {"text": "还在我这里吗"})
    assert "已经不在您手上了" in answer.text
    assert [text for _name, text in told(messages, talk)][-1].startswith("现在换长春知识产权保护中心的另一位工作人员")


def test_words_that_cannot_be_sent_are_not_lost(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    browser.post(f"talks/{talk}/take")
    assert "请先写一句话" in browser.post(f"talks/{talk}/say", {"text": " \u200b "}).text
    Access(bench.desk.store, bench.clock).end(talk)
    answer = browser.post(f"talks/{talk}/say", {"text": "请您把照片发来"})
    assert (answer.status_code, "对方已经结束了这个对话" in answer.text) == (409, True)
    assert "对方已经结束了对话。" in browser.get(f"talks/{talk}").text


def test_the_lists_show_who_waits_with_place_and_masked_words(bench: Bench, talk: str) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    service = bench.desk.service
    service.attendance.here("somebody")
    assert service.waiting.ask(talk).outcome == "waiting"
    page = browser.get("talks").text
    assert re.search(r"<title>（1 人在等）对话", page)
    assert "139****7001" in page
    assert "13900007001" not in page
    browser.post(f"talks/{talk}/take")
    page = browser.get("talks/list").text
    assert "等工作人员的人（0）" in page
    assert "Wang（长春知识产权保护中心）" in page
    browser.post(f"talks/{talk}/end")
    assert "小援正在谈的（最近半小时）（1）" in browser.get("talks/list").text


def test_staff_of_a_center_whose_name_is_not_verified_are_shown_without_it(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("li", "handler@subcenter-2")
    browser = bench.browser("li")
    browser.post(f"talks/{talk}/take")
    browser.post(f"talks/{talk}/say", {"text": "您好"})
    assert told(messages, talk)[-1] == ("维权援助分中心", "您好")


@pytest.mark.parametrize("path", ["", "/lines"])
def test_a_talk_that_is_none_is_a_page_that_is_not_there(bench: Bench, path: str) -> None:
    bench.staff("wang", "handler@main")
    assert bench.browser("wang").get(f"talks/no-such-talk{path}").status_code == 404


def test_an_auditor_reads_and_does_nothing(bench: Bench, talk: str) -> None:
    bench.staff("audit", "auditor@*")
    browser = bench.browser("audit")
    page = browser.get(f"talks/{talk}").text
    assert "139****7001" in page
    assert "接手</button>" not in page
    for act in ("take", "say", "hand-back", "end"):
        assert browser.post(f"talks/{talk}/{act}").status_code == 403


def test_a_form_of_another_site_or_without_its_guard_takes_nothing(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    assert browser.post(f"talks/{talk}/take", guard="").status_code == 403
    assert browser.post(f"talks/{talk}/take", Origin="https://elsewhere.example").status_code == 403
    assert messages.conversation(talk).is_bots


def test_a_double_click_sends_once_and_each_page_sends_anew(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    browser.post(f"talks/{talk}/take")
    sendings = [re.findall(r'name="sending" value="([^"]{22})"', browser.get(f"talks/{talk}").text) for _ in range(2)]
    assert len({one for found in sendings for one in found}) == 2
    for [sending] in (sendings[0], sendings[0], sendings[1]):
        assert browser.post(f"talks/{talk}/say", {"text": "您好", "sending": sending}).status_code == 303
    assert [text for _name, text in told(messages, talk)].count("您好") == 2


def test_staff_see_before_and_after_whether_their_words_reach_a_follower_in_wechat(bench: Bench, messages: Messages) -> None:
    followers = Followers(bench.desk.store, bench.desk.vault, bench.clock, Access(bench.desk.store, bench.clock))
    follower = followers.enter("oANN4Kd5ggOC-bXrbNODIiE3bGY1")
    followers.note(follower, "key", "message")
    says(messages, follower.conversation_id, "我的摊位被抄了")
    bench.staff("wang", "handler@main")
    browser, reach = bench.browser("wang"), bench.desk.service.words.reach
    browser.post(f"talks/{follower.conversation_id}/take")
    assert reach.wechat_later in browser.get(f"talks/{follower.conversation_id}").text, "there is no WeChat door in this set-up"
    browser.post(f"talks/{follower.conversation_id}/say", {"text": "请说说"})
    assert reach.untold.format(count=2) in browser.get(f"talks/{follower.conversation_id}/lines").text
