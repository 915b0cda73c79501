"""`aid backup`, `aid restore` and `aid migrate`, one thin function a command."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

from aid.settings import read_settings

ClearErrors = Callable[[], AbstractContextManager[None]]
Keys = Annotated[Path | None, typer.Option("--keys", help="The folder of the keys, apart from the backups; best on another disk.")]


def add_commands(app: typer.Typer, clear_errors: ClearErrors) -> None:
    """Add them to ``app``."""
    _add_backup(app, clear_errors)
    _add_restore(app, clear_errors)
    _add_migrate(app, clear_errors)


def _add_backup(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("backup")
    def backup(
        folder: Annotated[Path | None, typer.Argument(help="The folder of the backups; AID_BACKUP_DIR otherwise.")] = None,
        keys: Keys = None,
        keep: Annotated[int | None, typer.Option(min=1, help="How many backups stay; older ones are removed.")] = None,
        verify: Annotated[bool, typer.Option("--verify", help="Make none: hold the one that is there against its manifest.")] = False,
    ) -> None:
        """Back up database, evidence files and knowledge while the system runs; the keys go to a folder apart. See docs/backup.md."""
        from aid.cli import backup as command

        with clear_errors():
            settings = read_settings()
            where = folder or (Path(settings.backup_dir) if settings.backup_dir else None)
            if where is None:
                raise typer.BadParameter("give a folder, or set AID_BACKUP_DIR")
            if verify:
                command.verify(where, keys, print)
            elif not command.backup(settings, where, keys, keep, print):
                raise typer.Exit(1)


def _add_restore(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("restore")
    def restore(
        folder: Annotated[Path, typer.Argument(help="The backup, or a folder of backups: then its newest one.")],
        keys: Keys = None,
        replace: Annotated[
            int | None, typer.Option(min=0, help="How many tickets the system holds now, if they are to make room; they are put aside.")
        ] = None,
        knowledge: Annotated[bool, typer.Option("--knowledge", help="Put the knowledge of the backup in the place of the present one.")] = False,
    ) -> None:
        """Restore a backup into the system of the settings, which must not run; counts and hashes are compared. See docs/backup.md."""
        from aid.cli import backup as command

        with clear_errors():
            command.restore(read_settings(), folder, keys, replace, knowledge, print)


def _add_migrate(app: typer.Typer, clear_errors: ClearErrors) -> None:
    @app.command("migrate")
    def migrate(
        to: Annotated[str, typer.Option(help="The revision of the tables, as --status lists them; head is the newest.")] = "head",
        status: Annotated[bool, typer.Option("--status", help="Only show which revisions there are, and where the database is.")] = False,
        lose_data: Annotated[bool, typer.Option("--lose-data", help="Go back even where an earlier form has no place for what is kept.")] = False,
    ) -> None:
        """Bring the tables to a revision, forwards or back. What going back would lose is told, and needs --lose-data."""
        from aid.cli import migrate as command

        with clear_errors():
            if status:
                command.status(read_settings(), print)
            else:
                command.migrate(read_settings(), to, lose_data, print)
