"""docs/api.md shows a whole front end; here it runs, against a real door, and prints what the page says."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from door_fakes import FakeBot, settings_in
from live_door import live_door

from aid.settings import PROJECT
from channels.web import create_app
from tests.evidence.made import picture

PAGE = (PROJECT / "docs" / "api.md").read_text("utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_front_end_of_the_page_runs_as_it_stands_there(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is not installed; make test does it")
    script = tmp_path / "front.mjs"
    script.write_text(block("js"), "utf-8")
    with live_door(tmp_path) as door:
        environment = {**os.environ, "AID": door.address + "/", "PICTURE": base64.b64encode(picture()).decode()}
        done = subprocess.run([node, script], env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == (block("text"), "", 0)


def test_every_address_of_the_page_is_one_of_the_api_and_none_is_missing(tmp_path: Path) -> None:
    wechat = {"wechat_token": "t", "wechat_app_id": "wx1", "wechat_mode": "plain"}  # with the door that is not always there
    app = create_app(settings_in(tmp_path, **wechat), bot=FakeBot(), page=Path("no-such-folder"))
    described = {
        f"{method.upper()} {re.sub(r'{conversation}', '{id}', path).removeprefix('/')}"
        for path, item in app.openapi()["paths"].items()
        for method in item
        if re.match(r"/v1/(conversations|handover|lookup)", path) and "/files/{file}" not in path
    }
    table = PAGE.split("## In short")[1].split("## A whole front end")[0]
    named = {found.split("?")[0] for found in re.findall(r"(?:DELETE|GET|POST|PUT) v1/[^` ]+", table)}
    assert named == described


def test_every_code_and_status_that_the_page_speaks_of_can_come() -> None:
    app = create_app(settings_in(Path("no-such-folder")), bot=FakeBot(), page=Path("no-such-folder"))
    can = {status for item in app.openapi()["paths"].values() for operation in item.values() for status in operation["responses"]}
    table = PAGE.split("## Refusals")[1].split("**Limits.**")[0]
    said = set(re.findall(r"\d{3}", "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))))
    assert said == {status for status in can if status >= "400"}
