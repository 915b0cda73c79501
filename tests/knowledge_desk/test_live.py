"""From approval to answer: through the real search, and through the thread that carries texts into a process's folder."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cryptography.fernet import Fernet

from actions.desk import explainer, grouper
from actions.server import create_app
from aid.consultation.calibrate import fit
from aid.consultation.entries import load_knowledge
from aid.consultation.explain import explain
from aid.consultation.ranking import Ranking
from aid.consultation.search import LOOK_SECONDS, LiveSearcher
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.errors import TryUnavailable
from aid.knowledge_desk.folder import KnowledgeFolder
from aid.knowledge_desk.follower import KnowledgeFollower
from aid.knowledge_desk.search_server import SearchServer
from aid.language.encoders import SentenceEncoder
from aid.privacy.vault import Vault
from aid.store.errors import StoreUnavailable
from aid.store.talk import UnansweredQuestions
from tests.consultation.conftest import OFF_TOPIC, POSED, Bag, entry
from tests.knowledge_desk.conftest import SECOND, TODAY, WRITER, Place, patent, small_knowledge

ASKED = "怎么查询专利的登记情况"
NEW = entry("patent.search", label="查专利", variants=[f"怎么查询专利的登记情况{n}" for n in "甲乙丙丁戊己庚辛"])


def until(holds: object, seconds: float = 20) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def encoders(tmp_path: Path) -> SentenceEncoder:
    return SentenceEncoder(tmp_path / "models", Bag(384))


@pytest.fixture
def live(place: Place, encoders: SentenceEncoder, tmp_path: Path) -> LiveSearcher:
    """The search of an action server over the desk's own folder; a second passes at each look."""
    folder = place.settings.knowledge_dir
    ranking = Ranking(load_knowledge(folder, TODAY)[0], OFF_TOPIC, {}, encoders)
    fit(ranking, POSED, OFF_TOPIC).save(tmp_path / "search.json")
    return LiveSearcher(folder, encoders, tmp_path / "search.json", place.clock, time.monotonic)


def test_an_approved_entry_is_answered_and_a_proposed_one_is_not(place: Place, live: LiveSearcher) -> None:
    proposal = place.desk.propose(WRITER, NEW, "问的人多")
    time.sleep(LOOK_SECONDS + 0.1)
    assert live.search(ASKED, TODAY).hits[0].entry_id != "patent.search"
    assert live.wait()
    place.desk.approve(SECOND, proposal.id, proposal.digest)
    time.sleep(LOOK_SECONDS + 0.1)
    live.look()
    assert live.wait()
    result = live.search(ASKED, TODAY)
    assert result.hits[0].entry_id == "patent.search"
    version = live.knowledge.entries["patent.search"].on(TODAY)
    assert version is not None
    assert version.short == NEW["short"]


def test_another_process_with_a_folder_of_its_own_answers_it_too_before_anybody_asks(
    place: Place, live: LiveSearcher, encoders: SentenceEncoder, tmp_path: Path
) -> None:
    folder = KnowledgeFolder(small_knowledge(tmp_path / "replica"), tmp_path / "replica.lock")
    other = LiveSearcher(folder.path, encoders, tmp_path / "search.json", place.clock)
    follower = KnowledgeFollower(KnowledgeDesk(place.store, folder, place.clock), 0.05)
    assert follower.look()
    follower.start(other.look)
    try:
        place.approved(NEW)
        until(lambda: other.knowledge.entry("patent.search") is not None)
        assert other.search(ASKED, TODAY).hits[0].entry_id == "patent.search"
        place.approved(patent(short="先留证据。"))
        until(lambda: other.knowledge.entries["patent.copied"].text.short == "先留证据。")
    finally:
        follower.close()


def test_what_was_approved_while_a_process_was_away_is_there_at_its_start(place: Place, tmp_path: Path) -> None:
    place.approved(NEW)
    folder = KnowledgeFolder(small_knowledge(tmp_path / "replica"), tmp_path / "replica.lock")
    assert KnowledgeFollower(KnowledgeDesk(place.store, folder, place.clock)).look()
    assert "patent.search" in load_knowledge(folder.path, TODAY)[0].entries


def test_a_record_that_does_not_answer_is_told_once_and_asked_again(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place.approved(NEW)
    follower = KnowledgeFollower(place.desk, 0.01, 0.02)

    def away(_: object) -> int:
        raise StoreUnavailable("the database does not answer")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr("aid.knowledge_desk.changes.Changes.approvals", away)
        assert [follower.look() for _ in range(3)] == [False, False, False]
        assert caplog.text.count("not carried over") == 1
    assert follower.look()


def test_an_unforeseen_fault_does_not_end_the_thread(place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    follower = KnowledgeFollower(place.desk, 0.01, 0.02)
    with monkeypatch.context() as patch:
        patch.setattr("aid.knowledge_desk.changes.Changes.approvals", lambda _: 1 / 0)
        follower.start()
        until(lambda: "ZeroDivisionError" in caplog.text)
    place.approved(NEW)
    until(lambda: follower._known == 1)
    follower.close()
    assert not follower._thread.is_alive()


def test_the_explanation_says_what_the_search_says_and_why(live: LiveSearcher) -> None:
    for question in ("商标被别人抢注了怎么办", "今天天气怎么样", "商标的事", "我的店开了十年，牌子一直没注册。去年有人抢先注册了，现在反过来告我。我想问问还能不能把商标要回来，要怎么办，请告诉我该找谁去"):
        result, told = live.current.search(question, TODAY), explain(live.current, question, TODAY)
        assert (told.band, told.probability) == (result.band, result.probability)
        assert [r.entry for r in told.ranked[: len(result.hits)]] == [hit.entry_id for hit in result.hits]
        assert [r.probability for r in told.ranked[: len(result.hits)]] == [hit.probability for hit in result.hits]
        assert told.high == live.current.calibration.high
        assert all(r.because and r.because[0].together >= r.because[-1].together for r in told.ranked)
    assert len(told.parts) > 1
    best = explain(live.current, "商标被别人抢注了怎么办", TODAY).ranked[0]
    assert best.because[0].text == "商标被别人抢注了"
    assert best.because[0].origin == "variant"
    assert best.because[0].lexical > 0.5


def test_nothing_said_is_explained_as_nothing(live: LiveSearcher) -> None:
    told = explain(live.current, "？？", TODAY)
    assert (told.band, told.ranked, told.weights) == ("none", (), ())


async def _post(live: LiveSearcher, place: Place, body: bytes) -> httpx.Response:
    app = create_app([], lambda _: b"", {"/explain": explainer(live, KnowledgeFolder.of(place.settings), place.clock)})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://actions") as client:
        return await client.post("/explain", content=body)


@pytest.mark.anyio
async def test_a_proposed_entry_is_tried_as_if_it_stood_there_and_nothing_changes(live: LiveSearcher, place: Place) -> None:
    before = live.current
    asked = {"question": ASKED, "entry": patent(id="patent.search", label="查专利", variants=NEW["variants"])}
    told = (await _post(live, place, json.dumps(asked).encode())).json()
    assert told["ranked"][0]["entry"] == "patent.search"
    told = (await _post(live, place, json.dumps({"question": ASKED}).encode())).json()
    assert told["ranked"][0]["entry"] != "patent.search"
    assert live.current is before
    assert "patent.search" not in place.file().read_text("utf-8")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"x", 400), (b"[]", 400), (b'{"question": 1}', 400), (json.dumps({"question": "字" * 5001}).encode(), 400), (b" " * 300_001, 413),
        (json.dumps({"question": "问", "entry": {"id": "patent.x"}}).encode(), 422),
        (json.dumps({"question": "问", "entry": patent(related=["patent.none"])}).encode(), 422),
    ],
)  # fmt: skip
async def test_what_cannot_be_tried_is_refused(live: LiveSearcher, place: Place, body: bytes, status: int) -> None:
    response = await _post(live, place, body)
    assert response.status_code == status
    assert response.json()["error"]


def test_without_the_action_server_trying_says_so(place: Place) -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        return httpx.Response(422, json={"error": "the entry has a fault"})

    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"{}")

    with pytest.raises(TryUnavailable, match="is the system running"):
        SearchServer(place.settings.model_copy(update={"actions_port": 1})).explain("问")
    with pytest.raises(TryUnavailable, match="has a fault"):
        SearchServer(place.settings, httpx.MockTransport(refused)).explain("问")
    with pytest.raises(TryUnavailable, match="does not answer"):
        SearchServer(place.settings, httpx.MockTransport(broken)).gaps(90)


def test_the_answer_of_the_action_server_is_read_back(live: LiveSearcher, place: Place) -> None:
    answer = explainer(live, KnowledgeFolder.of(place.settings), place.clock)
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=answer(request.content)))
    told = SearchServer(place.settings, transport).explain("商标被别人抢注了")
    assert told == explain(live.current, "商标被别人抢注了", TODAY)


def test_what_was_asked_in_vain_comes_back_in_groups(place: Place, encoders: SentenceEncoder) -> None:
    vault = Vault([Fernet.generate_key().decode()])
    kept = UnansweredQuestions(place.store, vault, place.clock)
    for asked in ("商标能借给别人用吗", "商标能借给别人用不", "怎么办理海关备案"):
        kept.add("c", asked, "none", 0.1, "trademark.renew")
    context = SimpleNamespace(store=place.store, vault=vault, clock=place.clock, encoders=encoders)
    answer = grouper(context)  # type: ignore[arg-type]
    server = SearchServer(place.settings, httpx.MockTransport(lambda request: httpx.Response(200, content=answer(request.content))))
    found = server.gaps(90)
    assert [gap.count for gap in found] == [2, 1]
    assert found[0].entry == "trademark.renew"
    assert found[0].last == place.clock.now()
    for body in (b"{}", b"[]", b'{"days": 0}', b'{"days": "x"}'):
        with pytest.raises(ValueError, match="days"):
            answer(body)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


