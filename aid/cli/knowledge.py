"""`aid knowledge …`: the knowledge desk on the command line. What the machine's operator does here he does in the name that he gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from difflib import unified_diff
from pathlib import Path

from aid.cli.check import line_of
from aid.clock import today
from aid.consultation.entries import load_knowledge
from aid.errors import AidError
from aid.knowledge_desk.changes import OPEN, Proposal
from aid.knowledge_desk.content import Content, content_from_yaml
from aid.knowledge_desk.desk import KnowledgeDesk
from aid.knowledge_desk.errors import FaultyEntry, Outdated, UnknownEntry
from aid.knowledge_desk.export import export
from aid.knowledge_desk.layout import entry_lines
from aid.knowledge_desk.quality import AnswerQuality, old_entries
from aid.knowledge_desk.rights import Editor
from aid.knowledge_desk.search_server import SearchServer
from aid.people.rights import EVERYWHERE, Grant
from aid.privacy.vault import open_vault
from aid.settings import Settings
from aid.store.engine import open_store

Show = Callable[[str], None]
LEAST_SEEN = 8
"""Characters of a text's digest by which `approve` is told what was read."""


class CannotRead(AidError):
    """A file given on the command line cannot be read."""


def operator(name: str) -> Editor:
    """Who has the machine's shell may act in any role; only not on his own text."""
    return Editor(name, frozenset({Grant("supervisor", EVERYWHERE)}))


@contextmanager
def _desk(settings: Settings) -> Iterator[KnowledgeDesk]:
    store = open_store(settings)
    try:
        yield KnowledgeDesk.of(settings, store)
    finally:
        store.close()


def list_proposals(settings: Settings, everything: bool, show: Show) -> None:
    """The open proposals, or all, the last changed first."""
    with _desk(settings) as desk:
        rows = desk.changes.listed(("proposed", "returned", "withdrawn", "approved") if everything else OPEN)
    for row in rows:
        number = f" (version {row.number})" if row.number else ""
        show(f"{row.id}  {row.state}{number}  {row.kind}  {row.entry}  by {', '.join(row.authors)}  {row.changed_at:%Y-%m-%d %H:%M}  {row.why}")
    show(f"{len(rows)} proposals")


def show_one(settings: Settings, name: str, show: Show) -> None:
    """A proposal with its difference and log, or an entry as the file has it, to begin a change from."""
    with _desk(settings) as desk:
        if "." in name:
            content = desk.folder.content(name)
            if content is None:
                raise UnknownEntry(f"there is no entry {name}")
            show(_yaml(content))
            return
        row = desk.changes.one(name)
        for line in _difference(row):
            show(line)
        for event in desk.changes.log(row.id):
            show(f"{event.at:%Y-%m-%d %H:%M}  {event.kind}  {event.actor}  {event.words}".rstrip())
        show(f"{row.state}; seen: {row.digest[:LEAST_SEEN]}")


def check_file(settings: Settings, file: Path, show: Show) -> bool:
    """What the checks say of an entry in a file, if it stood in the knowledge; whether it has no error."""
    with _desk(settings) as desk:
        _edit, checked = desk.check(_read(file))
    for found in checked.own:
        show(f"{line_of(found.fault)}{f' [{found.field}]' if found.field else ''}")
    show(f"{len(checked.errors)} errors, {len(checked.own) - len(checked.errors)} other remarks")
    return not checked.errors


def propose(settings: Settings, file: Path, who: str, why: str, proposal: str | None, show: Show) -> None:
    """Propose the entry in a file, or with ``proposal`` put it in the place of an open proposal's text."""
    content = _read(file)
    with _desk(settings) as desk:
        try:
            if proposal is None:
                row = desk.propose(operator(who), content, why)
            else:
                row = desk.revise(operator(who), proposal, content, why, desk.changes.one(proposal).revision)
        except FaultyEntry as fault:
            for found in fault.faults:
                show(f"{line_of(found.fault)}{f' [{found.field}]' if found.field else ''}")
            raise
    show(f"{row.id}  {row.state}  {row.kind}  {row.entry}; seen: {row.digest[:LEAST_SEEN]}")


def approve(settings: Settings, proposal: str, who: str, seen: str, show: Show) -> None:
    """Approve what was read; ``seen``: the first characters of its digest, as `show` tells them."""
    with _desk(settings) as desk:
        row = desk.changes.one(proposal)
        if len(seen) < LEAST_SEEN or not row.digest.startswith(seen):
            raise Outdated(f"this is not the text that waits: read it with `aid knowledge show {proposal}`")
        carried = desk.approve(operator(who), proposal, row.digest)
    show(f"{carried.entry}: {'live' if carried.standing in ('live', 'written') else carried.words}")


def close(settings: Settings, proposal: str, who: str, why: str, back: bool, show: Show) -> None:
    """Send a proposal back to its author, or withdraw it."""
    with _desk(settings) as desk:
        (desk.send_back if back else desk.withdraw)(operator(who), proposal, why)
    show(f"{proposal}  {'returned' if back else 'withdrawn'}")


def history(settings: Settings, entry: str, show: Show) -> None:
    """Every version of an entry: who wrote and who approved it, when, why, and the difference to the one before."""
    with _desk(settings) as desk:
        found = desk.history(entry)
    before: Content | None = None
    for version in found.versions:
        when = f"{version.at:%Y-%m-%d %H:%M}  " if version.at else ""
        who = f"by {', '.join(version.authors)}, approved by {version.approver}  {version.why}" if version.approver else "as it stood before"
        show(f"version {version.number}  {when}{who}{'  (the file had been changed by hand)' if version.by_hand else ''}")
        if version.number:
            for line in _lines(before, version.content):
                show(f"    {line}")
        before = version.content
    if found.by_hand:
        show("the file has been changed by hand since:")
        for line in _lines(before, found.now):
            show(f"    {line}")


def roll_back(settings: Settings, entry: str, number: int, who: str, why: str, show: Show) -> None:
    """Propose an older version again; a second person approves it."""
    with _desk(settings) as desk:
        row = desk.roll_back(operator(who), entry, number, why)
    show(f"{row.id}  {row.state}  {row.kind}  {row.entry}; seen: {row.digest[:LEAST_SEEN]}")


def export_patches(settings: Settings, out: Path, who: str, everything: bool, show: Show) -> None:
    """Write the approved changes for git."""
    with _desk(settings) as desk:
        paths = export(desk.changes, operator(who), out, everything)
    for path in paths:
        show(str(path))
    show(f"{len(paths)} changes; apply them in this order: git apply NAME.patch, then git commit -aF NAME.message")


def carry(settings: Settings, show: Show) -> bool:
    """Bring this machine's files up to what was approved; whether every entry is as it should be. Running servers do so by themselves."""
    with _desk(settings) as desk:
        found = desk.carry_over()
    for row in found:
        show(f"{row.entry}  {row.standing}  {row.words}".rstrip())
    return all(row.standing in ("live", "written", "by_hand") for row in found)


def show_old(settings: Settings, months: int, show: Show) -> None:
    """The entries that nobody has checked for so many months, the longest first."""
    day = today(settings.clock())
    entries = load_knowledge(settings.knowledge_dir, day)[0].entries
    found = old_entries(entries.values(), day, timedelta(days=round(months * 365 / 12)))
    for entry in found:
        show(f"{entry.checked}  {entry.id}  {entry.label}")
    show(f"{len(found)} of {len(entries)} entries")


def show_quality(settings: Settings, days: int, show: Show) -> None:
    """How each entry did in the last days, the present one included."""
    clock, store = settings.clock(), open_store(settings)
    try:
        last = today(clock)
        rows = AnswerQuality(store, open_vault(settings), clock).of(last - timedelta(days=days - 1), last)
    finally:
        store.close()
    show("shown  direct  offered  chosen  refused  solved  unsolved  solved-rate  unsure-rate  entry")
    for row in rows:
        counts = f"{row.shown:5} {row.direct:7} {row.offered:8} {row.chosen:7} {row.refused:8} {row.solved:7} {row.unsolved:9}"
        show(f"{counts} {_percent(row.solved_rate):>12} {_percent(row.unsure_rate):>12}  {row.entry}")
    show(f"{len(rows)} entries in {days} days")


def try_it(settings: Settings, question: str, file: Path | None, show: Show) -> None:
    """What the running search says of a question and why; with ``file``: as if its entry stood in the knowledge already."""
    told = SearchServer(settings).explain(question, _read(file) if file else None)
    show(f"{told.band}: {told.probability:.3f} (answer from {told.high:.2f}, candidates from {told.low:.2f}; off topic {told.off_topic:.2f})")
    for row in told.ranked:
        chance = "     " if row.probability is None else f"{row.probability:.3f}"
        show(f"{row.score:6.3f}  {chance}  {row.entry}  {row.label}")
        for because in row.because:
            likeness = f"{because.together:.2f} (characters {because.lexical:.2f}, sense {because.sentence:.2f})"
            show(f"          {likeness}  {because.origin}: {because.text}")
    for weight in told.weights:
        show(f"{weight.adds:+6.2f}  {weight.feature} = {weight.value:.2f}")


def _read(file: Path) -> Content:
    try:
        return content_from_yaml(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise CannotRead(f"{file} cannot be read: {fault}") from fault


def _yaml(content: Content | None) -> str:
    lines = entry_lines(content, 2) if content else []
    return "\n".join(["- " + lines[0].lstrip(), *lines[1:]]) if lines else ""


def _difference(row: Proposal) -> list[str]:
    return [f"{row.kind} {row.entry}: {row.why}", *_lines(row.base, row.content)]


def _lines(before: Content | None, after: Content | None) -> list[str]:
    return list(unified_diff(_yaml(before).splitlines(), _yaml(after).splitlines(), n=1, lineterm=""))[2:]


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.0%}"
