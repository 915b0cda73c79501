"""``python -m actions``: the action server on its loopback port."""

from __future__ import annotations

import gc
import logging

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
from aid.privacy.masking import MaskingFilter
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
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        for handler in logging.getLogger().handlers:
            handler.addFilter(MaskingFilter())
        context = open_context(settings)
    except AidError as fault:
        raise SystemExit(f"actions: {fault}") from None
    try:
        gc.collect()
        gc.freeze()  # what is loaded stays; the collector need not look at it again
        app = create_app(all_actions(context), context.foresight.begin, for_the_desk(context))
        # Told to stop, it takes nothing new and ends what it has in hand.
        uvicorn.run(
            app,
            host=settings.inner_host,
            port=settings.actions_port,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
    finally:
        context.close()


if __name__ == "__main__":
    main()
