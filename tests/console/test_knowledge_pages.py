"""The pages of the knowledge desk, through HTTP: from a question asked in vain to a live entry by two persons."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from aid.clock import FixedClock
from aid.consultation.explain import Because, Explanation, Ranked, Weight
from aid.consultation.gaps import Gap
from aid.knowledge_desk.errors import TryUnavailable
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.form import form_of
from aid.knowledge_desk.search_server import SearchServer
from aid.settings import Settings
from serving.together import console_alone
from tests.console.desk import KNOWLEDGE, MORNING, Bench, Browser, cheap_passwords

TOPICS = ("assistant.yml", "assistant-2.yml", "preexam.yml", "preexam-2.yml", "preexam-3.yml", "preexam-4.yml")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A workbench over a copy of the knowledge with few topics, in which nothing refers to others."""
    folder = tmp_path / "knowledge"
    shutil.copytree(KNOWLEDGE, folder, ignore=shutil.ignore_patterns("consultations"))
    (folder / "consultations").mkdir()
    for name in TOPICS:
        text = (KNOWLEDGE / "consultations" / name).read_text("utf-8")
        (folder / "consultations" / name).write_text(re.sub(r"(?m)^    related: \[.*\]$", "    related: []", text), "utf-8")
    clock = FixedClock(MORNING.replace(month=12))
    app = console_alone(Settings(_env_file=None, var_dir=tmp_path / "var", knowledge_dir=folder, actions_port=1), clock, cheap_passwords())
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.life()):
        made = Bench(app, portal, clock)
        made.staff("wang", "handler@main")
        made.staff("li", "supervisor@main")
        made.staff("zhou", "auditor@*")
        yield made


def folder_of(bench: Bench) -> KnowledgeFolder:
    return KnowledgeFolder.of(bench.desk.settings)


def first_entry(bench: Bench) -> str:
    text = (bench.desk.settings.knowledge_dir / "consultations" / "preexam.yml").read_text("utf-8")
    found = re.search(r"- id: (\S+)", text)
    assert found
    return found[1]


def form(bench: Bench, entry: str, **changes: Any) -> dict[str, Any]:
    """The form of an entry as a browser would send it."""
    content = folder_of(bench).content(entry)
    fields = form_of(content)
    page = bench.browser("wang").get(f"knowledge/entries/{entry}/edit").text
    seen = re.search(r'name="seen" value="(\w*)"', page)
    assert seen
    return {**fields, "roles": fields["roles"].split(), "seen": seen[1], "why": "说清楚一点", **changes}


def proposed(browser: Browser, said: dict[str, Any]) -> str:
    answer = browser.post("knowledge/propose", said)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix("/console/")


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="(\w{64})"', page)
    assert found
    return found[1]


def test_an_edit_goes_from_the_form_by_a_second_person_into_the_file(bench: Bench) -> None:
    entry = first_entry(bench)
    wang, li = bench.browser("wang"), bench.browser("li")
    place = proposed(wang, form(bench, entry, short="先打12345问保护中心，再准备材料。"))
    page = wang.get(place).text
    assert "等审批" in page
    assert "批准，马上生效" not in page
    assert wang.post(f"{place}/approve", {"seen": "x"}).status_code == 403  # a handler never approves
    assert place.split("/")[-1] in li.get("knowledge").text
    page = li.get(place).text
    assert "<ins>" in page
    assert "先打12345问保护中心，再准备材料。" in page
    answer = li.post(f"{place}/approve", {"seen": seen_in(page)})
    assert answer.headers["location"] == f"/console/{place}?said=written"
    assert "已经生效" in li.get(f"{place}?said=written").text
    content = folder_of(bench).content(entry)
    assert content is not None
    assert content["short"] == "先打12345问保护中心，再准备材料。"
    page = li.get(f"knowledge/entries/{entry}").text
    assert "第 1 版" in page
    assert "Wang 写，Li 批准" in page
    answer = wang.post(f"knowledge/entries/{entry}/rollback", {"number": 0, "why": "改错了"})
    back = str(answer.headers["location"]).removeprefix("/console/")
    assert "恢复旧版" in li.get(back).text
    assert li.post(f"{back}/approve", {"seen": seen_in(li.get(back).text)}).status_code == 303
    assert form_of(folder_of(bench).content(entry))["short"] != "先打12345问保护中心，再准备材料。"


def test_an_author_with_the_right_to_approve_may_not_approve_himself(bench: Bench) -> None:
    entry, li = first_entry(bench), bench.browser("li")
    place = proposed(li, form(bench, entry, short="先打12345问保护中心。"))
    page = li.get(place).text
    assert "要请另一位同事审批" in page
    assert "批准，马上生效" not in page
    answer = li.post(f"{place}/approve", {"seen": bench_digest(bench, place)})
    assert answer.status_code == 403
    assert "要请另一位有审批权限的同事" in answer.text
    bench.staff("sun", "supervisor@*")
    sun = bench.browser("sun")
    assert sun.post(f"{place}/approve", {"seen": seen_in(sun.get(place).text)}).status_code == 303


def bench_digest(bench: Bench, place: str) -> str:
    from aid.knowledge_desk.changes import Changes

    return Changes(bench.desk.store, bench.desk.clock).one(place.rsplit("/", 1)[1]).digest


def test_a_text_that_changed_while_the_page_stood_open_is_not_approved(bench: Bench) -> None:
    entry, wang, li = first_entry(bench), bench.browser("wang"), bench.browser("li")
    place = proposed(wang, form(bench, entry, short="第一种说法。"))
    seen = seen_in(li.get(place).text)
    page = wang.get(f"{place}/edit").text
    assert "第一种说法。" in page
    answer = wang.post(f"{place}/edit", {**form(bench, entry, short="第二种说法。"), "revision": "1"})
    assert answer.status_code == 303
    answer = li.post(f"{place}/approve", {"seen": seen})
    assert answer.status_code == 409
    assert "您打开之后" in answer.text
    stale = wang.post(f"{place}/edit", {**form(bench, entry, short="第三种说法。"), "revision": "1"})
    assert stale.status_code == 409
    assert "第三种说法。" in stale.text  # what he wrote is not lost


def test_after_the_file_changed_the_author_sees_what_and_keeps_both(bench: Bench) -> None:
    entry, wang, li = first_entry(bench), bench.browser("wang"), bench.browser("li")
    place = proposed(wang, form(bench, entry, short="第一种说法。"))
    other = proposed(wang, form(bench, entry, label="另一个标题"))
    assert li.post(f"{other}/approve", {"seen": seen_in(li.get(other).text)}).status_code == 303
    page = li.get(place).text
    assert "文件里的这一条变了" in page
    assert "批准，马上生效" not in page
    assert li.post(f"{place}/approve", {"seen": bench_digest(bench, place)}).status_code == 409
    page = wang.get(f"{place}/edit").text
    assert "您没有动过的，已经换成新的" in page
    assert 'name="label" value="另一个标题"' in page
    assert "第一种说法。" in page
    said = form(bench, entry, short="第一种说法。")  # its label is the new one by now
    assert wang.post(f"{place}/edit", {**said, "revision": "1"}).status_code == 303
    assert li.post(f"{place}/approve", {"seen": seen_in(li.get(place).text)}).status_code == 303
    content = folder_of(bench).content(entry)
    assert content is not None
    assert (content["label"], content["short"]) == ("另一个标题", "第一种说法。")


def test_what_is_sent_back_says_why_and_is_not_approved(bench: Bench) -> None:
    entry, wang, li = first_entry(bench), bench.browser("wang"), bench.browser("li")
    place = proposed(wang, form(bench, entry, short="第一种说法。"))
    assert li.post(f"{place}/return", {"why": " "}).status_code == 422
    assert li.post(f"{place}/return", {"why": "请补依据"}).status_code == 303
    page = wang.get(place).text
    assert "已退回" in page
    assert "请补依据" in page
    assert wang.post(f"{place}/withdraw", {"why": "不改了"}).status_code == 303
    answer = wang.post(f"{place}/withdraw", {"why": "不改了"})
    assert answer.status_code == 409
    assert "已经有人处理过了" in answer.text


def test_a_fault_brings_the_form_again_with_everything_in_it(bench: Bench) -> None:
    entry, wang = first_entry(bench), bench.browser("wang")
    said = form(bench, entry, related="preexam.none", short="先打12345。", why="改")
    answer = wang.post("knowledge/propose", said)
    assert answer.status_code == 422
    assert "没有相关条目 preexam.none" in answer.text
    assert re.search(r"preexam(-\d)?\.yml 第 \d+ 行", answer.text)
    assert re.search(r'name="related"[^>]*aria-invalid="true"', answer.text)
    assert "先打12345。" in answer.text
    for changes, sentence in (
        ({"short": "请打13900007001"}, "里面有电话"),
        ({"short": "可以\u202e处理"}, "看不见的特殊字符（U+202E）"),
        ({"points": "一点"}, "至少 2 行，现在 1 行"),
        ({"points": "一点。\n" + "很长" * 40}, "第 2 行有 80 个字，最多 60 个"),
        ({"checked": "2026-02-30"}, "日期不对"),
        ({"basis": "没有的法 | 3 | 说什么"}, "不在法律目录里"),
        ({"basis": "专利法 | 三 | 说"}, "不是条号"),
        ({"short": ""}, "还没有填"),
        ({"why": ""}, "用一句话写明原因"),
        ({"seen": "0" * 64}, "您打开之后"),
    ):
        answer = wang.post("knowledge/propose", {**form(bench, entry), **changes})
        assert answer.status_code in (409, 422), changes
        assert sentence in answer.text, changes


def test_the_check_beside_the_form_says_what_is_wrong_or_that_it_is_well(bench: Bench) -> None:
    entry, wang = first_entry(bench), bench.browser("wang")
    headers = {"HX-Request": "true"}
    answer = wang.post("knowledge/check", form(bench, entry, short="先打12345。"), **headers)
    assert answer.text.strip() == '<div class="note"><p>检查通过，可以提交。</p></div>'
    answer = wang.post("knowledge/check", form(bench, entry, related="preexam.none"), **headers)
    assert "相关条目：没有相关条目 preexam.none" in answer.text
    answer = wang.post("knowledge/check", {}, **headers)
    assert answer.status_code == 200
    assert "fault" in answer.text


def test_words_from_people_are_words_on_every_page(bench: Bench) -> None:
    entry, wang = first_entry(bench), bench.browser("wang")
    evil = "<script>alert(1)</script>\"'{{7*7}}"
    place = proposed(wang, form(bench, entry, short=evil, why=evil))
    for path in (place, f"{place}/edit", "knowledge", f"knowledge?q={evil}"):
        text = wang.get(path).text
        assert "<script>alert" not in text, path
        assert "49" not in re.sub(r"\d{3,}|[-:]\d\d|\d\d[-:]", "", text.split("alert(1)")[1][:40]), path
    assert wang.post("knowledge/new", {"variants": evil}).status_code == 200


def test_a_group_of_questions_becomes_a_new_entry(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    group = Gap(("预审要带什么证件去", "预审带啥"), 5, {"none": 5}, first_entry(bench), MORNING)
    monkeypatch.setattr(SearchServer, "gaps", lambda _self, days: [group] if days == 30 else [])
    wang = bench.browser("wang")
    page = wang.get("knowledge/unanswered?days=30").text
    assert "预审要带什么证件去" in page
    answer = wang.post("knowledge/new", {"variants": "预审要带什么证件去\n预审带啥"})
    assert "预审带啥" in answer.text
    said = {
        "topic": "preexam", "slug": "papers-to-bring", "label": "预审带什么证件", "roles": ["anyone"], "seen": "",
        "variants": "\r\n".join(["预审要带什么证件去", "预审带啥", *(f"预审证件的第{n}种奇怪问法" for n in "甲乙丙丁戊己")]),
        "short": "先打12345问保护中心要带哪些证件。", "points": "以中心说的为准。\r\n原件自己收好。", "steps": "", "basis": "专利申请预审规范",
        "from": "2026-01-01", "until": "", "checked": "2026-12-01", "related": "", "case": "", "why": "五个人问过",
    }  # fmt: skip
    place = proposed(wang, said)
    li = bench.browser("li")
    assert li.post(f"{place}/approve", {"seen": seen_in(li.get(place).text)}).status_code == 303
    assert folder_of(bench).content("preexam.papers-to-bring") is not None
    again = wang.post("knowledge/propose", said)  # the same id a second time
    assert again.status_code == 409
    assert wang.post("knowledge/propose", {**said, "topic": "nothing"}).status_code == 404
    assert wang.post("knowledge/propose", {**said, "slug": "../../x"}).status_code == 404


def test_without_the_action_server_the_pages_say_so(bench: Bench) -> None:
    wang = bench.browser("wang")
    page = wang.get("knowledge/unanswered")
    assert page.status_code == 200
    assert "没有应答" in page.text
    answer = wang.post("knowledge/try", {"question": "预审是什么"})
    assert answer.status_code == 503
    assert "预审是什么" in answer.text


def test_a_question_is_tried_with_scores_and_the_reason_also_with_a_proposal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    entry, wang = first_entry(bench), bench.browser("wang")
    asked: list[Any] = []
    ranked = Ranked(entry, "什么是预审", 0.91, 0.3, 0.97, (Because("预审是啥", "variant", "预审是什么", 0.5, 0.9, 0.72),))
    told = Explanation("预审是什么", ("预审是什么",), "answer", 0.97, 0.85, 0.05, 0.1, (ranked,), (Weight("share", 0.7, 2.5),), ())

    def explain(_self: object, question: str, draft: object = None) -> Explanation:
        if question == "坏":
            raise TryUnavailable("no")
        asked.append((question, draft))
        return told

    monkeypatch.setattr(SearchServer, "explain", explain)
    assert "试一试" in wang.get("knowledge/try").text
    page = wang.post("knowledge/try", {"question": " 预审是什么 "}).text
    for words in ("直接回答", "97.0%", "85%", "预审是啥", "0.72", "第一名占的份额", "+2.50"):
        assert words in page, words
    place = proposed(wang, form(bench, entry, short="先打12345。"))
    page = wang.post("knowledge/try", {"question": "预审是什么", "proposal": place.rsplit("/", 1)[1]}).text
    assert "当作" in page
    assert asked[0] == ("预审是什么", None)
    assert asked[1][1]["short"] == "先打12345。"
    assert wang.post("knowledge/try", {"question": "坏"}).status_code == 503


def test_entries_are_found_and_old_ones_listed(bench: Bench) -> None:
    wang = bench.browser("wang")
    assert first_entry(bench) in wang.get("knowledge?q=预审").text
    assert "没有找到" in wang.get("knowledge?q=没有这样的词").text
    assert "没有。" in wang.get("knowledge/old").text
    entry = first_entry(bench)
    folder, content = folder_of(bench), folder_of(bench).content(entry)
    assert content is not None
    edit = folder.edit({**content, "checked": "2024-01-01"})
    folder.write(edit.path, edit.after)
    assert entry in wang.get("knowledge/old").text
    assert "这段时间没有人问过" in wang.get("knowledge/quality").text
    for path in ("knowledge/old?months=0", "knowledge/quality?days=99999", "knowledge/unanswered?days=x"):
        assert wang.get(path).status_code == 422, path


def test_an_auditor_reads_and_changes_nothing(bench: Bench) -> None:
    entry, wang, zhou = first_entry(bench), bench.browser("wang"), bench.browser("zhou")
    place = proposed(wang, form(bench, entry, short="先打12345。"))
    for path in ("knowledge", place, f"knowledge/entries/{entry}", "knowledge/quality"):
        page = zhou.get(path)
        assert page.status_code == 200
        for words in ("修改这一条", "批准，马上生效", "撤回</button>", "写新条目"):
            assert words not in page.text, (path, words)
    assert zhou.post("knowledge/propose", form(bench, entry)).status_code == 403


@pytest.mark.parametrize("path", ["knowledge/entries/preexam.none", "knowledge/entries/..%2f..", "knowledge/proposals/none", "knowledge/entries/preexam.none/edit"])
def test_what_is_not_there_is_a_page(bench: Bench, path: str) -> None:
    answer = bench.browser("wang").get(path)
    assert answer.status_code == 404
    assert "没有" in answer.text
