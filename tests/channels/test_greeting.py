"""What a page is told of the greeting."""

from __future__ import annotations

from pathlib import Path

import pytest
from door_fakes import KNOWLEDGE, FakeBot, running, settings_in

from aid.consultation.greeting import load_greeting
from channels.web import create_app


@pytest.mark.anyio
async def test_the_buttons_are_told_without_a_token_and_those_of_an_expo_first(tmp_path: Path) -> None:
    kept = load_greeting(KNOWLEDGE)
    app = create_app(settings_in(tmp_path), bot=FakeBot(), page=Path("no-such-folder"))
    async with running(app) as client:
        plain = await client.get("/v1/greeting")
        expo = await client.get("/v1/greeting", params={"event": "automobile"})
        wrong = await client.get("/v1/greeting", params={"event": "../x"})
    assert [row["label"] for row in plain.json()["asked"]] == [row.label for row in kept.asked]
    assert expo.json()["asked"][0] == {"label": kept.at_expo[0].label, "say": kept.at_expo[0].say}
    assert (wrong.status_code, wrong.json()["error"]) == (422, "bad_request")
