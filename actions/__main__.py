"""``python -m actions``: the action server on its loopback port."""

from __future__ import annotations

import gc
from functools import partial

import uvicorn

from actions.base import TurnAction
from actions.consult import Choose, Consult
from actions.context import Context, open_context
from actions.desk import for_the_desk
from actions.entrance import Entrance
from actions.files import TakeFile
from actions.intake import CloseIntake, Intake
from actions.server import create_app
from actions.session import SessionStart
from actions.smalltalk import Reply
from actions.status import TicketStatus
from aid.errors import AidError
from aid.logs.start import start_log
from aid.operations.figures import Figures
from aid.operations.listener import listening
from aid.operations.readiness import Readiness, RecordProbe, lives
from aid.settings import read_settings

CLOSE_SECONDS = 15


def all_actions(context: Context) -> list[TurnAction]:
    """Every action that domain.yml names."""
    kinds = (SessionStart, Reply, Consult, Choose, TicketStatus, Entrance, CloseIntake, Intake, TakeFile)
    return [kind(context) for kind in kinds]


def main() -> None:
    """Serve until told to stop; a fault at the start is one clear line and exit code 1."""
    try:
        settings = read_settings()
        figures = Figures()
        start_log(settings, "actions", figures)
        context = open_context(settings, figures)
    except AidError as fault:
        raise SystemExit(f"actions: {fault}") from None
    probe = RecordProbe(context.store)
    try:
        gc.collect()
        gc.freeze()  # what is loaded stays; the collector need not look at it again
        readiness = Readiness({RecordProbe.PARTS: probe.ask, **lives("search", partial(_knows, context))}, seen=figures.looked)
        app = create_app(all_actions(context), context.foresight.begin, for_the_desk(context), figures=figures, readiness=readiness)
        with listening(settings, "actions", figures.registry):
            # Told to stop, it takes nothing new and ends what it has in hand.
            uvicorn.run(
                app,
                host=settings.inner_host,
                port=settings.actions_port,
                log_config=None,
                access_log=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=CLOSE_SECONDS,
            )
    except AidError as fault:
        raise SystemExit(f"actions: {fault}") from None
    finally:
        probe.close()
        context.close()


async def _knows(context: Context) -> bool:
    """Whether the search has entries to find."""
    return bool(context.searcher.knowledge.entries)


if __name__ == "__main__":
    main()
