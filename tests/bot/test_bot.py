"""What runs inside the Rasa server, tested in Rasa's own environment: `.venv-rasa/bin/python -m unittest discover -s tests/bot -t .`"""

from __future__ import annotations

import asyncio
import base64
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import aiohttp
import numpy as np
import psycopg2
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.importer import KnowledgeImporter
from bot.kept import PUT, SWEEP, SWEEP_EVERY, TAKE, TrackersUnavailable
from bot.nlu.calibration import fit_temperature, soften
from bot.nlu.encoders import given_row
from bot.nlu.entities import KINDS, EntityRules
from bot.nlu.grams import GramWeights, character_grams
from bot.nlu.intents import looks_up_ticket
from bot.nlu.tokenizer import ProjectTokenizer
from bot.sessions import begin_sessions_here, require_sessions
from bot.several import in_order, said_in, share_actions
from bot.speed import prepare_action_schema, remember_emptiness, run_graphs_plainly
from bot.trackers import ScratchTrackerStore

PROJECT = Path(__file__).resolve().parents[2]
STOCK_RUN = DaskGraphRunner.run


class Words(GraphComponent):
    """A component whose nodes work on a text."""

    @classmethod
    def create(cls, config: object, model_storage: object, resource: object, execution_context: object) -> Words:
        return cls()

    def split(self, text: str) -> list[str]:
        return text.split()

    def head(self, words: list[str]) -> str:
        return words[0]

    def tail(self, words: list[str], first: str) -> list[str]:
        return [first, *words[1:]]

    def fail(self, words: list[str]) -> None:
        raise AssertionError("no target needs this node")


def node(needs: dict[str, str], function: str) -> SchemaNode:
    return SchemaNode(needs=needs, uses=Words, constructor_name="create", fn=function, config={}, eager=True)


class ImporterTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "nlu").mkdir()
        (self.folder / "t.yml").write_text(
            "entries:\n- {id: t.one, variants: [怎么注册商标, 转人工]}\n- {id: t.two, variants: [你是谁呀, 怎么注册商标]}\n", "utf-8"
        )
        (self.folder / "nlu" / "n.yml").write_text("nlu:\n- intent: human\n  examples: |\n    - 转人工\n", "utf-8")

    def texts(self, **more: object) -> list[str]:
        importer = KnowledgeImporter(knowledge=str(self.folder), examples=str(self.folder / "nlu"), **more)
        return [example.get("text") for example in importer.get_nlu_data().intent_examples]

    def test_each_variant_is_an_example_once(self) -> None:
        self.assertEqual(self.texts(), ["怎么注册商标", "你是谁呀"])

    def test_of_an_entry_with_many_variants_some_are_taken_from_all_over(self) -> None:
        (self.folder / "t.yml").write_text("entries:\n- {id: t.one, variants: [甲, 乙, 丙, 丁, 戊, 己]}\n", "utf-8")
        self.assertEqual(self.texts(each=3), ["甲", "丙", "戊"])
        self.assertEqual(self.texts(each=9), ["甲", "乙", "丙", "丁", "戊", "己"])

    def test_a_text_that_is_labelled_elsewhere_keeps_that_label(self) -> None:
        self.assertNotIn("转人工", self.texts())

    def test_entries_of_other_dialogue_acts_are_left_out(self) -> None:
        self.assertEqual(self.texts(leave_out=["t.two"]), ["怎么注册商标"])


class TrackerTest(unittest.TestCase):
    def setUp(self) -> None:
        self.domain = Domain.load(str(PROJECT / "domain.yml"))

    def store(self, **more: int) -> ScratchTrackerStore:
        return ScratchTrackerStore(self.domain, **more)

    def spoken(self, name: str = "c.0") -> DialogueStateTracker:
        said = UserUttered("我叫王强，电话13900001111", {"name": "inform", "confidence": 0.9}, [{"entity": "phone", "value": "13900001111"}])
        said.metadata = {"inbound": "x"}
        events = [
            said,
            ActiveLoop("case_form"),
            SlotSet("requested_slot", "case_intake"),
            BotUttered("王强您好"),
            ActionExecuted("action_listen"),
        ]
        return DialogueStateTracker.from_events(name, events, slots=self.domain.slots)

    def test_words_and_entities_are_forgotten_and_the_form_stays(self) -> None:
        store = self.store()
        asyncio.run(store.save(self.spoken()))
        kept = asyncio.run(store.retrieve("c.0"))
        whole = str([event.as_dict() for event in kept.events])
        self.assertNotIn("王强", whole)
        self.assertNotIn("13900001111", whole)
        self.assertEqual(kept.active_loop_name, "case_form")
        self.assertEqual(kept.get_slot("requested_slot"), "case_intake")
        self.assertEqual(kept.latest_action_name, "action_listen")

    def test_a_tracker_does_not_grow(self) -> None:
        store = self.store()
        tracker = self.spoken()
        for _ in range(5):
            for event in list(tracker.events)[:1] * 4:
                tracker.update(event, self.domain)
            asyncio.run(store.save(tracker))
        self.assertLess(len(asyncio.run(store.retrieve("c.0")).events), 8)

    def test_the_longest_unused_is_dropped_first(self) -> None:
        store = self.store(max_trackers=2)
        for name in ("a.0", "b.0", "c.0"):
            asyncio.run(store.save(self.spoken(name)))
        self.assertEqual(asyncio.run(store.keys()), ["b.0", "c.0"])

    def test_a_tracker_that_has_just_been_made_is_not_kept(self) -> None:
        store = self.store()
        asyncio.run(store.get_or_create_tracker("new.0"))
        self.assertEqual(asyncio.run(store.keys()), [])


class SharedTable:
    """In PostgreSQL's place: the table, and connections that a test may cut."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.asked: list[str] = []
        self.cut = self.away = self.full = False
        self.made = 0

    def connect(self, address: str, **_waiting: object) -> SharedTable:
        self.address = address
        if self.away:
            raise psycopg2.OperationalError("nobody listens")
        self.cut, self.made = False, self.made + 1
        return self

    def cursor(self) -> SharedTable:
        return self

    def __enter__(self) -> SharedTable:
        return self

    def __exit__(self, *_fault: object) -> None:
        return None

    def close(self) -> None:
        return None

    def execute(self, statement: str, values: tuple[str, ...] = ()) -> None:
        self.asked.append(statement)
        if self.cut or self.away:
            raise psycopg2.OperationalError("the connection was cut")
        self.description, self.found = None, []
        if statement.startswith("SELECT to_regclass"):
            self.found = [("rasa_tracker" if self.made > 1 else None,)]
        elif statement == TAKE:
            self.description = [("events",)]
            self.found = [(self.rows.pop(values[0]),)] if values[0] in self.rows else []
        elif statement == PUT:
            if self.full:
                raise psycopg2.errors.DiskFull("no space is left")
            self.rows[values[0]] = values[1]

    def fetchone(self) -> tuple[object, ...]:
        return self.found[0]

    def fetchall(self) -> list[tuple[object, ...]]:
        return self.found


class SharedTrackersTest(TrackerTest):
    """Everything that holds for memory, but for the limit of its size; and what several servers need."""

    def setUp(self) -> None:
        super().setUp()
        self.table = SharedTable()
        patched = mock.patch.object(psycopg2, "connect", self.table.connect)
        patched.start()
        self.addCleanup(patched.stop)

    def store(self, **more: int) -> ScratchTrackerStore:
        return ScratchTrackerStore(self.domain, host="postgresql://rasa@nowhere/rasa", **more)

    def test_the_longest_unused_is_dropped_first(self) -> None:
        """The table forgets by age instead."""
        store = self.store()
        asyncio.run(store.save(self.spoken()))
        for _ in range(SWEEP_EVERY):
            asyncio.run(store.save(self.spoken()))
        self.assertEqual(self.table.asked.count(SWEEP), 1)

    def test_another_server_goes_on_with_the_form(self) -> None:
        asyncio.run(self.store().save(self.spoken()))
        kept = asyncio.run(self.store().retrieve("c.0"))
        self.assertEqual((kept.active_loop_name, kept.get_slot("requested_slot")), ("case_form", "case_intake"))

    def test_a_tracker_is_taken_out_while_its_message_runs_so_that_no_old_one_is_ever_found(self) -> None:
        store = self.store()
        asyncio.run(store.save(self.spoken()))
        tracker = asyncio.run(store.retrieve("c.0"))
        self.table.full = True
        with self.assertRaises(TrackersUnavailable):
            asyncio.run(store.save(tracker))
        self.table.full = False
        self.assertIsNone(asyncio.run(self.store().retrieve("c.0")))

    def test_a_connection_that_was_cut_is_made_anew(self) -> None:
        store = self.store()
        asyncio.run(store.save(self.spoken()))
        self.table.cut = True
        self.assertIsNotNone(asyncio.run(store.retrieve("c.0")))

    def test_a_database_that_is_away_ends_the_turn(self) -> None:
        self.table.away = True
        with self.assertRaises(TrackersUnavailable):
            asyncio.run(self.store().retrieve("c.0"))

    def test_the_address_may_lie_in_a_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "trackers"
            place.write_text("postgresql://rasa:secret@db/rasa\n", "utf-8")
            asyncio.run(ScratchTrackerStore(self.domain, host=str(place)).retrieve("c.0"))
            self.assertEqual(self.table.address, "postgresql://rasa:secret@db/rasa")
            place.unlink()
            with self.assertRaises(TrackersUnavailable):
                asyncio.run(ScratchTrackerStore(self.domain, host=str(place)).retrieve("c.0"))


class SeveralActionServersTest(unittest.TestCase):
    def call(self, said: str) -> dict[str, object]:
        return {"tracker": {"latest_message": {"metadata": {"said": said}}}}

    def test_what_was_said_decides_who_is_asked_and_who_rests_is_asked_last(self) -> None:
        places = [EndpointConfig(f"http://127.0.0.1:{port}/webhook") for port in (1, 2)]
        firsts = {in_order(places, said_in(self.call(f"第{number}句")), {})[0].url for number in range(20)}
        self.assertEqual(firsts, {place.url for place in places})
        resting = {places[0].url: time.monotonic() + 5}
        self.assertEqual([in_order(places, f"第{number}句", resting)[0] for number in range(20)], [places[1]] * 20)
        self.assertEqual(said_in({"tracker": {}}), "")

    def test_one_that_cannot_be_reached_is_passed_over_and_one_that_fails_is_not(self) -> None:
        async def calls() -> tuple[object, int]:
            share_actions(5)
            asked: list[str] = []

            async def answer(request: web.Request) -> web.Response:
                asked.append((await request.json())["tracker"]["latest_message"]["metadata"]["said"])
                return web.json_response({"said": True}, status=500 if "坏" in asked[-1] else 200)

            app = web.Application()
            app.router.add_post("/webhook", answer)
            runner = web.AppRunner(app)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = site._server.sockets[0].getsockname()[1]
            both = EndpointConfig(f"http://127.0.0.1:9/webhook,http://127.0.0.1:{port}/webhook")
            try:
                told = [await both.request(json=self.call(f"第{number}句")) for number in range(6)]
                with self.assertRaises(ClientResponseError):
                    await both.request(json=self.call("坏"))
            finally:
                await runner.cleanup()
            with self.assertRaises(aiohttp.ClientConnectorError):
                await both.request(json=self.call("无人"))
            return told, len(asked)

        told, asked = asyncio.run(calls())
        self.assertEqual(told, [{"said": True}] * 6)
        self.assertEqual(asked, 7)


class SpeedTest(unittest.TestCase):
    def test_a_right_answer_passes_and_a_wrong_one_is_refused_as_before(self) -> None:
        prepare_action_schema()
        action = RemoteAction("action_consult", None)
        self.assertTrue(action._validate_action_result({"events": [], "responses": [{"text": "好"}]}))
        with self.assertRaises(ValidationError):
            action._validate_action_result({"events": "none"})

    def test_a_graph_runs_as_dask_runs_it(self) -> None:
        """Inputs, a node that two others need, and a node that no target needs."""
        schema = GraphSchema(
            {
                "words": node({"text": "text"}, "split"),
                "first": node({"words": "words"}, "head"),
                "last": node({"words": "words", "first": "first"}, "tail"),
                "unused": node({"words": "words"}, "fail"),
            }
        )
        runner = DaskGraphRunner.create(schema, None, ExecutionContext(schema))
        stock, inputs, targets = STOCK_RUN(runner, {"text": "a b c"}, ["last", "first"]), {"text": "a b c"}, ["last", "first"]
        run_graphs_plainly()
        self.assertEqual(runner.run(inputs, targets), stock)
        self.assertEqual(runner.run({"text": "d e"}, ["first"]), {"first": "d"})

    def test_a_domain_knows_whether_it_is_empty(self) -> None:
        remember_emptiness()
        full = Domain.from_dict({"intents": ["greet"]})
        self.assertEqual([full.is_empty(), full.is_empty(), Domain.empty().is_empty()], [False, False, True])

    def test_a_first_message_begins_its_session_without_the_action_server_and_no_other_does(self) -> None:
        begin_sessions_here()
        domain = Domain.empty()
        action = RemoteAction("action_session_start", None)
        first, later = DialogueStateTracker("c.0", None), DialogueStateTracker("c.0", None)
        first.slots["session_started_metadata"] = AnySlot("session_started_metadata", [], {"first": True})
        events = asyncio.run(action.run(None, None, first, domain))
        self.assertEqual([event.type_name for event in events], ["session_started", "action"])
        with self.assertRaises(RasaException):
            asyncio.run(action.run(None, None, later, domain))


class SessionTest(unittest.TestCase):
    """Whether a turn goes on after its session was to begin."""

    def begin(self, *events: object) -> None:
        require_sessions()

        class Processor:
            """What the stock method needs of a processor."""

            domain, nlg = Domain.empty(), None

            def _has_session_expired(self, tracker: DialogueStateTracker) -> bool:
                return False

            def _get_action(self, name: str) -> None:
                return None

            async def _run_action(self, tracker: DialogueStateTracker, **_more: object) -> None:
                tracker.update_with_events(list(events), self.domain)

        tracker = DialogueStateTracker("c.1", None)
        asyncio.run(MessageProcessor._update_tracker_session(Processor(), tracker, None))

    def test_a_session_that_began_goes_on(self) -> None:
        self.begin(SessionStarted(), ActionExecuted("action_listen"))

    def test_a_session_that_did_not_begin_ends_the_turn(self) -> None:
        with self.assertRaisesRegex(RasaException, "did not begin"):
            self.begin()


class ComponentTest(unittest.TestCase):
    def test_number_and_code_are_a_lookup_whatever_letters_the_code_has(self) -> None:
        said = {
            "查进度 CC-2026-000029 VR8VDM8L": True,
            "CC-2026-000038 F8TTKVL9，办到哪了": True,
            "CC-2026-000038": False,
            "CC-2026-000038 F8TTKVL9 你们办的这个投诉我不满意，要投诉你们的工作人员": False,
        }
        for text, expected in said.items():
            message = Message({"text": text})
            ProjectTokenizer(ProjectTokenizer.get_default_config()).process([message])
            EntityRules(EntityRules.get_default_config()).process([message])
            self.assertIs(looks_up_ticket(message.get("text"), message.get("entities")), expected, text)

    def test_a_slash_that_is_not_the_doors_begins_no_command(self) -> None:
        for said in ("／restart", "\ufe0f/restart", "\u200b／affirm"):
            message = Message({"text": said})
            ProjectTokenizer(ProjectTokenizer.get_default_config()).tokenize(message, "text")
            self.assertFalse(message.get("text").startswith("/"), said)

    def test_a_command_of_the_doors_stays_one(self) -> None:
        message = Message({"text": "/start_case"})
        ProjectTokenizer(ProjectTokenizer.get_default_config()).tokenize(message, "text")
        self.assertEqual(message.get("text"), "/start_case")

    def test_the_tokenizer_normalises_and_knows_the_projects_words(self) -> None:
        tokenizer = ProjectTokenizer(ProjectTokenizer.get_default_config())
        message = Message({"text": "在光博会上看到ＺＬ２０２３"})
        words = [token.text for token in tokenizer.tokenize(message, "text")]
        self.assertIn("光博会", words)
        self.assertEqual(message.get("text"), "在光博会上看到ZL2023")

    def test_words_of_a_person_never_become_a_command(self) -> None:
        tokenizer = ProjectTokenizer(ProjectTokenizer.get_default_config())
        domain = Domain.from_dict({"intents": ["affirm"]})
        for said, read in (("／affirm", "／affirm"), ("\u200b／affirm", "／affirm"), (" ／ affirm", "／ affirm"), ("／／x", "／/x"), ("/affirm", "/affirm")):
            message = Message({"text": said})
            tokenizer.tokenize(message, "text")
            self.assertEqual(message.get("text"), read)
            heard = RegexMessageHandler().process([message], domain)[0]
            self.assertEqual((heard.get("intent") or {}).get("name"), "affirm" if said == "/affirm" else None)

    def test_entities_are_found_in_a_message_and_kinds_noted_in_training(self) -> None:
        rules = EntityRules(EntityRules.get_default_config())
        message = rules.process([Message({"text": "光博会A3馆B12，电话13900001111"})])[0]
        found = {e["entity"]: e["value"] for e in message.get("entities")}
        self.assertEqual(found, {"event": "长春国际光电博览会", "booth": "A3馆B12", "phone": "13900001111"})
        example = Message({"text": "我的电话13900001111", "intent": "inform"})
        rules.process_training_data(TrainingData([example]))
        self.assertEqual(example.get(KINDS), ["phone"])


class GivenEncodingsTest(unittest.TestCase):
    def test_a_row_that_came_with_the_message_is_taken(self) -> None:
        row = np.array([0.5, -0.25], dtype="<f2")
        given = given_row(base64.b64encode(row.tobytes()).decode(), 2)
        np.testing.assert_array_equal(given, row)

    def test_anything_else_is_not(self) -> None:
        infinite = base64.b64encode(np.array([np.inf, 0], dtype="<f2").tobytes()).decode()
        for strange in (None, 7, "", "no base64!", "AAAA", infinite):
            self.assertIsNone(given_row(strange, 2))


class GramsTest(unittest.TestCase):
    def test_scores_are_those_of_scikit_learn(self) -> None:
        texts = ["商标注册", "商标被抢注", "ABC 专利", "专利侵权"]
        vectorizer = TfidfVectorizer(analyzer=character_grams, sublinear_tf=True).fit(texts)
        weights = np.random.default_rng(3).normal(size=(len(vectorizer.idf_), 4)).astype(np.float32)
        fast = GramWeights(vectorizer.get_feature_names_out().tolist(), vectorizer.idf_, weights)
        text = "商标商标 专利吗"
        np.testing.assert_allclose(fast.scores(character_grams(text)), (vectorizer.transform([text]) @ weights)[0], rtol=1e-4)

    def test_unknown_grams_add_nothing(self) -> None:
        np.testing.assert_array_equal(GramWeights(["a"], np.ones(1), np.ones((1, 2))).scores(["b"]), [0, 0])


class CalibrationTest(unittest.TestCase):
    def test_boasting_scores_are_softened(self) -> None:
        rows = np.random.default_rng(7)
        truth = rows.integers(0, 3, 600)
        scores = rows.normal(0, 1, (600, 3))
        scores[np.arange(600), truth] += 1.0
        temperature = fit_temperature(scores * 8, truth)
        self.assertAlmostEqual(temperature, 8 * fit_temperature(scores, truth), delta=1.5)

    def test_chances_add_up_to_one(self) -> None:
        chances = soften(np.array([[1000.0, 999.0], [-5.0, 5.0]]), 2.0)
        np.testing.assert_allclose(chances.sum(axis=1), 1.0)


if __name__ == "__main__":
    unittest.main()
