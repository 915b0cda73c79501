"""The web door for files: what a page, a stranger and a hostile file meet."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fakes import FakeBot, fixed_clock, running, served
from test_web import app_in, begin, refused, say, settled

from aid.evidence.types import MOST_FILES
from aid.replies import Reply
from aid.store.engine import Store
from aid.store.errors import StoreUnavailable
from channels import uploads
from channels.errors import RasaUnreachable
from tests.evidence.made import film, pdf, photo_with_place, picture

pytestmark = pytest.mark.anyio


async def send(
    client: httpx.AsyncClient, conversation: str, token: dict[str, str], content: bytes, name: str = "摊位.jpg", client_id: str = ""
) -> httpx.Response:
    return await client.post(
        f"/v1/conversations/{conversation}/files",
        files={"file": (name, content)},
        data={"client_id": client_id or secrets.token_hex(8)},
        headers=token,
    )


def on_disk(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "var" / "evidence").rglob("*") if path.is_file())


async def test_a_file_is_a_message_that_is_kept_answered_and_given_back(tmp_path: Path) -> None:
    bot, content = FakeBot(), photo_with_place()
    async with running(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        answer = await send(client, conversation, token, content)
        assert answer.status_code == 202
        taken = answer.json()
        seen = await settled(client, conversation, token)
        [said] = seen["said"]
        assert (said["text"], said["file"], said["choice_id"]) == ("［文件］摊位.jpg", taken["file"], None)
        assert len(seen["replies"]) == 1
        [(_sender, text, metadata)] = bot.calls
        assert (text, metadata["file"], "said" in metadata) == ("/send_file", taken["file"], False)
        assert bot.prepared == []
        path = f"/v1/conversations/{conversation}/files/{taken['file']}"
        original = await client.get(path, headers=token)
        assert (original.status_code, original.content) == (200, content)
        assert original.headers["Content-Type"] == "image/jpeg"
        assert original.headers["Content-Disposition"] == "attachment; filename=\"file.jpg\"; filename*=UTF-8''%E6%91%8A%E4%BD%8D.jpg"
        preview = await client.get(path + "/preview", headers=token)
        assert preview.content.startswith(b"\xff\xd8\xff")
        assert b"SECRET-CAMERA" not in preview.content
        for given in (original, preview):
            assert given.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
            assert given.headers["X-Content-Type-Options"] == "nosniff"
            assert given.headers["Cache-Control"] == "no-store"


async def test_a_typed_slash_is_never_a_file(tmp_path: Path) -> None:
    bot = FakeBot()
    async with running(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        await say(client, conversation, token, client_id="client-1", text="/send_file")
        await settled(client, conversation, token)
        [(_sender, text, metadata)] = bot.calls
        assert text == "／send_file"
        assert "file" not in metadata


async def test_the_same_upload_twice_is_taken_once_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        answers = await asyncio.gather(*(send(client, conversation, token, picture(), client_id="client-1") for _ in range(3)))
        assert len({answer.text for answer in answers}) == 1
        seen = await settled(client, conversation, token)
        assert (len(seen["said"]), len(seen["replies"])) == (1, 1)
        again = await send(client, conversation, token, picture(), client_id="client-2")
        assert again.json()["file"] == answers[0].json()["file"]
        assert again.json()["inbound"] != answers[0].json()["inbound"]
        await settled(client, conversation, token)
    assert len(on_disk(tmp_path)) == 2


async def test_files_and_words_are_answered_in_the_order_in_which_they_are_stored(tmp_path: Path) -> None:
    bot = FakeBot()
    async with running(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        seqs = {}
        for n, text in enumerate(("甲", None, "乙")):
            got = await (say(client, conversation, token, client_id=f"client-{n}", text=text) if text else send(client, conversation, token, picture()))
            seqs[got.json()["seq"]] = text or "/send_file"
        await settled(client, conversation, token)
        assert bot.texts() == [seqs[n] for n in sorted(seqs)] == ["甲", "/send_file", "乙"]


async def test_without_the_right_token_no_file_goes_in_or_out(tmp_path: Path) -> None:
    clock = fixed_clock()
    async with running(app_in(tmp_path, clock=clock)) as client:
        conversation, token = await begin(client)
        other, others_token = await begin(client)
        file = (await send(client, conversation, token, picture())).json()["file"]
        await settled(client, conversation, token)
        paths = [f"/v1/conversations/{conversation}/files/{file}{end}" for end in ("", "/preview")]
        for headers, expected in (({}, (401, "no_token")), ({"Authorization": "Bearer x"}, (401, "token_wrong")), (others_token, (403, "not_yours"))):
            for path in paths:
                assert refused(await client.get(path, headers=headers)) == expected
            assert refused(await send(client, conversation, headers, picture())) == expected
        for path in paths:
            of_other = path.replace(conversation, other)
            assert refused(await client.get(of_other, headers=others_token)) == (404, "file_unknown")
        clock.advance(timedelta(hours=25))
        for path in paths:
            assert refused(await client.get(path, headers=token)) == (401, "token_expired")
        assert refused(await send(client, conversation, token, picture())) == (401, "token_expired")


@pytest.mark.parametrize("guessed", ["A" * 22, "..%2f..%2fkeys%2fdata.key", "x%00", "a.preview", "Z" * 65])
async def test_a_guessed_file_is_not_found(tmp_path: Path, guessed: str) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        await send(client, conversation, token, picture())
        answer = await client.get(f"/v1/conversations/{conversation}/files/{guessed}", headers=token)
        assert answer.status_code in (404, 422)
        refused(answer)


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


async def test_a_file_whose_turn_a_stop_cut_short_is_answered_at_the_next_start(tmp_path: Path) -> None:
    held, bot = FakeBot(hold=asyncio.Event()), FakeBot()
    async with running(app_in(tmp_path, held)) as client:
        conversation, token = await begin(client)
        file = (await send(client, conversation, token, picture())).json()["file"]
        while not held.calls:
            await asyncio.sleep(0.01)
    async with running(app_in(tmp_path, bot)) as client:
        seen = await settled(client, conversation, token)
        assert len(seen["replies"]) == 1
        [(sender, text, metadata)] = bot.calls
        assert (sender, text, metadata["file"]) == (f"{conversation}.1", "/send_file", file)


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


async def test_a_film_has_no_preview(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        file = (await send(client, conversation, token, film(), "a.mp4")).json()["file"]
        answer = await client.get(f"/v1/conversations/{conversation}/files/{file}/preview", headers=token)
        assert refused(answer) == (404, "file_unknown")


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


async def test_a_file_whose_turn_fails_is_offered_again_by_a_tap(tmp_path: Path) -> None:
    bot = FakeBot(always=RasaUnreachable("away"))
    async with running(app_in(tmp_path, bot)) as client:
        conversation, token = await begin(client)
        await send(client, conversation, token, picture())
        [reply] = (await settled(client, conversation, token))["replies"]
        bot.always, bot.answer = None, lambda _text: [Reply(text="好")]
        await say(client, conversation, token, client_id="client-2", choice=reply["choices"][0]["id"])
        await settled(client, conversation, token)
        assert bot.calls[-1][1] == "/choose"


async def test_the_description_shows_how_a_file_is_sent(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        paths = (await client.get("/v1/openapi.json")).json()["paths"]
    posted = paths["/v1/conversations/{conversation}/files"]["post"]
    assert "multipart/form-data" in posted["requestBody"]["content"]
    assert {"202", "401", "403", "408", "413", "415", "422", "429", "503", "507"} <= set(posted["responses"])
    assert "/v1/conversations/{conversation}/files/{file}/preview" in paths
