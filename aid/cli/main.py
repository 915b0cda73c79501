"""The command line: one thin function a command."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from aid.cli.backup_commands import add_commands as add_backup_commands
from aid.cli.knowledge_commands import add_commands
from aid.cli.privacy_commands import add_commands as add_privacy_commands
from aid.cli.report_commands import add_commands as add_report_commands
from aid.cli.saying import clear_errors as _clear_errors
from aid.cli.saying import say
from aid.cli.user import user_app
from aid.settings import read_settings

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The rights-protection aid assistant (小援).")
ticket_app = typer.Typer(no_args_is_help=True, help="Tickets.")
app.add_typer(ticket_app, name="ticket")
evidence_app = typer.Typer(no_args_is_help=True, help="The files of tickets.")
app.add_typer(evidence_app, name="evidence")
knowledge_app = typer.Typer(no_args_is_help=True, help="The knowledge.")
app.add_typer(knowledge_app, name="knowledge")
wechat_app = typer.Typer(no_args_is_help=True, help="The WeChat official account. See docs/wechat.md.")
app.add_typer(wechat_app, name="wechat")
privacy_app = typer.Typer(no_args_is_help=True, help="Personal data: its key, copies of it, its deletion. See docs/privacy.md.")
app.add_typer(privacy_app, name="privacy")
app.add_typer(user_app, name="user")


@app.command()
def serve(
    part: Annotated[
        Literal["prepare", "migrate", "doors", "rasa", "actions", "console"] | None,
        typer.Argument(help="One kind of process alone. prepare: train, keys and tables, once before the others; migrate: without training."),
    ] = None,
) -> None:
    """Start everything and watch it until Ctrl-C; or become one kind of process."""
    from aid.cli import serve as command

    with _clear_errors():
        if part is None:
            command.serve(read_settings(), say)
        else:
            command.serve_part(read_settings(), command.Part(part), say)


@app.command()
def train(force: Annotated[bool, typer.Option(help="Train even when nothing has changed.")] = False) -> None:
    """Train what is out of date: the bot and the search's calibration."""
    from aid.cli import train as command

    with _clear_errors():
        print(command.train(read_settings(), say, force).name)


@app.command()
def check(
    laws: Annotated[Path | None, typer.Option(help="A folder of law texts: hold each citation against its article.")] = None,
) -> None:
    """Check knowledge, routing and settings; exit 1 with file and line of each fault."""
    from aid.cli.check import check as command

    with _clear_errors():
        if not command(read_settings(), print, laws):
            raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="One question.")] = None,
    file: Annotated[Path | None, typer.Option(help="JSON lines with id and q, or with turns.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the answers go, as JSON lines; standard output otherwise.")] = None,
) -> None:
    """Ask through the whole running path, each question in a fresh conversation."""
    from aid.cli import ask as command

    if (question is None) == (file is None):
        say('aid: give one question, or --file: aid ask "问题"')
        raise typer.Exit(2)
    with _clear_errors():
        if question is not None:
            command.ask_one(read_settings(), question, say, print)
        elif file is not None:
            command.ask_file(read_settings(), file, out, say)


@ticket_app.command("show")
def ticket_show(
    number: Annotated[str, typer.Argument(help="The ticket's number, like CC-2026-000123.")],
    reveal: Annotated[bool, typer.Option(help="Show personal data unmasked; needs --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why it is shown unmasked; kept with your name and the time.")] = "",
) -> None:
    """Show a ticket with its event log; personal data stays masked."""
    from aid.cli.ticket import show

    with _clear_errors():
        show(read_settings(), number, reveal, print, reason)


@ticket_app.command("do")
def ticket_do(
    number: Annotated[str, typer.Argument(help="The ticket's number, like CC-2026-000123.")],
    event: Annotated[str, typer.Argument(help="What happens, e.g. accepted, returned, transferred, concluded (aid/cases/life.py).")],
    actor: Annotated[str, typer.Option("--as", help="Who does it, as role:name (intake, handler, supervisor).")],
    detail: Annotated[list[str] | None, typer.Argument(help="What must be said with it, as key=words: reason=… receiver=subcenter-2.")] = None,
) -> None:
    """Write down what happened to a ticket; what the table of transitions does not allow is refused."""
    from aid.cli.ticket import do

    with _clear_errors():
        do(read_settings(), number, event, actor, detail or [], print)


@app.command()
def document(
    number: Annotated[str, typer.Argument(help="The ticket's number, like CC-2026-000123.")],
    out: Annotated[Path, typer.Option(help="Where the .docx goes: a new file, or a folder.")],
    reason: Annotated[str, typer.Option(help="Why it is made; kept with your name and the time.")],
) -> None:
    """Make the document of a ticket to print and sign; it holds personal data in full."""
    from aid.cli.document import document as command

    with _clear_errors():
        print(command(read_settings(), number, out, reason))


@evidence_app.command("list")
def evidence_list(number: Annotated[str, typer.Argument(help="The ticket's number, like CC-2026-000123.")]) -> None:
    """List the files of a ticket: type, bytes, SHA-256, time received, name."""
    from aid.cli.evidence import list_files

    with _clear_errors():
        list_files(read_settings(), number, print)


@evidence_app.command("export")
def evidence_export(
    number: Annotated[str, typer.Argument(help="The ticket's number, like CC-2026-000123.")],
    file: Annotated[int, typer.Argument(help="The file's number in `aid evidence list`.")],
    out: Annotated[Path, typer.Option(help="Where it goes; must not be there yet.")],
    reason: Annotated[str, typer.Option(help="Why it is taken out; kept with your name and the time.")],
) -> None:
    """Write a file of a ticket as it came; who, when and why is kept."""
    from aid.cli.evidence import export

    with _clear_errors():
        export(read_settings(), number, file, out, reason, print)


@evidence_app.command("sweep")
def evidence_sweep() -> None:
    """Delete files that a crash left behind. The doors do so at each start."""
    from aid.cli.evidence import sweep

    with _clear_errors():
        sweep(read_settings(), print)


@app.command()
def route(
    kind: Annotated[str, typer.Argument(help="The kind of case: a file's name in knowledge/cases.")],
    facts: Annotated[list[str] | None, typer.Argument(help="What is known, as field=value: place=宽城区 exhibit=车灯.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON.")] = False,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As if it were this day (an expo's, say); today otherwise.")] = None,
) -> None:
    """Show which center receives a case, who gets a copy, to whom it may be referred, and which rules decide."""
    from aid.cli.route import route as command

    pairs = [fact.partition("=") for fact in facts or []]
    if any(not sign for _, sign, _ in pairs):
        say("aid: each fact is field=value, e.g. place=宽城区")
        raise typer.Exit(2)
    with _clear_errors():
        command(read_settings(), kind, {name: value for name, _, value in pairs}, as_json, print, day.date() if day else None)


@app.command()
def doctor() -> None:
    """Versions, processes, database, models, free disk; exit 1 when something is wrong."""
    from aid.cli.doctor import doctor as command

    with _clear_errors():
        if not command(read_settings(), print):
            raise typer.Exit(1)


@app.command()
def stations(keys: Annotated[bool, typer.Option("--keys", help="Show what belongs at the end of each machine's address.")] = False) -> None:
    """List the kiosks: how each is, when it was last heard of, its page's version, its line; exit 1 when one that was heard of is silent."""
    from aid.cli.stations import station_keys
    from aid.cli.stations import stations as command

    with _clear_errors():
        if keys:
            station_keys(read_settings(), print)
        elif not command(read_settings(), print):
            raise typer.Exit(1)


@app.command()
def questions(days: Annotated[int, typer.Option(min=1, help="How far back to look.")] = 90) -> None:
    """List what people asked without a sure answer, or with one that did not help, grouped by likeness."""
    from aid.cli.questions import show_groups

    with _clear_errors():
        show_groups(read_settings(), days, print)


@knowledge_app.command("new")
def knowledge_new(
    group: Annotated[int, typer.Argument(help="The group's number in `aid questions`.")],
    entry_id: Annotated[str, typer.Argument(help="The new entry's id, <topic>.<slug>.")],
    days: Annotated[int, typer.Option(min=1, help="How far back to look, as given to `aid questions`.")] = 90,
) -> None:
    """Begin an entry from a group of questions."""
    from aid.cli.questions import begin_entry

    with _clear_errors():
        print(begin_entry(read_settings(), group, entry_id, days))


add_commands(knowledge_app, _clear_errors)


add_report_commands(app, _clear_errors)
add_privacy_commands(privacy_app, _clear_errors)
add_backup_commands(app, _clear_errors)


@wechat_app.command("menu")
def wechat_menu(what: Annotated[Literal["show", "diff", "push"], typer.Argument(help="Show it, compare it with the account's, or set it.")]) -> None:
    """The account's menu (knowledge/wechat.yml); diff ends with 1 when they differ."""
    from aid.cli.wechat import run

    raise typer.Exit(run("menu", what))


@wechat_app.command("expo")
def wechat_expo(code: Annotated[str, typer.Argument(help="The expo's code in knowledge/events.yml.")]) -> None:
    """Make the code that visitors of an expo scan: the talk begins at that expo, with its questions first."""
    from aid.cli.wechat import run

    raise typer.Exit(run("expo", code))


@wechat_app.command("simulate")
def wechat_simulate() -> None:
    """Stand in for the platform, so that the door can be tried without an account."""
    from aid.cli.wechat import run

    raise typer.Exit(run("simulate"))
