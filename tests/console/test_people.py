"""The accounts' pages: an administrator reaches only what is his to manage, whatever address he tries."""

from __future__ import annotations

import pytest

from aid.people.accounts import Person
from aid.people.errors import UnknownPerson
from aid.people.rights import Grant
from console.gate import Visit
from console.routes import people
from tests.console.desk import PASSWORD, Bench, one_time_password

ADDRESSES = [("GET", ""), ("POST", "/roles"), ("POST", "/disable"), ("POST", "/enable"), ("POST", "/reset")]


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.staff("zhao", "administrator@*")
    bench.staff("qian", "administrator@subcenter-1")
    bench.staff("wang", "handler@subcenter-1")
    bench.staff("li", "handler@subcenter-2")
    bench.staff("both", "handler@subcenter-1", "intake@subcenter-2")
    return bench


@pytest.mark.parametrize("target", ["li", "both", "zhao", "no-such-person"])
def test_an_account_that_is_not_his_is_not_there_for_him(bench: Bench, target: str) -> None:
    known = {person.name: person.id for person in bench.desk.accounts.all()}
    browser = bench.browser("qian")
    before = bench.desk.accounts.all()
    for method, rest in ADDRESSES:
        address = f"people/{known.get(target, target)}{rest}"
        answer = browser.get(address) if method == "GET" else browser.post(address, {"role": "auditor", "center": "subcenter-1"})
        assert answer.status_code == 404
        assert answer.text.replace(browser.guard, "") == browser.get("people/no-such-person").text.replace(browser.guard, "")
    assert bench.desk.accounts.all() == before
    if target in known:
        assert bench.browser().sign_in(target, PASSWORD).status_code == 303


def test_he_sees_and_changes_those_of_his_center(bench: Bench) -> None:
    browser = bench.browser("qian")
    page = browser.get("people").text
    assert "Wang" in page
    assert "Li<" not in page
    assert "Both" not in page
    wang = bench.desk.accounts.named("wang")
    answer = browser.post(f"people/{wang.id}/roles", {"grant": ["handler@subcenter-1"], "role": "intake", "center": "subcenter-1"})
    assert answer.status_code == 303
    assert set(bench.desk.accounts.named("wang").grants) == {Grant("handler", "subcenter-1"), Grant("intake", "subcenter-1")}


@pytest.mark.parametrize(("role", "center"), [("handler", "subcenter-2"), ("administrator", "*"), ("auditor", "main")])
def test_he_gives_no_role_elsewhere_to_others_or_to_himself(bench: Bench, role: str, center: str) -> None:
    browser = bench.browser("qian")
    made = browser.post("people", {"name": "new", "shown": "新", "role": role, "center": center})
    assert (made.status_code, "不能授予" in made.text) == (403, True)
    for name in ("wang", "qian"):
        person = bench.desk.accounts.named(name)
        given = browser.post(f"people/{person.id}/roles", {"grant": [str(grant) for grant in person.grants], "role": role, "center": center})
        assert given.status_code == 403
        smuggled = browser.post(f"people/{person.id}/roles", {"grant": [*map(str, person.grants), f"{role}@{center}"]})
        assert smuggled.status_code == 403
        assert bench.desk.accounts.named(name).grants == person.grants
    assert {person.name for person in bench.desk.accounts.all()} == {"zhao", "qian", "wang", "li", "both"}


def test_a_new_account_signs_in_with_the_password_that_is_shown_once(bench: Bench) -> None:
    browser = bench.browser("zhao")
    made = browser.post("people", {"name": "Sun", "shown": "孙 <b>某</b>", "role": "handler", "center": "main"})
    assert "孙 &lt;b&gt;某&lt;/b&gt;" in made.text
    password = one_time_password(made)
    person = bench.desk.accounts.named("sun")
    assert password not in browser.get(f"people/{person.id}").text
    assert bench.browser().sign_in("sun", password).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "wang", "shown": "王", "role": "handler", "center": "main"}, "已经有人用了"),
        ({"name": "王芳", "shown": "王", "role": "handler", "center": "main"}, "登录名用小写英文字母开头"),
        ({"name": "new", "shown": "新", "role": "", "center": "main"}, "至少选一个角色"),
        ({"name": "new", "shown": "新", "role": "boss", "center": "main"}, "至少选一个角色"),
        ({"name": "new", "shown": "新", "role": "handler", "center": "nowhere"}, "至少选一个角色"),
        ({}, "至少选一个角色"),
    ],
)
def test_what_cannot_be_an_account_is_said_and_what_was_typed_stays(bench: Bench, form: dict[str, str], said: str) -> None:
    answer = bench.browser("zhao").post("people", form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{form.get("name", "")}"' in answer.text


def test_the_last_administrator_and_oneself_stay(bench: Bench) -> None:
    browser, me = bench.browser("zhao"), bench.desk.accounts.named("zhao")
    assert browser.post(f"people/{me.id}/disable").status_code == 409
    answer = browser.post(f"people/{me.id}/roles", {"role": "auditor", "center": "*"})
    assert (answer.status_code, "最后一位" in answer.text) == (409, True)
    bench.staff("sun", "administrator@*")
    assert "不能停用自己" in browser.post(f"people/{me.id}/disable").text


def test_closing_and_opening_an_account(bench: Bench) -> None:
    browser, li = bench.browser("zhao"), bench.desk.accounts.named("li")
    assert browser.post(f"people/{li.id}/disable").status_code == 303
    assert bench.browser().sign_in("li").status_code == 401
    assert "已停用" in browser.get("people").text
    assert browser.post(f"people/{li.id}/enable").status_code == 303
    assert bench.browser().sign_in("li").status_code == 303


def test_a_reset_lets_a_person_in_who_has_to_wait(bench: Bench) -> None:
    guessing = bench.browser()
    guessing.get("sign-in")
    for n in range(5):
        guessing.post("sign-in", {"name": "li", "password": f"guess {n}"})
    assert bench.browser().sign_in("li").status_code == 429
    browser = bench.browser("zhao")
    password = one_time_password(browser.post(f"people/{bench.desk.accounts.named('li').id}/reset"))
    assert bench.browser().sign_in("li", password).headers["location"] == "/console/"


def test_the_history_of_an_account_stands_on_its_page(bench: Bench) -> None:
    browser, li = bench.browser("zhao"), bench.desk.accounts.named("li")
    browser.post(f"people/{li.id}/roles", {"role": "auditor", "center": "main"})
    page = browser.get(f"people/{li.id}").text
    assert "调整角色：handler@subcenter-2 → auditor@main" in page
    assert page.index("调整角色") < page.index("建立账号")


@pytest.mark.parametrize(("id_", "status"), [("%2e%2e", 404), ("x' OR 1=1 --", 404), ("x" * 500, 404), ("%00", 400), ("a%2Fb", 404)])
def test_an_address_that_is_no_id_is_not_there(bench: Bench, id_: str, status: int) -> None:
    assert bench.browser("zhao").get(f"people/{id_}").status_code == status


def test_a_sign_that_no_text_has_is_refused_wherever_it_stands(bench: Bench) -> None:
    browser = bench.browser("zhao")
    assert browser.get("log?who=%00").status_code == 400
    assert browser.post("people", {"name": "a\0b", "shown": "x", "role": "handler", "center": "main"}).status_code == 400
    door = bench.browser()
    door.get("sign-in")
    assert door.post("sign-in", {"name": "\0", "password": PASSWORD}).status_code == 400


@pytest.mark.parametrize(("path", "form"), [("reset", {}), ("disable", {}), ("enable", {}), ("roles", {"role": "auditor", "center": "subcenter-2"})])
def test_who_became_somebody_elses_to_manage_meanwhile_is_left_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, path: str, form: dict[str, str]
) -> None:
    """Else a center's administrator would get the one-time password of one who has just become administrator of everything."""
    bench.staff("boss", "administrator@subcenter-2")
    browser, li = bench.browser("boss"), bench.desk.accounts.named("li")
    browser.get("people")
    looked = people._managed

    def and_then_promoted(visit: Visit, id_: str) -> Person:
        person = looked(visit, id_)
        bench.desk.accounts.set_grants(li.id, [Grant.read("administrator@*")], by="zhao")
        return person

    monkeypatch.setattr(people, "_managed", and_then_promoted)
    before = bench.desk.accounts.events(["li"])
    assert browser.post(f"people/{li.id}/{path}", form).status_code == 404
    after = bench.desk.accounts.named("li")
    assert ([str(grant) for grant in after.grants], after.must_change, after.disabled_at) == (["administrator@*"], False, None)
    assert len(bench.desk.accounts.events(["li"])) == len(before) + 1, "the promotion alone"


def test_an_administrator_whose_own_role_ended_meanwhile_changes_nobody(bench: Bench) -> None:
    accounts, li = bench.desk.accounts, bench.desk.accounts.named("li")
    boss = bench.staff("boss", "administrator@subcenter-2")
    accounts.set_grants(boss.id, [Grant.read("auditor@subcenter-2")], by="zhao")
    with pytest.raises(UnknownPerson):
        accounts.reset(li.id, by="boss", manager=boss.id)
    with pytest.raises(UnknownPerson):
        accounts.set_grants(li.id, [Grant.read("handler@subcenter-2")], by="boss", manager=boss.id)
    assert not accounts.named("li").must_change
