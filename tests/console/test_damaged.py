"""What was kept and cannot be opened any more is said plainly, changes nothing and tells nothing of itself."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy import update

from aid.store.models import TicketRow
from tests.console.cases import house_of, photo
from tests.console.desk import Bench

SAID = "这里的内容打不开了"
OWN = {"reason": "own", "words": "核对现场照片"}


def test_a_file_that_is_gone_or_changed_on_the_disk_is_said_and_not_given_out(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    house = house_of(bench)
    ticket = house.filed()
    file = photo(house, ticket)
    bench.staff("chief", "supervisor@*")
    browser = bench.browser("chief")
    browser.get(f"cases/{ticket.number}")
    kept = [path for path in Path(bench.desk.settings.var_dir, "evidence").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(b"another")
    with caplog.at_level(logging.ERROR):
        answer = browser.post(f"cases/{ticket.number}/files/{file}/original", OWN)
    assert (answer.status_code, SAID in answer.text) == (500, True)
    assert "系统出了故障" not in answer.text
    assert "another" not in answer.text
    assert "EvidenceDamaged" in caplog.text, "the operator finds it"
    for path in kept:
        path.unlink()
    assert SAID in browser.post(f"cases/{ticket.number}/files/{file}/original", OWN).text


def test_a_case_that_no_key_opens_is_said_and_the_others_stay_open(bench: Bench) -> None:
    house = house_of(bench)
    broken, whole = house.filed(), house.filed()
    with bench.desk.store.session() as session:
        session.execute(update(TicketRow).where(TicketRow.id == broken.id).values(parties_sealed="gAAAAAnothing"))
    bench.staff("chief", "supervisor@*")
    browser = bench.browser("chief")
    answer = browser.get(f"cases/{broken.number}")
    assert (answer.status_code, SAID in answer.text) == (500, True)
    assert answer.headers["cache-control"] == "no-store"
    assert "gAAAA" not in answer.text
    assert browser.get(f"cases/{whole.number}").status_code == 200
    queue = browser.get("cases")
    assert (queue.status_code, broken.number in queue.text, whole.number in queue.text) == (200, True, True)
    assert whole.number in browser.get("cases", q=whole.number).text
