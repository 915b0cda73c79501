"""Whatever comes in over the line: no fault of ours, every answer as described, and what is refused leaves nothing behind.

schemathesis makes requests from the description, right ones and wrong ones, sent with real tokens and real ids to a real server. Bounded and
without chance: the same requests every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from door_fakes import FakeBot, settings_in
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from live_door import LiveDoor, Talk, live_door
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from channels import web
from channels.web import create_app

RIGHT, WRONG, RAW = 40, 50, 60
"""Requests of each operation."""
CHECKS = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
HURRIED = settings(
    deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck)
)
ENDS = ("/end", "/handover")


def described() -> dict[str, Any]:
    """The description, made without a running door."""
    app = create_app(settings_in(Path("no-such-folder")), bot=FakeBot(), page=Path("no-such-folder"))
    return app.openapi()


SCHEMA = schemathesis.openapi.from_dict(described())
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], str]) -> Iterator[LiveDoor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "STREAM_SECONDS", 0.0)  # a stream ends after its first part
        with live_door(tmp_path_factory.mktemp("fuzz"), database_url=own_database()) as running:
            yield running


def sent(door: LiveDoor, case: Any, talk: Talk) -> tuple[httpx.Response, Any]:
    """The request on its way with the talk's token; the answer for us and for schemathesis."""
    answer = case.call(base_url=door.address, headers=talk.headers, timeout=20)
    request = httpx.Request(case.method, answer.request.url)
    return httpx.Response(answer.status_code, headers={k: v[0] for k, v in answer.headers.items()}, content=answer.content, request=request), answer


def with_real_ids(case: Any, data: st.DataObject, talk: Talk) -> None:
    """Mostly real ids in the place of made-up ones: else nothing gets past the first door."""
    real = {"conversation": [talk.conversation], "number": talk.replies, "file": talk.files}
    for name in case.path_parameters or {}:
        if real.get(name) and data.draw(st.integers(0, 9), label="real id") < 9:
            case.path_parameters[name] = data.draw(st.sampled_from(real[name]))
    if isinstance(case.body, dict) and "choice" in case.body and data.draw(st.booleans(), label="real choice"):
        case.body = {"client_id": case.body.get("client_id", "client-1"), "choice": data.draw(st.sampled_from(talk.choices))}


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_right_requests_are_taken_or_refused_as_described(door: LiveDoor, label: str) -> None:
    talk, operation = door.begin(), OPERATIONS[label]

    @settings(HURRIED, max_examples=RIGHT)
    @given(data=st.data())
    def fuzz(data: st.DataObject) -> None:
        nonlocal talk
        case = data.draw(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        with_real_ids(case, data, talk)
        before = door.kept()
        answer, raw = sent(door, case, talk)
        door.judge(answer)
        case.validate_response(raw, checks=CHECKS)
        if answer.status_code >= 400:
            assert door.kept() == before, "something of a refused request was stored"
        elif label.endswith(ENDS):
            talk = door.begin()
        else:
            door.settle(talk)

    fuzz()


@pytest.mark.parametrize("label", sorted(label for label, operation in OPERATIONS.items() if operation.body or "{" in label))
def test_wrong_requests_are_refused_and_leave_nothing(door: LiveDoor, label: str) -> None:
    talk, operation = door.begin(), OPERATIONS[label]

    @settings(HURRIED, max_examples=WRONG)
    @given(data=st.data())
    def fuzz(data: st.DataObject) -> None:
        nonlocal talk
        real = {"conversation": talk.conversation, "number": talk.replies[0], "file": "A" * 22}
        kept = {name: value for name, value in real.items() if f"{{{name}}}" in label and data.draw(st.integers(0, 3), label="real id")}
        case = data.draw(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, path_parameters=kept or None))
        before = door.kept()
        answer, raw = sent(door, case, talk)
        door.judge(answer)
        # Headers and parameters that nobody asked for are no fault: they are not read. A body is read, or the route has none.
        body = case.meta.components.get(ParameterLocation.BODY)
        wrong = [negative_data_rejection] if body is not None and body.mode is GenerationMode.NEGATIVE else []
        case.validate_response(raw, checks=[*CHECKS, *wrong])
        if answer.status_code >= 400:
            assert door.kept() == before, "something of a refused request was stored"
        elif label.endswith(ENDS):
            talk = door.begin()
        else:
            door.settle(talk)

    fuzz()


BODIES = {"POST /v1/conversations", "POST /v1/handover", "POST /v1/lookup", "messages", "files", "ratings/1", "end", "handover"}
KINDS = ("application/json", "multipart/form-data", "multipart/form-data; boundary=b", "text/plain", "application/x-www-form-urlencoded", "", "nonsense; charset=\"")


@pytest.mark.parametrize("where", sorted(BODIES))
def test_bytes_of_any_kind_are_refused_and_leave_nothing(door: LiveDoor, where: str) -> None:
    talk = door.begin()
    path = where.removeprefix("POST ") if where.startswith("POST") else f"/v1/conversations/{talk.conversation}/{where}"
    reading = st.one_of(st.binary(max_size=200), st.text(max_size=60).map(lambda text: ("{" + text).encode()), st.just(b"[" * 5000))
    form = st.binary(max_size=60).map(lambda part: b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n\r\nx\r\n--b--\r\n")

    @settings(HURRIED, max_examples=RAW)
    @given(body=st.one_of(reading, form), kind=st.sampled_from(KINDS))
    def fuzz(body: bytes, kind: str) -> None:
        nonlocal talk, path
        before = door.kept()
        method = "PUT" if "ratings" in where else "POST"
        answer = door.ask(method, path, content=body, headers={**talk.headers, "Content-Type": kind})
        if answer.status_code >= 400:
            assert door.kept() == before
        elif where in ("end", "handover"):  # they need no body and read none
            talk = door.begin()
            path = f"/v1/conversations/{talk.conversation}/{where}"
        else:
            assert (where, body) == ("POST /v1/conversations", b"")

    fuzz()
