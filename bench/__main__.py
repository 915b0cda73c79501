"""``python -m bench``: measure the project against its peers and write bench/results.md.

Some are apart: ``python -m bench faults`` kills processes in the middle of complaints (bench/faults.py), ``python -m bench load`` lets 300
people talk at the same time (bench/crowd_run.py), ``python -m bench wechat`` sends hostile input to the WeChat callback and measures how soon
followers are answered (bench/wechat.py), ``python -m bench desk`` asks for the staff's queue with 50,000 cases (bench/desk.py), ``python -m
bench reports`` counts a year of 50,000 cases (bench/reports.py), ``python -m bench hostile`` sends 100,000 hostile inputs to all doors and
the workbench (bench/hostile.py).

Everything runs on loopback, is bounded in count and time, and stops by itself.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from aid.errors import AidError
from aid.settings import PROJECT, Settings, read_settings
from bench import crowd_run, desk, faults, growth, hostile, intents, questions, reports, search_quality, speed, wechat
from bench.effort import FULL, QUICK, Effort
from bench.report import Report, Table

Part = Callable[[Settings, Path, Effort, Callable[[str], None]], Table]
PARTS: dict[str, Part] = {
    "search": search_quality.measure,
    "questions": questions.measure,
    "growth": growth.measure,
    "intents": intents.measure,
    "speed": speed.measure,
}
ORDER = [*PARTS, "load", "faults", "wechat", "wechat speed", "desk", "reports", "hostile"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for; 1 when one of them could not be measured."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["faults"]:
        return _faults(arguments[1:])
    if arguments[:1] == ["wechat"]:
        return _wechat(arguments[1:])
    if arguments[:1] == ["load"]:
        return _load(arguments[1:])
    if arguments[:1] == ["desk"]:
        return _desk(arguments[1:])
    if arguments[:1] == ["reports"]:
        return _reports(arguments[1:])
    if arguments[:1] == ["hostile"]:
        return _hostile(arguments[1:])
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against peers.")
    parser.add_argument("--only", choices=list(PARTS), action="append", help="measure this part (may be repeated)")
    parser.add_argument("--quick", action="store_true", help="tiny settings: shows that it works; figures mean nothing")
    parser.add_argument("--epochs", type=int, metavar="N", help="epochs of DIET and ResponseSelector")
    asked = parser.parse_args(arguments)
    effort = QUICK if asked.quick else FULL
    if asked.epochs:
        epochs = asked.epochs
        effort = replace(effort, intent_epochs=epochs, faq_intent_epochs=epochs, selector_epochs=epochs)
    signal.signal(signal.SIGTERM, _end)
    settings = read_settings()
    # A quick run shows its tables and leaves the measured ones alone.
    folder = PROJECT / "var" / ("bench-quick" if asked.quick else "bench")
    target = folder / "results.md" if asked.quick else PROJECT / "bench" / "results.md"
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(target, folder / "results.json", ORDER, settings.clock(), _say)
    kind, failed = "quick run, which means nothing" if asked.quick else "full run", 0
    for name in asked.only or PARTS:
        try:
            report.add(name, PARTS[name](settings, folder, effort, _say), kind)
        except AidError as fault:
            failed = 1
            print(f"{name} could not be measured: {fault}", file=sys.stderr)
    return failed


def _faults(given: Sequence[str]) -> int:
    """The fault run; 1 when a complaint ended wrongly or was not begun."""
    asked = faults.arguments(given)
    signal.signal(signal.SIGTERM, _end)
    settings, folder = read_settings(), PROJECT / "var" / "bench"
    own = faults.own_settings(settings, folder / "faults", asked.database)
    try:
        table = faults.measure(own, asked.complaints, asked.seed, asked.at_once, asked.minutes, _say)
    except AidError as fault:
        print(f"the fault run broke off: {fault}", file=sys.stderr)
        return 1
    _add("faults", table, asked.complaints >= faults.FULL_RUN, settings, folder)
    return 0 if faults.is_clean(table) else 1


def _wechat(given: Sequence[str]) -> int:
    """The WeChat run; 1 when a hostile request did harm, or it could not be measured."""
    asked, settings, folder = wechat.arguments(given), read_settings(), PROJECT / "var" / "bench"
    signal.signal(signal.SIGTERM, _end)
    full = asked.inputs >= wechat.FULL_RUN or not asked.inputs
    target = PROJECT / "bench" / "results.md" if full else folder / "wechat.md"
    report = Report(target, folder / ("results.json" if full else "wechat.json"), ORDER, settings.clock(), _say)
    kind, clean = "full run" if full else "short run", True
    try:
        if asked.inputs:
            table = wechat.measure_hostile(wechat.own_settings(settings, folder / "wechat", "secure"), asked.inputs, asked.seed, _say)
            report.add("wechat", table, kind)
            clean = wechat.is_clean(table)
        if asked.waves:
            own = wechat.own_settings(settings, folder / "wechat", "secure")
            report.add("wechat speed", wechat.measure_speed(own, asked.waves, asked.followers, _say), kind)
    except AidError as fault:
        print(f"the WeChat run broke off: {fault}", file=sys.stderr)
        return 1
    return 0 if clean else 1


def _load(given: Sequence[str]) -> int:
    """The crowd; 1 when a message was lost, doubled or refused at our doors."""
    asked = crowd_run.arguments(given)
    signal.signal(signal.SIGTERM, _end)
    settings, folder = read_settings(), PROJECT / "var" / "bench"
    try:
        with crowd_run.alone(folder):
            own = faults.own_settings(settings, folder / "load")
            table = crowd_run.measure(own, folder, asked.people, asked.seed, asked.window, _say)
    except AidError as fault:
        print(f"the load broke off: {fault}", file=sys.stderr)
        return 1
    _add("load", table, asked.people >= crowd_run.FULL_RUN, settings, folder)
    return 0 if crowd_run.is_clean(table) else 1


def _desk(given: Sequence[str]) -> int:
    """The queue; 1 when a page or a search was slower than it may be."""
    asked = desk.arguments(given)
    signal.signal(signal.SIGTERM, _end)
    settings, folder = read_settings(), PROJECT / "var" / "bench"
    try:
        table = desk.measure(settings, folder, asked.cases, asked.rounds, asked.sqlite_only, _say)
    except AidError as fault:
        print(f"the desk could not be measured: {fault}", file=sys.stderr)
        return 1
    _add("desk", table, asked.cases >= desk.FULL_RUN and not asked.sqlite_only, settings, folder)
    return 0 if desk.is_clean(table) else 1


def _reports(given: Sequence[str]) -> int:
    """The year's report; 1 when it took longer than it may, or was counted wrongly."""
    asked = reports.arguments(given)
    signal.signal(signal.SIGTERM, _end)
    settings, folder = read_settings(), PROJECT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        table = reports.measure(settings, folder, asked.cases, asked.seed, asked.database, _say)
    except AidError as fault:
        print(f"the reports broke off: {fault}", file=sys.stderr)
        return 1
    _add("reports", table, asked.cases >= reports.CASES, settings, folder)
    return 0 if reports.is_clean(table) else 1


def _hostile(given: Sequence[str]) -> int:
    """Hostile inputs at every door; 1 when one did harm, or it could not be measured."""
    asked, settings, folder = hostile.arguments(given), read_settings(), PROJECT / "var" / "bench"
    signal.signal(signal.SIGTERM, _end)
    try:
        table = hostile.measure(hostile.own_settings(settings, folder / "hostile", "secure"), asked.count, asked.seed, _say)
    except AidError as fault:
        print(f"the hostile run broke off: {fault}", file=sys.stderr)
        return 1
    _add("hostile", table, asked.count >= hostile.FULL_RUN, settings, folder)
    return 0 if hostile.is_clean(table) else 1


def _add(name: str, table: Table, full: bool, settings: Settings, folder: Path) -> None:
    """Write a full run into bench/results.md, a short one into a file of its own in ``folder``."""
    target = PROJECT / "bench" / "results.md" if full else folder / f"{name}.md"
    kept = folder / ("results.json" if full else f"{name}.json")
    Report(target, kept, ORDER, settings.clock(), _say).add(name, table, "full run" if full else "short run")


def _say(line: str) -> None:
    print(line, flush=True)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(143)


if __name__ == "__main__":
    sys.exit(main())
