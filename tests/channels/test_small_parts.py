"""Tokens, limits, wording and the start."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from door_fakes import KNOWLEDGE, settings_in
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aid.errors import SettingsError
from aid.faults import KnowledgeError
from aid.wording.doors import ErrorWording, read_wording
from channels import limits
from channels.errors import TooManyMessages
from channels.limits import RateLimit
from channels.problems import ANSWERS, REFUSALS, STATUS_CODES
from channels.tokens import token_key


def test_the_key_file_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    key = token_key(settings)
    path = settings.keys_dir / "token.key"
    assert len(key) >= 32
    assert token_key(settings) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in settings.keys_dir.iterdir()] == ["token.key"]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    token_key(settings)
    (settings.keys_dir / "token.key").chmod(0o644)
    with pytest.raises(SettingsError, match="open to other users"):
        token_key(settings)


def test_a_key_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where a folder should be")
    with pytest.raises(SettingsError, match="cannot be read or made"):
        token_key(settings_in(tmp_path))


def test_a_given_key_is_used_and_a_short_one_refused(tmp_path: Path) -> None:
    assert token_key(settings_in(tmp_path, token_key="k" * 32)) == "k" * 32
    with pytest.raises(SettingsError, match="AID_TOKEN_KEY"):
        token_key(settings_in(tmp_path, token_key="k" * 31))


def test_the_rate_is_counted_over_the_last_minute_of_each_conversation() -> None:
    now = [0.0]
    rate = RateLimit(2, seconds=lambda: now[0])
    rate.take("a")
    now[0] = 20.5
    rate.take("a")
    rate.take("b")
    with pytest.raises(TooManyMessages) as refused:
        rate.take("a")
    assert refused.value.retry_after == 40
    now[0] = 60.0
    rate.take("a")


def test_the_rate_remembers_a_bounded_number_of_conversations() -> None:
    rate = RateLimit(1, seconds=lambda: 0.0, kept=2)
    for conversation in ("a", "b", "c"):
        rate.take(conversation)
    rate.take("a")
    with pytest.raises(TooManyMessages):
        rate.take("c")


def test_every_error_code_has_its_sentence_and_every_sentence_its_code() -> None:
    codes = {code for _status, code in ANSWERS.values()} | set(REFUSALS) | set(STATUS_CODES.values())
    assert codes | {"broken", "page_not_built"} == set(ErrorWording.model_fields)
    errors = read_wording(KNOWLEDGE).errors
    for code in ErrorWording.model_fields:
        assert errors.of(code).endswith("。")


@pytest.mark.anyio
async def test_a_body_that_trickles_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.02)
    refusals: list[str] = []

    async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        """Stands for the app and for the refusal's answer."""

    async def stuck() -> Message:
        await asyncio.sleep(5)
        raise AssertionError("read for too long")

    async def send(_message: Message) -> None:
        """Takes nothing."""

    def refuse(code: str) -> ASGIApp:
        refusals.append(code)
        return nothing

    limit = limits.BodyLimit(nothing, refuse)
    await limit({"type": "http", "method": "POST", "headers": []}, stuck, send)
    assert refusals == ["too_slow"]


def test_wording_that_lacks_a_sentence_is_named_by_file_and_line(tmp_path: Path) -> None:
    whole = (KNOWLEDGE / "wording.yml").read_text("utf-8")
    (tmp_path / "wording.yml").write_text(whole.replace("  retry: 再试一次\n", ""), "utf-8")
    with pytest.raises(KnowledgeError, match=r"wording.yml:\d+: error: replies.retry"):
        read_wording(tmp_path)


def test_a_start_that_is_not_possible_is_one_clear_line(tmp_path: Path) -> None:
    environment = {"AID_KNOWLEDGE_DIR": str(tmp_path), "AID_VAR_DIR": str(tmp_path / "var"), "PATH": ""}
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run(
        [sys.executable, "-m", "channels"], cwd=root, env=environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "wording.yml" in ended.stderr
    assert "Traceback" not in ended.stderr
