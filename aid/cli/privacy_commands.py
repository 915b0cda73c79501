"""The commands of `aid privacy`, one thin function a command."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from aid.settings import read_settings

ClearErrors = Callable[[], AbstractContextManager[None]]
Phone = Annotated[str | None, typer.Option(help="The person's telephone; - asks for it, so that it stays out of the shell's history.")]
TicketNumber = Annotated[str | None, typer.Option("--ticket", help="A ticket's number.")]
ConversationId = Annotated[str | None, typer.Option("--conversation", help="A conversation's id.")]
Actor = Annotated[str | None, typer.Option(help="Who acts, for the log; the user of this machine otherwise.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it only what would be done is shown.")]


def add_commands(app: typer.Typer, clear_errors: ClearErrors) -> None:
    """Add them to ``app``."""
    _add_keeping(app, clear_errors)
    _add_deleting(app, clear_errors)


def _add_keeping(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("rotate")
    def rotate(
        retire: Annotated[bool, typer.Option("--retire", help="Drop the old key, once nothing is sealed with it any more.")] = False,
        print_key: Annotated[bool, typer.Option("--print-key", help="Print a new key for AID_DATA_KEY, and do nothing else.")] = False,
        yes: Yes = False,
        actor: Actor = None,
    ) -> None:
        """Seal everything with a new data key while the system runs; run again, it goes on where it was stopped."""
        from aid.cli import privacy as command

        with clear_errors():
            if print_key:
                typer.echo(command.new_key())
            elif retire:
                command.retire(read_settings(), actor, yes, print)
            else:
                command.rotate(read_settings(), actor, print)

    @app.command("export")
    def export(
        out: Annotated[Path, typer.Option(help="Where the copy goes, a .json file; its cover lies beside it as .txt.")],
        phone: Phone = None,
        ticket: TicketNumber = None,
        conversation: ConversationId = None,
        actor: Actor = None,
    ) -> None:
        """Write a copy of everything that is kept about one person, for this person."""
        from aid.cli import privacy as command

        with clear_errors():
            command.export(read_settings(), command.Asked(_asked_for(phone), ticket, conversation), out, actor, print)


def _add_deleting(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("erase")
    def erase(
        phone: Phone = None,
        ticket: TicketNumber = None,
        conversation: ConversationId = None,
        withdraw: Annotated[
            bool, typer.Option("--withdraw", help="Withdraw cases that are under way first: the person takes his consent back.")
        ] = False,
        yes: Yes = False,
        actor: Actor = None,
    ) -> None:
        """Delete what is kept about one person; exit 1 when a case that is under way keeps its data."""
        from aid.cli import privacy as command

        with clear_errors():
            if not command.erase(read_settings(), command.Asked(_asked_for(phone), ticket, conversation), withdraw, yes, actor, print):
                raise typer.Exit(1)

    @app.command("purge")
    def purge(
        yes: Yes = False,
        unconfirmed: Annotated[bool, typer.Option("--unconfirmed", help="Delete though the center has not confirmed the periods.")] = False,
        actor: Actor = None,
    ) -> None:
        """Delete what is kept longer than knowledge/privacy.yml allows."""
        from aid.cli import privacy as command

        with clear_errors():
            command.purge(read_settings(), yes, unconfirmed, actor, print)


def _asked_for(phone: str | None) -> str | None:
    """A telephone given as ``-`` is asked for on the terminal, unseen."""
    return str(typer.prompt("telephone", hide_input=True, err=True)) if phone == "-" else phone
