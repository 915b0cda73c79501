"""What Rasa writes into its log tells where a fault was, and nothing of what a person said."""

from __future__ import annotations

import contextlib
import io
import logging
import unittest

import structlog

from bot.confined import say_no_values


class TestLog(unittest.TestCase):
    def test_a_fault_is_logged_without_the_values_of_variables(self) -> None:
        from rasa.utils.log_utils import configure_structlog

        stock = structlog.processors.dict_tracebacks
        self.addCleanup(setattr, structlog.processors, "dict_tracebacks", stock)
        self.addCleanup(structlog.reset_defaults)
        self.assertIn("13900007", self.logged(configure_structlog), "else Rasa has changed and this repair can go")
        say_no_values()
        said = self.logged(configure_structlog)
        self.assertNotIn("13900007", said)
        self.assertNotIn("\\u738b", said)
        self.assertNotIn("王小强", said)
        self.assertIn("rest.message.received.failure", said)
        self.assertIn("ValueError", said)

    def logged(self, configure: object) -> str:
        kept = io.StringIO()
        handler = logging.StreamHandler(kept)
        root = logging.getLogger()
        root.addHandler(handler)
        try:
            with contextlib.suppress(KeyError):
                configure(logging.ERROR)  # type: ignore[operator]
            self.fail_with("我的电话是13900007001")
        finally:
            root.removeHandler(handler)
        return kept.getvalue()

    def fail_with(self, text: str) -> None:
        try:
            raise ValueError("no end")
        except ValueError:
            structlog.get_logger("rasa").exception("rest.message.received.failure", text="我叫王小强")


if __name__ == "__main__":
    unittest.main()
