"""`aid user`: one thin function a command."""

from __future__ import annotations

from typing import Annotated

import typer

from aid.cli.saying import clear_errors
from aid.settings import read_settings

user_app = typer.Typer(no_args_is_help=True, help="Accounts of the workbench.")
Actor = Annotated[str | None, typer.Option(help="Who acts, for the log; the user of this machine otherwise.")]
UserName = Annotated[str, typer.Argument(help="The sign-in name.")]
Roles = Annotated[list[str], typer.Option("--role", help="role@center, role@* for every center; may be given several times.")]


@user_app.command("add")
def user_add(
    name: UserName, shown: Annotated[str, typer.Argument(help="The name that colleagues see.")], role: Roles, actor: Actor = None
) -> None:
    """Make an account; prints its one-time password, which must be changed at the first sign-in."""
    from aid.cli import people as command

    with clear_errors():
        command.add(read_settings(), name, shown, role, actor, print)


@user_app.command("list")
def user_list() -> None:
    """Show every account with its roles."""
    from aid.cli import people as command

    with clear_errors():
        command.list_all(read_settings(), print)


@user_app.command("disable")
def user_disable(
    name: UserName, undo: Annotated[bool, typer.Option("--undo", help="Open it again.")] = False, actor: Actor = None
) -> None:
    """Close an account and end its sessions."""
    from aid.cli import people as command

    with clear_errors():
        command.set_disabled(read_settings(), name, not undo, actor)


@user_app.command("reset")
def user_reset(name: UserName, actor: Actor = None) -> None:
    """Print a new one-time password; takes the second factor and waiting times away, ends the sessions."""
    from aid.cli import people as command

    with clear_errors():
        command.reset(read_settings(), name, actor, print)


@user_app.command("roles")
def user_roles(name: UserName, role: Roles, actor: Actor = None) -> None:
    """Give these roles in place of the present ones; ends the sessions."""
    from aid.cli import people as command

    with clear_errors():
        command.set_roles(read_settings(), name, role, actor)
