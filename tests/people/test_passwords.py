"""Rules and words of passwords."""

from __future__ import annotations

import pytest

from aid.people.errors import PasswordWeak
from aid.people.passwords import Passwords, one_time_password
from aid.people.words import load_console_words
from aid.settings import PROJECT

DENIED = load_console_words(PROJECT / "knowledge").denied_passwords


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(DENIED, time_cost=1, memory_kib=8, lanes=1)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("短一点", "short"),
        ("elevenchars", "short"),
        ("x1" * 70, "long"),
        ("aaaaaaaaaaaaaa", "plain"),
        ("abcabcabcabcabc", "plain"),
        ("abcdefghijklmnop", "plain"),
        ("9876543210zyx"[:10] + "/.", "plain"),
        ("xx-wangfang-2026", "name"),
        ("WangFang!春天来了吗", "name"),
        ("Password2026!", "common"),
        ("qwertyuiop12", "common"),
        ("changchun0431", "common"),
        ("admin-admin-24", "common"),
    ],
)
def test_a_weak_password_is_refused_with_what_is_wrong(passwords: Passwords, password: str, code: str) -> None:
    with pytest.raises(PasswordWeak) as caught:
        passwords.check_rules(password, "wangfang")
    assert caught.value.code == code


@pytest.mark.parametrize("password", ["坐在窗边喝一杯热茶再出门", "correct horse battery staple", "我的password放在抽屉第三格里面", pytest.param(one_time_password(), id="one of ours")])
def test_a_sentence_of_ones_own_is_taken(passwords: Passwords, password: str) -> None:
    passwords.check_rules(password, "wangfang")


def test_the_same_again_is_no_change(passwords: Passwords) -> None:
    kept = passwords.kept("坐在窗边喝一杯热茶再出门")
    with pytest.raises(PasswordWeak) as caught:
        passwords.check_rules("坐在窗边喝一杯热茶再出门", "wangfang", kept)
    assert caught.value.code == "same"


def test_what_is_kept_does_not_tell_the_password_and_is_known_again(passwords: Passwords) -> None:
    kept = passwords.kept("坐在窗边喝一杯热茶再出门")
    assert kept.startswith("$argon2id$")
    assert kept != passwords.kept("坐在窗边喝一杯热茶再出门")
    assert passwords.fits("坐在窗边喝一杯热茶再出门", kept)
    assert not passwords.fits("坐在窗边喝一杯热茶再出们", kept)
    assert not passwords.fits("坐在窗边喝一杯热茶再出门", None)
    assert not passwords.fits("坐在窗边喝一杯热茶再出门", "no argon2 word")


def test_a_sign_typed_wide_is_the_same_sign(passwords: Passwords) -> None:
    assert passwords.fits("ＡＢＣdefghijk１２３", passwords.kept("ABCdefghijk123"))


def test_who_has_no_account_costs_as_much_work_as_who_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted and not timed: the same function runs, with the same costs, on a word of its own."""
    passwords = Passwords(time_cost=2, memory_kib=64, lanes=1)
    asked: list[str] = []
    real = type(passwords._hasher).verify

    def counted(self: object, kept: str, password: str) -> bool:
        asked.append(kept)
        return real(self, kept, password)  # type: ignore[arg-type]

    monkeypatch.setattr(type(passwords._hasher), "verify", counted)
    kept = passwords.kept("something else entirely")
    passwords.fits("wrong", kept)
    passwords.fits("wrong", None)
    assert [word.split("$")[1:4] for word in asked] == [kept.split("$")[1:4]] * 2


def test_one_time_passwords_are_never_alike() -> None:
    assert len({one_time_password() for _ in range(200)}) == 200
