"""The commands of `aid knowledge`, one thin function a command."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from aid.settings import read_settings

ClearErrors = Callable[[], AbstractContextManager[None]]
Who = Annotated[str, typer.Option("--as", help="Your name; a text is approved by another than its author.")]
Why = Annotated[str, typer.Option(help="Why, in a sentence; kept in the history.")]
File = Annotated[Path, typer.Argument(help="A YAML file with one entry, as `aid knowledge show ENTRY` prints it.")]
ProposalId = Annotated[str, typer.Argument(help="The proposal, as `aid knowledge list` names it.")]
EntryId = Annotated[str, typer.Argument(help="The entry's id, <topic>.<slug>.")]


def add_commands(app: typer.Typer, clear_errors: ClearErrors) -> None:
    """Add the desk's commands to ``app``."""
    _add_proposing(app, clear_errors)
    _add_deciding(app, clear_errors)
    _add_looking(app, clear_errors)


def _add_proposing(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("check")
    def check(file: File) -> None:
        """Say what `aid check` would say of an entry, before it is anywhere; exit 1 when it has an error."""
        from aid.cli.knowledge import check_file

        with clear_errors():
            if not check_file(read_settings(), file, print):
                raise typer.Exit(1)

    @app.command("propose")
    def propose(
        file: File, who: Who, why: Why, proposal: Annotated[str | None, typer.Option(help="An open proposal whose text this replaces.")] = None
    ) -> None:
        """Propose an entry, new or changed; it goes live once another person approves it."""
        from aid.cli import knowledge

        with clear_errors():
            knowledge.propose(read_settings(), file, who, why, proposal, print)

    @app.command("rollback")
    def rollback(entry: EntryId, version: Annotated[int, typer.Argument(help="Its number in `aid knowledge history`.")], who: Who, why: Why) -> None:
        """Propose an older version of an entry again."""
        from aid.cli.knowledge import roll_back

        with clear_errors():
            roll_back(read_settings(), entry, version, who, why, print)


def _add_deciding(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("approve")
    def approve(proposal: ProposalId, who: Who, seen: Annotated[str, typer.Option(help="What `aid knowledge show` says behind 'seen'.")]) -> None:
        """Make a proposal live, after having read it."""
        from aid.cli import knowledge

        with clear_errors():
            knowledge.approve(read_settings(), proposal, who, seen, print)

    @app.command("return")
    def send_back(proposal: ProposalId, who: Who, why: Why) -> None:
        """Give a proposal back to its author."""
        from aid.cli.knowledge import close

        with clear_errors():
            close(read_settings(), proposal, who, why, True, print)

    @app.command("withdraw")
    def withdraw(proposal: ProposalId, who: Who, why: Why) -> None:
        """Take a proposal away."""
        from aid.cli.knowledge import close

        with clear_errors():
            close(read_settings(), proposal, who, why, False, print)

    @app.command("export")
    def export(
        out: Annotated[Path, typer.Option(help="A folder for the patches.")],
        who: Who,
        everything: Annotated[bool, typer.Option("--all", help="Also what was written out before.")] = False,
    ) -> None:
        """Write approved changes as patches for git, with the messages of their commits."""
        from aid.cli.knowledge import export_patches

        with clear_errors():
            export_patches(read_settings(), out, who, everything, print)

    @app.command("carry")
    def carry() -> None:
        """Bring this machine's files up to what was approved, as running servers do by themselves; exit 1 when one cannot be."""
        from aid.cli import knowledge

        with clear_errors():
            if not knowledge.carry(read_settings(), print):
                raise typer.Exit(1)


def _add_looking(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("list")
    def list_(everything: Annotated[bool, typer.Option("--all", help="Also what was approved or withdrawn.")] = False) -> None:
        """List the open proposals."""
        from aid.cli.knowledge import list_proposals

        with clear_errors():
            list_proposals(read_settings(), everything, print)

    @app.command("show")
    def show(name: Annotated[str, typer.Argument(help="A proposal, or an entry's id.")]) -> None:
        """Show a proposal with its difference, or an entry as YAML."""
        from aid.cli.knowledge import show_one

        with clear_errors():
            show_one(read_settings(), name, print)

    @app.command("history")
    def history(entry: EntryId) -> None:
        """Show every version of an entry: who, when, why and what."""
        from aid.cli import knowledge

        with clear_errors():
            knowledge.history(read_settings(), entry, print)

    @app.command("old")
    def old(months: Annotated[int, typer.Option(min=1, help="Not checked for so many months.")] = 12) -> None:
        """List the entries that nobody has checked for long."""
        from aid.cli.knowledge import show_old

        with clear_errors():
            show_old(read_settings(), months, print)

    @app.command("quality")
    def quality(days: Annotated[int, typer.Option(min=1, max=3650, help="How far back to look.")] = 30) -> None:
        """Show how often each entry was shown, offered and refused, and what people said of it."""
        from aid.cli.knowledge import show_quality

        with clear_errors():
            show_quality(read_settings(), days, print)

    @app.command("try")
    def try_it(
        question: Annotated[str, typer.Argument(help="A question.")],
        file: Annotated[Path | None, typer.Option(help="An entry in YAML: as if it stood in the knowledge already.")] = None,
    ) -> None:
        """Ask the running search, and show the scores and the reason why."""
        from aid.cli import knowledge

        with clear_errors():
            knowledge.try_it(read_settings(), question, file, print)
