"""The workbench's talks, through HTTP: take over, reply, hand back, end; who has a talk, who may take it, and what is logged."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from aid.people.rights import Grant
from aid.replies import NoneCard, QuestionCard, Reply
from aid.store.access import Access
from aid.store.errors import UnknownConversation
from aid.store.followers import Followers
from aid.store.messages import Messages
from tests.console.cases import house_of
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


def test_the_name_that_a_person_told_is_hidden_in_list_and_talk_until_somebody_speaks_with_him(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    drafts = bench.desk.office.drafts
    inbound, _new = messages.add_inbound(talk, "told", "我是王小强，有人抄我的车灯")
    draft = drafts.open(talk, "expo_complaint", inbound.id)
    drafts.save(draft, facts={"name": "王小强"}, asked="phone", inbound_id=inbound.id, failures=0)
    messages.finish_turn(inbound.id, [Reply(text="王小强，您好，您的电话？")])
    says(messages, talk, "王小强")
    browser = bench.browser("wang")
    for path in ("talks", "talks/list", f"talks/{talk}", f"talks/{talk}/lines"):
        page = browser.get(path).text
        assert "王小强" not in page, path
        assert "王**" in page, path
    browser.post(f"talks/{talk}/take")
    assert "王小强" in browser.get(f"talks/{talk}").text


def test_a_talk_with_cards_of_every_kind_is_shown(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    cards = [
        QuestionCard(case_kind="expo_complaint", field="booth", ask="几号展位？", why="好找", step=2, steps=11),
        NoneCard(reason="none"),
    ]
    inbound, _new = messages.add_inbound(talk, "on", "接着填")
    messages.finish_turn(inbound.id, [Reply(text=f"第{number}张", card=card) for number, card in enumerate(cards)])
    answer = bench.browser("wang").get(f"talks/{talk}")
    assert answer.status_code == 200
    assert "［登记的问题］" in answer.text


def test_what_follows_a_question_for_the_name_is_hidden_whatever_became_of_the_form(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    card = QuestionCard(case_kind="expo_complaint", field="name", ask="怎么称呼您？", why="好联系您", step=9, steps=11)
    inbound, _new = messages.add_inbound(talk, "on", "接着填")
    messages.finish_turn(inbound.id, [Reply(text="怎么称呼您？", card=card)])
    for text in ("欧阳小强", "不填了"):
        bench.clock.advance(timedelta(seconds=5))
        says(messages, talk, text)
    page = bench.browser("wang").get(f"talks/{talk}").text
    assert "欧阳小强" not in page
    assert "欧阳**" in page
    assert "不填了" in page


def test_who_lost_the_right_to_speak_sees_the_talk_that_was_his_masked(bench: Bench, talk: str) -> None:
    wang = bench.staff("wang", "handler@main")
    bench.browser("wang").post(f"talks/{talk}/take")
    bench.desk.accounts.set_grants(wang.id, [Grant.read("auditor@main")], by="test")
    page = bench.browser("wang").get(f"talks/{talk}").text
    assert "13900007001" not in page
    assert "现在是您在谈" not in page


def test_a_supervisor_takes_no_talk_from_a_colleague_of_a_center_that_is_not_his(bench: Bench, messages: Messages, talk: str) -> None:
    for name, grants in {
        "wang": ["handler@subcenter-1"], "foreign": ["supervisor@subcenter-2"], "both": ["handler@subcenter-1", "supervisor@subcenter-2"],
        "chief": ["supervisor@subcenter-1"],
    }.items():  # fmt: skip
        bench.staff(name, *grants)
    bench.browser("wang").post(f"talks/{talk}/take")
    owner = messages.conversation(talk).owner_id
    for name in ("foreign", "both"):
        browser = bench.browser(name)
        assert "从同事手上接过来" not in browser.get(f"talks/{talk}").text
        answer = browser.post(f"talks/{talk}/take", {"colleague": "1"})
        assert answer.status_code == 409
        assert "只有主管可以接过来" in answer.text
        assert messages.conversation(talk).owner_id == owner
    assert bench.browser("chief").post(f"talks/{talk}/take", {"colleague": "1"}).status_code == 303


def test_a_sign_holds_nothing_unseen_and_stands_on_one_line(bench: Bench, messages: Messages, talk: str) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    browser.get("talks")
    browser.post("talks/sign", {"sign": "工号\u202e 012\u200b\n局长"})
    browser.post(f"talks/{talk}/take")
    browser.post(f"talks/{talk}/say", {"text": "您好"})
    assert told(messages, talk)[-1][0] == "长春知识产权保护中心 · 工号 012 局长"


def test_ready_words_of_both_files_stand_beside_the_field_filled_in(bench: Bench, talk: str) -> None:
    bench.staff("wang", "handler@main")
    house = house_of(bench)
    browser = bench.browser("wang")
    browser.post(f"talks/{talk}/take")
    page = browser.get(f"talks/{talk}").text
    assert 'data-canned="您好，我是长春知识产权保护中心的工作人员' in page
    assert "您的编号是" not in page, "no blank goes out: there is no case yet"
    assert "先留证据" in page
    ticket = house.filed()
    browser.post(f"talks/{ticket.conversation_id}/take")
    assert f'data-canned="您的编号是 {ticket.number}' in browser.get(f"talks/{ticket.conversation_id}").text


@pytest.mark.parametrize("act", ["take", "say", "hand-back", "end"])
def test_a_talk_that_its_person_deletes_in_this_moment_is_not_there(
    bench: Bench, talk: str, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    browser.get("talks")
    service = bench.desk.service

    def gone(*_given: object, **_more: object) -> None:
        raise UnknownConversation("deleted meanwhile")

    monkeypatch.setattr(type(service.takeovers), act.replace("-", "_"), gone)
    assert browser.post(f"talks/{talk}/{act}", {"text": "您好"}).status_code == 404


def test_a_sign_of_number_zero_in_any_body_is_refused(bench: Bench) -> None:
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    browser.get("talks")
    body = f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{browser.guard}\r\n--x\r\n'
    body += 'Content-Disposition: form-data; name="sign"\r\n\r\na\0b\r\n--x--\r\n'
    headers = {"Origin": browser.site, "Content-Type": "multipart/form-data; boundary=x"}
    assert browser.ask("POST", "talks/sign", content=body.encode(), headers=headers).status_code == 400


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


def test_the_news_of_the_lists_open_no_words(bench: Bench, messages: Messages, talk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked for each second by everybody who has the page open."""
    bench.staff("wang", "handler@main")
    browser = bench.browser("wang")
    browser.get("talks")
    browser.post(f"talks/{talk}/take")
    talks = bench.desk.service.talks

    def opened(*_sealed: object) -> str:
        raise AssertionError("something sealed was opened")

    with monkeypatch.context() as patch:
        patch.setattr(type(bench.desk.vault), "decrypt", opened)
        before = talks.standing()
    [(id_, state, owner, number)] = before
    assert (id_, state, owner) == (talk, "taken", bench.desk.accounts.named("wang").id)
    says(messages, talk, "还在吗")
    assert talks.standing() == [(id_, state, owner, number + 1)]
    browser.post(f"talks/{talk}/end")
    assert talks.standing() == []
