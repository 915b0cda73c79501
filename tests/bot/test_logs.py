"""The Rasa server's log holds no words of people; and it says which model it has."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import unittest
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import structlog
from rasa.utils.log_utils import configure_structlog

from aid.logs.lines import in_talk
from bot.logs import without_words
from bot.ready import Ready

NAME, PHONE = "郑雪梅", "13900007001"


class Logs(unittest.TestCase):
    """Each line, as the server writes it once it has started."""

    def setUp(self) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        root = logging.getLogger()
        self.before = root.handlers
        root.handlers = [self.handler]
        configure_structlog(logging.WARNING)
        without_words()

    def tearDown(self) -> None:
        logging.getLogger().handlers = self.before

    def written(self) -> str:
        return self.stream.getvalue()

    def test_a_message_that_cannot_be_handled_is_not_written_down(self) -> None:
        text = f"我叫{NAME}，电话{PHONE}"
        with in_talk("talk-1.0"):
            try:
                raise KeyError(text)
            except KeyError:
                structlog.get_logger("rasa.core.channels.rest").exception("rest.message.received.failure", text=text)
        self.assertIn("rest.message.received.failure", self.written())
        self.assertIn("[talk-1]", self.written())
        for needle in (NAME, PHONE):
            self.assertNotIn(needle, self.written())

    def test_filled_in_words_are_left_out_and_the_place_and_the_kind_stay(self) -> None:
        logger = logging.getLogger("rasa.core.processor")
        try:
            raise ValueError(NAME)
        except ValueError:
            logger.exception(f"Encountered {NAME}")
        logger.warning("told %s", PHONE)
        self.assertIn("(words left out) (test_logs.py:", self.written())
        self.assertIn("ValueError\n", self.written())
        self.assertIn("told %s (test_logs.py:", self.written())
        for needle in (NAME, PHONE):
            self.assertNotIn(needle, self.written())

    def test_our_own_lines_stay_as_they_are(self) -> None:
        logging.getLogger("bot.trackers").warning("a model of %d parts", 4)
        self.assertIn("a model of 4 parts", self.written())

    def test_handlers_of_libraries_are_put_aside(self) -> None:
        own = logging.getLogger("some.library")
        own.addHandler(logging.StreamHandler(sys.stdout))
        own.propagate = False
        without_words()
        own.warning(f"told {NAME}")
        self.assertEqual(own.handlers, [])
        self.assertNotIn(NAME, self.written())
        self.assertIn("words left out", self.written())


class ReadyTest(unittest.TestCase):
    """What the doors are told of the model."""

    def told(self, agent: Any) -> tuple[int, Any]:
        async def ignored(_message: Any) -> None: ...

        [route] = Ready().blueprint(ignored)._future_routes
        request = SimpleNamespace(app=SimpleNamespace(ctx=SimpleNamespace(agent=agent)))
        answer = asyncio.run(route.handler(request))
        return answer.status, json.loads(answer.body)

    def test_without_a_model_it_is_not_ready(self) -> None:
        self.assertEqual(self.told(None), (503, {"model": None}))
        self.assertEqual(self.told(SimpleNamespace(is_ready=lambda: False)), (503, {"model": None}))

    def test_with_a_model_it_says_which_and_from_when(self) -> None:
        known = SimpleNamespace(model_id="0a1b", trained_at=datetime(2026, 11, 22, 2, 0))
        agent = SimpleNamespace(is_ready=lambda: True, processor=SimpleNamespace(model_metadata=known))
        self.assertEqual(self.told(agent), (200, {"model": "0a1b", "trained_at": 1795312800.0}))
