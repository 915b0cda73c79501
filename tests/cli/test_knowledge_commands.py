"""`aid knowledge …` through the command line: from a file to a live entry, back again, and out to git."""

from __future__ import annotations

import re
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from aid.cli.main import app
from aid.settings import read_settings
from aid.store.engine import open_store
from tests.consultation.conftest import entry
from tests.knowledge_desk.conftest import small_knowledge

YESTERDAY = date.today() - timedelta(days=1)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """The command line over a small knowledge of its own."""
    monkeypatch.setenv("AID_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("AID_KNOWLEDGE_DIR", str(small_knowledge(tmp_path / "knowledge")))
    store = open_store(read_settings())
    store.migrate()
    store.close()
    return lambda *words: CliRunner().invoke(app, ["knowledge", *map(str, words)])


def file_of(folder: Path, **changes: object) -> Path:
    """An entry as an editor would hand it in."""
    path = folder / "entry.yml"
    path.write_text(yaml.safe_dump([entry("patent.copied", **changes)], allow_unicode=True, sort_keys=False), "utf-8")
    return path


def proposed(result: Result) -> tuple[str, str]:
    """Id and digest of what was proposed."""
    assert result.exit_code == 0, result.output
    found = re.search(r"^(\w{12})  proposed .*seen: (\w{8})$", result.stdout, re.M)
    assert found
    return found[1], found[2]


def test_from_a_file_to_a_live_entry_and_out_to_git_and_back(run: object, tmp_path: Path) -> None:
    written = tmp_path / "knowledge" / "consultations" / "patent.yml"
    at_first = written.read_text("utf-8")
    file = file_of(tmp_path, short="先留证据，再投诉。")
    assert run("check", file).exit_code == 0  # type: ignore[operator]
    one, seen = proposed(run("propose", file, "--as", "王编辑", "--why", "短一点"))  # type: ignore[operator]
    assert "王编辑" in run("list").stdout  # type: ignore[operator]
    shown = run("show", one).stdout  # type: ignore[operator]
    assert "-  short: 专利被人仿冒可以处理，请先留好证据。" in shown
    assert "+  short: 先留证据，再投诉。" in shown
    assert f"seen: {seen}" in shown

    alone = run("approve", one, "--as", "王编辑", "--seen", seen)  # type: ignore[operator]
    assert (alone.exit_code, "second person" in alone.stderr) == (1, True)
    unread = run("approve", one, "--as", "李主任", "--seen", "0000000")  # type: ignore[operator]
    assert (unread.exit_code, "read it" in unread.stderr) == (1, True)
    assert run("return", one, "--as", "李主任", "--why", "再想想").exit_code == 0  # type: ignore[operator]
    file = file_of(tmp_path, short="先留证据，再请专利部门处理。")
    one, seen = proposed(run("propose", file, "--as", "王编辑", "--why", "写全", "--proposal", one))  # type: ignore[operator]
    assert "patent.copied: live" in run("approve", one, "--as", "李主任", "--seen", seen).stdout  # type: ignore[operator]
    assert "先留证据，再请专利部门处理。" in written.read_text("utf-8")
    live = written.read_text("utf-8")

    history = run("history", "patent.copied").stdout  # type: ignore[operator]
    assert "version 1" in history
    assert "by 王编辑, approved by 李主任  短一点" in history
    back, seen = proposed(run("rollback", "patent.copied", "0", "--as", "李主任", "--why", "有误"))  # type: ignore[operator]
    assert run("approve", back, "--as", "王编辑", "--seen", seen).exit_code == 0  # type: ignore[operator]
    assert written.read_text("utf-8") == at_first
    assert "patent.copied  live" in run("carry").stdout  # type: ignore[operator]

    out = tmp_path / "patches"
    exported = run("export", "--out", out, "--as", "李主任")  # type: ignore[operator]
    assert [path.name for path in sorted(out.glob("*.patch"))] == ["0001-patent.copied-v1.patch", "0002-patent.copied-v2.patch"]
    assert "2 changes" in exported.stdout
    assert "0 changes" in run("export", "--out", tmp_path / "none", "--as", "李主任").stdout  # type: ignore[operator]
    again = run("export", "--out", out, "--as", "李主任", "--all")  # type: ignore[operator]
    assert (again.exit_code, "cannot be written" in again.stderr) == (1, True)
    git(tmp_path, "init", "-q")
    for patch, expected in zip(sorted(out.glob("*.patch")), (live, at_first), strict=True):
        git(tmp_path, "apply", str(patch))
        assert written.read_text("utf-8") == expected
    message = (out / "0001-patent.copied-v1.message").read_text("utf-8")
    assert message.startswith("Change: patent.copied (version 1)\n\n短一点\n\nWritten by 王编辑, approved by 李主任 on ")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, timeout=30)


def test_an_entry_with_a_fault_is_told_with_line_and_field_and_not_kept(run: object, tmp_path: Path) -> None:
    file = file_of(tmp_path, related=["patent.none"], checked=YESTERDAY)
    checked = run("check", file)  # type: ignore[operator]
    assert checked.exit_code == 1
    assert re.search(r"patent\.yml:\d+: error: patent\.copied: the related entry patent\.none does not exist \[related\]", checked.stdout)
    refused = run("propose", file, "--as", "王编辑", "--why", "改")  # type: ignore[operator]
    assert (refused.exit_code, "patent.none does not exist" in refused.stderr) == (1, True)
    assert "0 proposals" in run("list", "--all").stdout  # type: ignore[operator]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "patent.none"), "no entry patent.none"),
        (("show", "000000000000"), "no proposal"),
        (("check", "no-such-file.yml"), "cannot be read"),
        (("history", "patent.none"), "no entry patent.none"),
        (("history", "../../etc"), "no id"),
        (("withdraw", "000000000000", "--as", "王", "--why", "x"), "no proposal"),
        (("try", "专利"), "is the system running"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(run: object, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], message: str) -> None:
    monkeypatch.setenv("AID_ACTIONS_PORT", "1")
    result = run(*words)  # type: ignore[operator]
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_what_is_old_and_how_answers_do_is_listed(run: object, tmp_path: Path) -> None:
    assert "0 entries in 30 days" in run("quality").stdout  # type: ignore[operator]
    assert run("old", "--months", "1200").stdout.strip() == "0 of 5 entries"  # type: ignore[operator]
