"""The queue and the case page, through HTTP: what is shown to whom, what is done, two people at once, and addresses that are guessed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from aid.store.models import EvidenceAccessRow
from aid.store.people_rows import SightRow
from aid.takeover.staff import Staff
from tests.console.cases import house_of, photo
from tests.console.desk import Bench, Browser
from tests.desk.house import House

SECRETS = ("王小强", "13900007101")
OWN = {"reason": "verify", "words": ""}


@pytest.fixture
def house(bench: Bench) -> House:
    for name, grants in {
        "chief": ["supervisor@*"], "cars": ["handler@subcenter-1"], "optics": ["handler@subcenter-2"], "main": ["handler@main"],
        "clerk": ["intake@subcenter-1"], "audit": ["auditor@*"], "boss": ["administrator@*"],
    }.items():  # fmt: skip
        bench.staff(name, *grants)
    return house_of(bench)


def seen_of(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return found[1]


def do(browser: Browser, number: str, event: str, seen: str | None = None, key: str | None = None, **form: Any) -> Any:
    """Opens the page and sends the form that stands in it."""
    page = browser.get(f"cases/{number}").text
    address = f"cases/{number}/do/{event}"
    assert f'action="/console/{address}"' in page, f"{event} is not offered"
    key_ = re.search(rf'{address}".*?name="key" value="([^"]+)"', page, re.S)
    assert key_
    return browser.post(address, {"seen": seen or seen_of(page), "key": key or key_[1], **form})


def numbers(page: str) -> list[str]:
    return re.findall(r'class="open" href="/console/cases/(CC-\d{4}-\d{6})"', page)


def test_the_queue_shows_each_his_own_the_most_urgent_first(bench: Bench, house: House) -> None:
    cars, optics = house.filed(), house.filed(event="长春国际光电博览会")
    urgent = house.filed(leaves_on="2026-11-24")
    assert numbers(bench.browser("chief").get("cases").text) == [urgent.number, cars.number, optics.number]
    assert numbers(bench.browser("cars").get("cases").text) == [urgent.number, cars.number]
    assert numbers(bench.browser("optics").get("cases").text) == [optics.number]
    assert numbers(bench.browser("main").get("cases").text) == [urgent.number, cars.number, optics.number], "in copy"
    assert bench.browser("boss").get("cases").status_code == 403


def test_urgency_is_told_in_words_too_and_personal_data_not_at_all(bench: Bench, house: House) -> None:
    house.filed(leaves_on="2026-11-24")
    late = house.filed("aid_application")
    house.later(days=3)
    page = bench.browser("chief").get("cases").text
    assert "超 2 个工作日" in page
    assert '<span class="urgency overdue">已超期</span>' in page
    assert "已超期 <b id=\"tally-overdue\">2</b>" in page
    assert not any(secret in page for secret in (*SECRETS, "李梅", "13900007102"))
    house.does(late, "returned")
    page = bench.browser("chief").get("cases", state="returned").text
    assert "另有期限暂停计算" in page
    assert "等当事人补正" in page


def test_filters_stand_in_the_address_and_in_the_form(bench: Bench, house: House) -> None:
    house.filed()
    aid = house.filed("aid_application")
    browser = bench.browser("chief")
    page = browser.get("cases", kind="aid_application", words="朝阳").text
    assert numbers(page) == [aid.number]
    assert re.search(r'name="kind" value="aid_application" checked', page)
    assert 'value="朝阳"' in page
    assert numbers(browser.get("cases", words=aid.number[-3:]).text) == [aid.number]
    assert numbers(browser.get("cases", words="13900007102").text) == [aid.number]
    bad = browser.get("cases", due_within="soon")
    assert (bad.status_code, len(numbers(bad.text))) == (422, 2)
    assert "筛选条件看不懂" in bad.text
    empty = browser.get("cases", words="没有这样的东西").text
    assert "没有符合条件的案件" in empty


def test_hostile_words_come_back_harmless(bench: Bench, house: House) -> None:
    hostile = '"><script>alert(1)</script>'
    ticket = house.filed(exhibit=hostile, respondent=hostile)
    browser = bench.browser("chief")
    do(browser, ticket.number, "noted", text=hostile)
    for page in (browser.get("cases", words=hostile).text, browser.get(f"cases/{ticket.number}").text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_a_case_page_holds_all_that_is_needed_with_personal_data_masked(bench: Bench, house: House) -> None:
    ticket = house.filed()
    photo(house, ticket)
    page = bench.browser("cars").get(f"cases/{ticket.number}").text
    for told in ("车灯", "A3馆B12", "王**", "139****7101", "第一次联系", "汽车产业", "SHA-256", "对话", "可能是同一件", "展会投诉要带", ticket.reasons[0]):
        assert told in page, told
    assert not any(secret in page for secret in SECRETS)
    assert "<img" not in page


def test_a_center_in_copy_sees_the_case_but_not_the_talk(bench: Bench, house: House) -> None:
    ticket = house.filed()
    said = "当事人</b>"
    assert said in bench.browser("cars").get(f"cases/{ticket.number}").text
    page = bench.browser("main").get(f"cases/{ticket.number}").text
    assert "车灯" in page
    assert 'id="talk"' not in page


def test_a_case_goes_from_new_to_concluded_through_the_pages_with_every_action(bench: Bench, house: House) -> None:
    ticket, other = house.filed(), house.filed("aid_application")
    browser = bench.browser("chief")
    road: list[tuple[str, dict[str, Any]]] = [
        ("noted", {"text": "先看材料"}),
        ("contacted", {"way": "电话", "text": "说好补材料"}),
        ("returned", {"missing": ["专利证书", "委托书"], "complete": "1"}),
        ("supplemented", {"text": "补来了证书"}),
        ("transferred", {"receiver": "subcenter-2", "reason": "属于光电"}),
        ("accepted", {}),
        ("started", {}),
        ("session", {"on": "2026-11-25", "text": "上午九点"}),
        ("referred", {"to": "police", "reason": "涉嫌犯罪"}),
        ("started", {}),
        ("concluded", {"outcome": "已撤下"}),
        ("reopened", {"reason": "又摆出来了"}),
        ("mediated", {"on": "2026-11-23", "outcome": "对方停止销售"}),
        ("reopened", {"reason": "没有履行"}),
        ("withdrawn", {"reason": "电话说不办了"}),
        ("reopened", {"reason": "又要办"}),
        ("not_accepted", {"reason": "归文化执法管"}),
        ("reopened", {"reason": "弄错了"}),
        ("merged", {"into": other.number}),
    ]
    assert {event for event, _ in road} == {*house.desk.words.actions}
    for event, form in road:
        answer = do(browser, ticket.number, event, **form)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/console/cases/{ticket.number}"), (event, answer.text)
    log = house.office.log.events(ticket)
    assert [line.kind for line in log][2:] == [event for event, _ in road]
    assert {line.actor for line in log[2:]} == {"supervisor:chief"}
    page = browser.get(f"cases/{ticket.number}").text
    assert "对方停止销售" in page
    assert "主管 Chief" in page


def test_only_what_the_table_allows_is_offered_to_each_role(bench: Bench, house: House) -> None:
    ticket = house.filed()

    def offered(name: str) -> set[str]:
        return set(re.findall(rf"cases/{ticket.number}/do/(\w+)", bench.browser(name).get(f"cases/{ticket.number}").text))

    assert "not_accepted" in offered("cars")
    assert "not_accepted" not in offered("clerk")
    assert "merged" in offered("clerk") & offered("chief")
    assert "merged" not in offered("cars")
    assert offered("main") == {"noted"}, "in copy: a note and no more"
    assert offered("audit") == set()
    assert "concluded" not in offered("chief")


def test_what_was_guessed_is_not_found_and_changes_nothing(bench: Bench, house: House) -> None:
    """404 for what one may not know of, whatever is asked; 403 for what one sees and may not do."""
    ticket = house.filed()
    file = photo(house, ticket)
    stranger, copied, auditor = bench.browser("optics"), bench.browser("main"), bench.browser("audit")
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "", {}),
        ("POST", "/do/noted", {"text": "x", "seen": "2", "key": "k"}),
        ("POST", "/do/accepted", {"seen": "2", "key": "k"}),
        ("POST", "/reveal", OWN),
        ("POST", "/here", {"seen": "2"}),
        ("POST", "/document", OWN),
        ("GET", f"/files/{file}/preview", {}),
        ("POST", f"/files/{file}/original", OWN),
    ]
    for method, path, form in asked:
        for number in (ticket.number, "CC-2026-999999", "../people", "%2e%2e"):
            address = f"cases/{number}{path}"
            answer = stranger.get(address) if method == "GET" else stranger.post(address, form)
            assert answer.status_code in (404, 405, 403) if number.startswith((".", "%")) else answer.status_code == 404, (method, address)
    for path, form in (("/do/accepted", {"seen": "2", "key": "k"}), ("/reveal", OWN), ("/document", OWN), (f"/files/{file}/original", OWN)):
        assert copied.post(f"cases/{ticket.number}{path}", form).status_code == 403, path
        assert auditor.post(f"cases/{ticket.number}{path}", form).status_code == 403, path
    assert len(house.office.log.events(ticket)) == 2
    with house.store.reading() as session:
        assert session.scalars(select(SightRow)).all() == session.scalars(select(EvidenceAccessRow)).all() == []
    other = house.filed("aid_application")
    chief = bench.browser("chief")
    assert chief.post(f"cases/{other.number}/files/{file}/original", OWN).status_code == 404, "a file of another case"
    assert chief.post(f"cases/{ticket.number}/do/routed", {"seen": "2", "key": "k"}).status_code == 404


def test_a_form_without_its_guard_changes_nothing(bench: Bench, house: House) -> None:
    ticket = house.filed()
    browser = bench.browser("chief")
    for path in ("do/accepted", "reveal", "here", "document"):
        assert browser.post(f"cases/{ticket.number}/{path}", {**OWN, "seen": "2", "key": "k"}, guard="").status_code == 403
    assert len(house.office.log.events(ticket)) == 2


def test_personal_data_is_shown_for_a_reason_that_is_written_down_before(bench: Bench, house: House) -> None:
    ticket = house.filed()
    photo(house, ticket, "王小强的照片.jpg")
    browser = bench.browser("cars")
    refused = browser.post(f"cases/{ticket.number}/reveal", {"reason": ""})
    assert refused.status_code == 422
    assert "请选一个理由" in refused.text
    assert not any(secret in refused.text for secret in SECRETS)
    shown = browser.post(f"cases/{ticket.number}/reveal", OWN)
    assert all(secret in shown.text for secret in SECRETS)
    with house.store.reading() as session:
        [line] = session.scalars(select(SightRow))
    assert (line.staff_name, line.act, line.ticket_number, line.reason, line.what) == ("cars", "seen", ticket.number, "verify", ["name", "phone"])
    assert "王小强" not in browser.get(f"cases/{ticket.number}").text, "masked again"


def test_a_preview_needs_the_pass_that_the_reason_made(bench: Bench, house: House) -> None:
    ticket = house.filed()
    file = photo(house, ticket)
    browser = bench.browser("cars")
    shown = browser.post(f"cases/{ticket.number}/reveal", OWN).text
    found = re.search(r'<img src="/console/(cases/[^"]+)"', shown)
    assert found
    address = found[1].replace("&amp;", "&")
    picture = browser.get(address)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert picture.content[:2] == b"\xff\xd8"
    assert bench.browser("chief").get(address).status_code == 404, "another session"
    assert browser.get(f"cases/{ticket.number}/files/{file}/preview").status_code == 404
    assert browser.get(address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
    assert browser.get(address.replace("given=", "given=9")).status_code == 404
    house.later(minutes=11)
    assert browser.get(address).status_code == 404, "over"
    with house.store.reading() as session:
        [access] = session.scalars(select(EvidenceAccessRow))
    assert (access.actor, access.ticket_id) == ("cars", ticket.id)


def test_an_original_and_the_paper_go_out_for_a_reason(bench: Bench, house: House) -> None:
    ticket = house.filed()
    file = photo(house, ticket)
    browser = bench.browser("cars")
    assert browser.post(f"cases/{ticket.number}/files/{file}/original", {"reason": ""}).status_code == 422
    original = browser.post(f"cases/{ticket.number}/files/{file}/original", OWN)
    assert original.status_code == 200
    assert original.headers["content-disposition"].startswith("attachment")
    [kept] = house.office.evidence.of_ticket(ticket.id)
    assert len(original.content) == kept.size
    assert browser.post(f"cases/{ticket.number}/document", {}).status_code == 422
    paper = browser.post(f"cases/{ticket.number}/document", OWN)
    assert paper.content[:2] == b"PK"
    assert ticket.number in paper.headers["content-disposition"]
    with house.store.reading() as session:
        assert [line.act for line in session.scalars(select(SightRow).order_by(SightRow.id))] == ["taken_out", "taken_out"]
    house.filed("aid_application")


def test_who_was_slower_sees_what_changed_and_keeps_what_he_wrote(bench: Bench, house: House) -> None:
    ticket = house.filed()
    slow, fast = bench.browser("cars"), bench.browser("chief")
    seen = seen_of(slow.get(f"cases/{ticket.number}").text)
    assert do(fast, ticket.number, "contacted", way="电话", text="已经说过了").status_code == 303
    answer = do(slow, ticket.number, "not_accepted", seen=seen, reason="这是我写了很久的理由")
    assert answer.status_code == 409
    assert "已经有了变动" in answer.text
    assert "已经说过了" in answer.text
    assert ">这是我写了很久的理由</textarea>" in answer.text
    assert [line.kind for line in house.office.log.events(ticket)][2:] == ["contacted"]
    again = slow.post(f"cases/{ticket.number}/do/not_accepted", {"seen": seen_of(answer.text), "key": "again", "reason": "想好了"})
    assert again.status_code == 303
    late = fast.post(f"cases/{ticket.number}/do/accepted", {"seen": "3", "key": "late", "text": "我受理的理由"})
    assert late.status_code == 409
    assert "我受理的理由" in late.text, "the action is gone, the words are not"


def test_a_form_that_lacks_something_comes_back_with_the_place_marked(bench: Bench, house: House) -> None:
    ticket = house.filed()
    answer = do(bench.browser("cars"), ticket.number, "returned", missing=["〔哪一种〕"])
    assert answer.status_code == 422
    assert "还有〔〕里的内容没有填" in answer.text
    assert "请核对后打勾" in answer.text
    assert ">〔哪一种〕</textarea>" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_the_same_form_sent_twice_is_done_once(bench: Bench, house: House) -> None:
    ticket = house.filed()
    browser = bench.browser("cars")
    for _ in range(2):
        assert browser.post(f"cases/{ticket.number}/do/noted", {"seen": "2", "key": "one", "text": "记一笔"}).status_code == 303
    assert [line.kind for line in house.office.log.events(ticket)].count("noted") == 1


def test_two_people_on_one_case_are_told_and_what_changed_beside(bench: Bench, house: House) -> None:
    ticket = house.filed()
    one, two = bench.browser("cars"), bench.browser("chief")
    assert one.post(f"cases/{ticket.number}/here", {"seen": "2"}).text.strip() == ""
    assert "Cars 也开着这件案子" in two.post(f"cases/{ticket.number}/here", {"seen": "2"}).text
    assert "Chief 也开着这件案子" in one.post(f"cases/{ticket.number}/here", {"seen": "2"}).text
    do(two, ticket.number, "accepted")
    moved = one.post(f"cases/{ticket.number}/here", {"seen": "2"}).text
    assert "刚有变动" in moved
    assert "受理" in moved
    house.later(minutes=5)
    assert "也开着" not in one.post(f"cases/{ticket.number}/here", {"seen": "3"}).text


def test_who_gives_a_case_away_is_led_back_to_the_queue(bench: Bench, house: House) -> None:
    ticket = house.filed()
    browser = bench.browser("clerk")
    answer = do(browser, ticket.number, "transferred", receiver="subcenter-2", reason="属于光电")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/cases")
    assert browser.get(f"cases/{ticket.number}").status_code == 404


def test_nothing_on_the_pages_needs_what_the_policy_forbids(bench: Bench, house: House) -> None:
    ticket = house.filed()
    photo(house, ticket)
    browser = bench.browser("chief")
    for page in (browser.get("cases").text, browser.get(f"cases/{ticket.number}").text, browser.post(f"cases/{ticket.number}/reveal", OWN).text):
        assert not re.search(r"<script(?! src=)|\sstyle=|\son\w+=|javascript:|data:|hx-on", page)
        assert page.count("<h1") == 1
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))


def test_the_talk_beside_a_case_tells_who_spoke_and_leads_to_the_talk_that_goes_on(bench: Bench, house: House) -> None:
    wang = bench.staff("wang", "handler@main")
    bench.staff("li", "auditor@main")
    ticket = house.filed(kind="aid_application")
    takeovers, staff = bench.desk.service.takeovers, Staff(wang.id, "main", "工号 012")
    takeovers.take(ticket.conversation_id, staff)
    takeovers.say(ticket.conversation_id, staff, "我来看一看")
    browser = bench.browser("wang")
    page = browser.get(f"cases/{ticket.number}").text
    talk = page[page.index('<ol class="talk">') :]
    said = talk[: talk.index("我来看一看")]
    assert "工号 012" in said[said.rindex("<li") :]
    assert "小援" not in said[said.rindex("<li") :], "what staff said is not the bot's"
    assert f'href="/console/talks/{ticket.conversation_id}"' in page
    assert f'href="/console/cases/{ticket.number}"' in browser.get(f"talks/{ticket.conversation_id}").text
    house.messages.close_conversation(ticket.conversation_id)
    assert f'href="/console/talks/{ticket.conversation_id}"' not in browser.get(f"cases/{ticket.number}").text


def test_the_names_of_another_case_of_the_same_talk_are_hidden_too(bench: Bench, house: House) -> None:
    bench.staff("wang", "handler@*")
    ticket = house.filed()
    inbound, _new = house.messages.add_inbound(ticket.conversation_id, "second", "再帮我同事赵大海登记一件")
    draft = house.office.drafts.open(ticket.conversation_id, "aid_application", inbound.id)
    house.office.drafts.save(draft, facts={"name": "赵大海"}, asked="phone", inbound_id=inbound.id, failures=0)
    assert "赵大海" not in bench.browser("wang").get(f"cases/{ticket.number}").text


@pytest.mark.parametrize(
    "query",
    [
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
        {"after": "9999-12-31.3.9999-12-31.CC-2026-000001"},
        {"after": "0001-01-01.3.0001-01-01.CC-2026-000001"},
    ],
)
def test_a_day_beyond_all_calendars_is_a_filter_that_is_not_understood(bench: Bench, house: House, query: dict[str, str]) -> None:
    answer = bench.browser("chief").get("cases", **query)
    assert answer.status_code == 422
    assert "看不懂" in answer.text


def test_a_case_is_merged_only_into_one_in_whose_log_he_may_write(bench: Bench, house: House) -> None:
    bench.staff("double", "intake@subcenter-1", "auditor@subcenter-2")
    ticket, other = house.filed(), house.filed(event="长春国际光电博览会")
    browser = bench.browser("double")
    assert browser.get(f"cases/{other.number}").status_code == 200
    answer = do(browser, ticket.number, "merged", into=other.number)
    assert answer.status_code == 422
    assert [event.kind for event in house.office.log.events(other)] == ["received", "routed"]


def test_blanks_beside_a_reason_are_no_words(bench: Bench, house: House) -> None:
    ticket = house.filed()
    file = photo(house, ticket)
    browser = bench.browser("cars")
    browser.get(f"cases/{ticket.number}")
    answer = browser.post(f"cases/{ticket.number}/files/{file}/original", {"reason": "verify", "words": "   "})
    assert answer.status_code == 200
    with house.store.reading() as session:
        [row] = session.scalars(select(EvidenceAccessRow))
    assert house.vault.decrypt(row.reason_sealed) == "verify"
