"""Files that the web door does not take, and faults on the way: told with a sentence, and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from door_fakes import fixed_clock, running, served
from web_calls import app_in, begin, refused, settled
from web_uploads import on_disk, send

from aid.evidence.types import MOST_FILES
from aid.store.engine import Store
from aid.store.errors import StoreUnavailable
from channels import uploads
from tests.evidence.made import film, pdf, picture

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", "a.jpg", (422, "file_empty")),
        (b"<html><script>alert(1)</script>", "photo.jpg", (415, "file_unknown_type")),
        (picture()[:200], "photo.jpg", (422, "file_broken")),
        (picture() + b"\0" * 10_500_000, "photo.mp4", (413, "file_too_large")),
        (film() + b"\0" * 21_000_000, "film.mp4", (413, "file_too_large")),
    ],
)
async def test_a_file_that_is_not_taken_is_refused_with_its_own_sentence(tmp_path: Path, content: bytes, name: str, expected: tuple[int, str]) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        assert refused(await send(client, conversation, token, content, name)) == expected
        assert (await settled(client, conversation, token))["said"] == []
    assert on_disk(tmp_path) == []


async def test_a_body_without_end_is_cut_off(tmp_path: Path) -> None:
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(1000):
            read += 1
            yield b"x" * 1024 * 1024

    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        headers = {**token, "Content-Type": "multipart/form-data; boundary=b"}
        answer = await client.post(f"/v1/conversations/{conversation}/files", content=pieces(), headers=headers)
        assert refused(answer) == (413, "file_too_large")
        assert answer.headers["Connection"] == "close"
        assert read < 100


async def test_a_large_upload_that_is_refused_unread_still_hears_why(tmp_path: Path) -> None:
    """Over a real connection: the answer comes although the body was not taken, and the door takes the next one."""
    async with served(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        large = picture() + b"\0" * 15_000_000
        assert refused(await send(client, conversation, {}, large)) == (401, "no_token")
        assert refused(await send(client, conversation, token, large)) == (413, "file_too_large")
        assert refused(await send(client, conversation, token, large * 2)) == (413, "file_too_large")
        assert (await send(client, conversation, token, picture())).status_code == 202


async def test_an_upload_that_trickles_is_told_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"--b\r\n"
        await asyncio.sleep(5)

    app = app_in(tmp_path)
    async with running(app) as client:
        monkeypatch.setattr(app.state.door, "uploads", uploads.Uploads(seconds=0.05))
        conversation, token = await begin(client)
        headers = {**token, "Content-Type": "multipart/form-data; boundary=b"}
        answer = await client.post(f"/v1/conversations/{conversation}/files", content=pieces(), headers=headers)
        assert refused(answer) == (408, "too_slow")


async def test_when_all_places_are_taken_an_upload_is_told_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = app_in(tmp_path)
    async with running(app) as client:
        conversation, token = await begin(client)
        monkeypatch.setattr(app.state.door, "uploads", uploads.Uploads(at_once=0))
        answer = await send(client, conversation, token, picture())
        assert refused(answer) == (503, "busy")
        assert "Retry-After" in answer.headers


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"", "multipart/form-data; boundary=b"),
        (b"nonsense", "multipart/form-data; boundary=b"),
        (b"nonsense", "multipart/form-data"),
        (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n', "multipart/form-data; boundary=b"),
        (b'--b\r\nContent-Disposition: form-data; name="client_id"\r\n\r\nclient-1\r\n--b--\r\n', "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="client_id"\r\n\r\nno\r\n'
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b--\r\n',
            "multipart/form-data; boundary=b",
        ),
        (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n' * 3 + b"--b--\r\n", "multipart/form-data; boundary=b"),
    ],
)
async def test_a_form_of_another_shape_is_refused(tmp_path: Path, body: bytes, kind: str) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        answer = await client.post(f"/v1/conversations/{conversation}/files", content=body, headers={**token, "Content-Type": kind})
        assert refused(answer) == (422, "bad_request")


async def test_a_tenth_file_is_refused_and_its_bytes_are_gone(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        for n in range(MOST_FILES):
            assert (await send(client, conversation, token, picture(size=(8 + n, 8)))).status_code == 202
        assert refused(await send(client, conversation, token, pdf())) == (422, "file_too_many")
        assert len(on_disk(tmp_path)) == 2 * MOST_FILES


async def test_files_count_as_messages_of_a_minute(tmp_path: Path) -> None:
    async with running(app_in(tmp_path, messages_per_minute=1)) as client:
        conversation, token = await begin(client)
        assert (await send(client, conversation, token, picture())).status_code == 202
        assert refused(await send(client, conversation, token, picture())) == (429, "too_many")


async def test_a_full_disk_is_said_and_the_door_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        with monkeypatch.context() as patch:
            patch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 0}))
            assert refused(await send(client, conversation, token, picture())) == (507, "file_no_room")
        assert (await send(client, conversation, token, picture())).status_code == 202


async def test_when_the_record_is_away_the_upload_may_come_again_and_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are on the disk and the row cannot be written: what the page sends again is the one file."""
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)

        def away(_self: Store) -> Any:
            raise StoreUnavailable("locked")

        with monkeypatch.context() as patch:
            patch.setattr(Store, "transaction", away)
            assert refused(await send(client, conversation, token, picture(), client_id="client-1")) == (503, "busy")
        assert (await send(client, conversation, token, picture(), client_id="client-1")).status_code == 202
        assert len((await settled(client, conversation, token))["said"]) == 1
        assert len(on_disk(tmp_path)) == 4
    clock = fixed_clock()
    clock.advance(timedelta(hours=2))
    async with running(app_in(tmp_path, clock=clock)) as client:  # a start sweeps
        assert len(on_disk(tmp_path)) == 2


async def test_a_damaged_file_is_a_fault_of_ours_without_a_trace(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        file = (await send(client, conversation, token, picture())).json()["file"]
        (tmp_path / "var" / "evidence" / file[:2] / file).write_bytes(b"x")
        answer = await client.get(f"/v1/conversations/{conversation}/files/{file}", headers=token)
        assert refused(answer) == (500, "broken")
