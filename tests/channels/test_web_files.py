"""The web door for files: kept, answered, given back, and to nobody else."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from door_fakes import FakeBot, fixed_clock, running
from web_calls import app_in, begin, refused, say, settled
from web_uploads import on_disk, send

from aid.replies import Reply
from channels.errors import RasaUnreachable
from tests.evidence.made import film, photo_with_place, picture

pytestmark = pytest.mark.anyio


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


async def test_a_film_has_no_preview(tmp_path: Path) -> None:
    async with running(app_in(tmp_path)) as client:
        conversation, token = await begin(client)
        file = (await send(client, conversation, token, film(), "a.mp4")).json()["file"]
        answer = await client.get(f"/v1/conversations/{conversation}/files/{file}/preview", headers=token)
        assert refused(answer) == (404, "file_unknown")


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
