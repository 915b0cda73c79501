"""The manual for staff says what the workbench does: the table of rights, its words, its links and pictures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aid.people.rights import ACTIONS, MATRIX, ROLES, Action
from aid.people.sessions import IDLE, LONGEST
from aid.people.sign_in import ONE_TIME_GOOD_FOR
from aid.people.words import load_console_words
from tests.console.desk import KNOWLEDGE

ROOT = Path(__file__).resolve().parents[2]
MANUAL = (ROOT / "docs" / "staff-manual.md").read_text("utf-8")
ROWS: dict[Action, str] = {
    "case.see": "看案件（遮着个人信息）",
    "case.note": "写内部记录",
    "case.work": "办案件",
    "case.merge": "并案",
    "case.reveal": "看完整的个人信息",
    "case.evidence": "取出证据原件",
    "case.document": "下载文书",
    "talk.see": "看对话（遮着个人信息）",
    "talk.take": "接手对话、回复",
    "knowledge.see": "看知识",
    "knowledge.edit": "写答案、改答案",
    "knowledge.approve": "批准答案",
    "report.see": "看统计",
    "report.export": "导出统计",
    "log.see": "看访问记录",
    "people.manage": "管理账号",
}
MOST_BYTES = 200_000
"""Of a picture."""
REACH = {"own": "本", "copy": "本、抄", None: "—"}


def table_after(heading: str) -> list[list[str]]:
    """The cells of the table in the section, its head first."""
    section = MANUAL.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_of_rights_is_the_matrix() -> None:
    words = load_console_words(KNOWLEDGE)
    expected = [["事情", *(words.roles[role] for role in ROLES)]]
    expected += [[ROWS[action], *(REACH[MATRIX[action].get(role)] for role in ROLES)] for action in ACTIONS]
    assert table_after("谁能做什么") == expected


def test_the_times_are_those_of_the_sessions() -> None:
    assert f"{IDLE.seconds // 60} 分钟没有操作" in MANUAL
    assert f"最长 {LONGEST.seconds // 3600} 小时" in MANUAL
    assert ONE_TIME_GOOD_FOR.days == 7
    assert "七天内有效" in MANUAL


@pytest.mark.parametrize(
    ("file", "word"),
    [
        *(("knowledge/desk.yml", word) for word in (
            "受理", "退回补正", "登记补充", "转办", "转交、协助", "开始办理", "登记联系", "内部记录", "调解会", "调解成功", "办结", "登记撤回",
            "不予受理", "并案", "重新办理", "快撤展", "已超期", "在期限内", "没有期限在走", "等当事人补正", "当事人会看到",
        )),
        *(("console/templates/account.html", word) for word in ("启用动态口令",)),
        *(("console/templates/case.html", word) for word in ("查看完整信息和文件预览", "可能是同一件", "现成的话")),
        *(("console/templates/talk.html", word) for word in ("交回小援", "谈完了", "常用回复", "发送")),
        *(("console/templates/talk_lines.html", word) for word in ("接手", "对方已经结束了对话")),
        *(("console/templates/talks.html", word) for word in ("别人怎么看到我",)),
        *(("knowledge/console.yml", word) for word in (
            "登录名或者密码不对", "口令不对，或者已经用过", "这个页面放得太久了", "您没有这项权限", "系统正忙", "系统出了故障",
        )),
    ],
)  # fmt: skip
def test_the_manual_and_the_pages_use_the_same_words(file: str, word: str) -> None:
    assert word in MANUAL
    assert word in (ROOT / file).read_text("utf-8")


def test_links_lead_somewhere_and_pictures_are_made_by_a_test() -> None:
    targets = re.findall(r"\]\(([^)]+)\)", MANUAL)
    headings = {re.sub(r"[^\w-]", "", heading.replace(" ", "-")) for heading in re.findall(r"^## (.+)$", MANUAL, re.M)}
    browser = ROOT / "tests" / "browser"
    made = set(re.findall(r'camera\.take\(\w+, "console-([a-z-]+)"', (browser / "test_console_pictures.py").read_text("utf-8")))
    states = (browser / "test_console_knowledge.py").read_text("utf-8").split("STATES: ", 1)[1].split("\n}", 1)[0]
    made |= {f"knowledge-{state}" for state in re.findall(r'^    "([a-z]+)": ', states, re.M)}
    for target in targets:
        if target.startswith("#"):
            assert target[1:] in headings, target
        elif target.startswith("images/"):
            assert re.fullmatch(r"images/console-([a-z-]+)\.png", target), target
            assert target.removeprefix("images/console-").removesuffix(".png") in made, target
            assert (ROOT / "docs" / target).stat().st_size < MOST_BYTES, target
        else:
            assert (ROOT / "docs" / target).is_file(), target
