"""`aid user` as it is typed on the machine, and the first account that the first start makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aid.cli.main import app
from aid.cli.people import accounts
from aid.cli.serve import prepare
from aid.people.rights import Grant
from aid.people.sign_in import Doorkeeper
from aid.privacy.vault import open_vault
from aid.settings import read_settings
from aid.store import open_store
from tests.console.desk import cheap_passwords


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_VAR_DIR", str(tmp_path))
    prepare(read_settings())


def aid(*words: str) -> Result:
    return CliRunner().invoke(app, ["user", *words])


def opens(name: str, password: str) -> bool:
    """Whether name and password open a session."""
    settings = read_settings()
    store = open_store(settings)
    with accounts(settings) as known:
        keeper = Doorkeeper(store, open_vault(settings), settings.clock(), cheap_passwords(), known)
        try:
            keeper.sign_in(name, password, None)
        except Exception:
            return False
        finally:
            store.close()
    return True


def test_an_account_is_made_listed_given_other_roles_closed_and_opened() -> None:
    made = aid("add", "wang", "王芳", "--role", "handler@subcenter-1", "--role", "intake@*")
    assert made.exit_code == 0, made.output
    assert opens("wang", made.stdout.strip())
    listed = aid("list").stdout
    assert "wang" in listed
    assert "王芳  handler@subcenter-1 intake@*  open  password to be changed" in listed
    assert aid("roles", "wang", "--role", "auditor@main").exit_code == 0
    with accounts(read_settings()) as known:
        assert known.named("wang").grants == (Grant("auditor", "main"),)
        assert known.events(["wang"])[0].actor.startswith("machine:")
    assert aid("disable", "wang", "--actor", "王科").exit_code == 0
    assert not opens("wang", made.stdout.strip())
    assert "disabled" in aid("list").stdout
    assert aid("disable", "wang", "--undo").exit_code == 0
    assert opens("wang", made.stdout.strip())


def test_a_reset_prints_a_new_password_and_ends_waiting() -> None:
    old = aid("add", "wang", "王芳", "--role", "handler@main").stdout.strip()
    for _ in range(6):
        assert not opens("wang", "wrong")
    new = aid("reset", "wang").stdout.strip()
    assert (opens("wang", old), opens("wang", new)) == (False, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "wang", "王芳", "--role", "boss@main"], "role@center"),
        (["add", "wang", "王芳", "--role", "handler@nowhere"], "no center nowhere"),
        (["add", "王芳", "王芳", "--role", "handler@main"], "no sign-in name"),
        (["reset", "nobody"], "no account named nobody"),
        (["disable", "nobody"], "no account named nobody"),
        (["roles", "nobody", "--role", "handler@main"], "no account named nobody"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(words: list[str], said: str) -> None:
    done = aid(*words)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output


def test_the_last_administrator_is_not_closed() -> None:
    aid("add", "boss", "主任", "--role", "administrator@*")
    done = aid("disable", "boss")
    assert (done.exit_code, "last who manages accounts" in done.output) == (1, True)


def test_the_first_start_says_a_one_time_password_once() -> None:
    said: list[str] = []
    prepare(read_settings(), said.append)
    [line] = [line for line in said if "one-time password" in line]
    assert opens("admin", line.rsplit(" ", 1)[1])
    again: list[str] = []
    prepare(read_settings(), again.append)
    assert again == []


def test_without_the_workbench_no_account_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AID_CONSOLE", "off")
    said: list[str] = []
    prepare(read_settings(), said.append)
    assert said == []
    assert aid("list").stdout == ""
