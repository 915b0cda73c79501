"""`aid privacy` as the data officer types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner, Result

from aid.cli.main import app
from aid.privacy.vault import Vault, open_vault
from aid.settings import read_settings
from tests.privacy.conftest import NAME, PHONE, House, house

__all__ = ["house"]


@pytest.fixture(autouse=True)
def _here(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_VAR_DIR", str(house.settings.var_dir))


def aid(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["privacy", *words], input=typed)


def test_a_copy_is_written_and_the_screen_shows_no_personal_data(house: House, tmp_path: Path) -> None:
    ticket = house.filed()
    said = aid("export", "--phone", "-", "--out", str(tmp_path / "copy.json"), typed=f"{PHONE}\n")
    assert said.exit_code == 0, said.output
    assert "1 tickets and 1 conversations" in said.output
    assert PHONE not in said.output
    assert NAME not in said.output
    assert json.loads((tmp_path / "copy.json").read_text("utf-8"))["tickets"][0]["number"] == ticket.number
    again = aid("export", "--ticket", ticket.number, "--out", str(tmp_path / "copy.json"))
    assert again.exit_code == 1
    assert "copy.json" in again.output


def test_a_deletion_is_shown_first_and_done_with_yes_only(house: House) -> None:
    ticket = house.close(house.filed())
    shown = aid("erase", "--ticket", ticket.number)
    assert (shown.exit_code, "Nothing was done" in shown.output, ticket.number in shown.output) == (0, True, True)
    assert house.office.tickets.numbered(ticket.number) == ticket
    done = aid("erase", "--ticket", ticket.number, "--yes", "--actor", "王科")
    assert (done.exit_code, "1 ticket" in done.output) == (0, True)
    assert house.office.tickets.numbered(ticket.number).parties == {}  # type: ignore[union-attr]
    assert house.audit.last("erased") is not None


def test_a_case_under_way_is_refused_with_the_reason_and_withdrawn_on_demand(house: House) -> None:
    ticket = house.filed()
    refused = aid("erase", "--phone", PHONE, "--yes")
    assert refused.exit_code == 1
    assert house.office.notice.under_way in refused.output
    assert house.office.tickets.numbered(ticket.number) == ticket
    done = aid("erase", "--phone", PHONE, "--withdraw", "--yes")
    assert done.exit_code == 0
    assert house.office.tickets.numbered(ticket.number).parties == {}  # type: ignore[union-attr]


def test_who_is_not_found_or_not_named_is_one_clear_line(house: House) -> None:
    for words, said in ((("--phone", "13900009999"), "nothing is kept"), ((), "give one of"), (("--phone", PHONE, "--ticket", "x"), "give one of")):
        found = aid("erase", *words)
        assert (found.exit_code, said in found.output) == (1, True), found.output
        assert "Traceback" not in found.output


def test_the_purge_shows_counts_and_asks_for_the_centers_word(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.talk("你好")
    monkeypatch.setenv("AID_CLOCK_START", "2027-11-23")
    shown = aid("purge")
    assert (shown.exit_code, "1 conversations" in shown.output, "not confirmed" in shown.output) == (0, True, True)
    refused = aid("purge", "--yes")
    assert (refused.exit_code, "not confirmed by the center" in refused.output) == (1, True)
    assert aid("purge").output == shown.output
    done = aid("purge", "--yes", "--unconfirmed")
    assert (done.exit_code, "1 conversation" in done.output) == (0, True)
    assert "0 conversations" in aid("purge").output


def test_the_key_is_rotated_and_the_old_one_retired_after_ten_minutes_and_a_yes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = house.filed()
    path = house.settings.keys_dir / "data.key"
    old = path.read_text().strip()
    monkeypatch.setenv("AID_CLOCK_START", "2026-11-23T09:00")
    rotated = aid("rotate")
    assert (rotated.exit_code, "a new key stands first" in rotated.output) == (0, True), rotated.output
    assert "going on" in aid("rotate").output
    assert not any(key in rotated.output for key in path.read_text().split())
    early = aid("rotate", "--retire", "--yes")
    assert (early.exit_code, "a moment ago" in early.output) == (1, True)
    monkeypatch.setenv("AID_CLOCK_START", "2026-11-23T09:20")
    assert "Nothing was done" in aid("rotate", "--retire").output
    assert len(path.read_text().split()) == 2
    assert aid("rotate", "--retire", "--yes").exit_code == 0
    assert path.read_text().split() != [old]
    assert len(path.read_text().split()) == 1
    assert house.office.tickets.find(ticket.number, ticket.lookup_code, "someone").parties["phone"] == PHONE


def test_a_key_of_the_settings_is_changed_by_hand_in_steps(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = house.filed()
    old = (house.settings.keys_dir / "data.key").read_text().strip()
    monkeypatch.setenv("AID_DATA_KEY", old)
    monkeypatch.setenv("AID_CLOCK_START", "2026-11-23T09:00")
    told = aid("rotate")
    assert told.exit_code == 1
    assert "--print-key" in told.output
    assert old not in told.output
    new = aid("rotate", "--print-key").stdout.strip()
    assert Vault([new]).decrypt(Vault([new]).encrypt("x")) == "x"
    monkeypatch.setenv("AID_DATA_KEY", f"{new},{old}")
    done = aid("rotate")
    assert (done.exit_code, "1 ticket" in done.output) == (0, True), done.output
    monkeypatch.setenv("AID_CLOCK_START", "2026-11-23T09:20")
    retired = aid("rotate", "--retire")
    assert (retired.exit_code, "leave only the first one" in retired.output) == (0, True)
    monkeypatch.setenv("AID_DATA_KEY", new)
    assert open_vault(read_settings()).decrypt_json(_parties(house, ticket.id))["phone"] == PHONE


def _parties(house: House, ticket_id: str) -> str:
    from aid.store.models import TicketRow

    with house.store.reading() as session:
        return session.get_one(TicketRow, ticket_id).parties_sealed or ""


def test_a_key_that_is_printed_is_another_each_time() -> None:
    keys = {aid("rotate", "--print-key").stdout.strip() for _ in range(3)}
    assert len(keys) == 3
    assert all(Fernet(key) for key in keys)


def test_a_ticket_without_personal_data_is_shown_as_such(house: House) -> None:
    ticket = house.close(house.filed())
    aid("erase", "--ticket", ticket.number, "--yes")
    shown = CliRunner().invoke(app, ["ticket", "show", ticket.number, "--reveal", "--reason", "核对"])
    assert (shown.exit_code, "personal data deleted" in shown.output, "concluded" in shown.output) == (0, True, True)
    assert PHONE not in shown.output
