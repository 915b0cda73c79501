"""`aid check`: all that editors change, knowledge, tables, words, questions and sentences, and the settings; each fault with file and line."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from aid.cases.checks import check_tables
from aid.clock import today
from aid.consultation.entries import load_knowledge
from aid.consultation.greeting import check_greeting
from aid.consultation.texts import CheckedCitation, LawTexts, check_citations
from aid.consultation.urgency import check_urgencies
from aid.demo.words import check_demo
from aid.desk.canned import check_canned
from aid.desk.words import check_desk
from aid.documents.checks import check_documents
from aid.faults import Fault, KnowledgeError
from aid.keyboard.phrases import check_keyboard
from aid.kiosk.tables import check_kiosk
from aid.knowledge_desk.words import load_desk_words
from aid.people.words import load_console_words
from aid.reports.words import check_reports
from aid.settings import PROJECT, Settings
from aid.takeover.words import check_service
from aid.wechat.tables import check_wechat
from aid.wording.checks import check_posed, check_responses, check_wording


def check(settings: Settings, show: Callable[[str], None], texts: Path | None = None) -> bool:
    """Show every fault, warning and note, then the count; ``True`` when there is no error.

    With ``texts``, a folder of law texts, each citation is held against its article, and the 20 that share least with it are shown.

    Raises:
        TextsError: ``texts`` is no folder of law texts.
        SettingsError: a setting has no sense (told before this is called, by ``read_settings``).
    """
    knowledge, faults = load_knowledge(settings.knowledge_dir, today(settings.clock()))
    faults = [*faults, *check_tables(settings.knowledge_dir)]
    for look in (check_urgencies, check_greeting, check_kiosk, check_desk, check_canned):
        faults += _of_file(look, settings.knowledge_dir, knowledge.entries)
    weakest: list[CheckedCitation] = []
    law_texts = LawTexts.read(texts) if texts is not None else None
    faults += [*check_keyboard(settings.knowledge_dir), *check_wechat(settings.knowledge_dir), *check_wording(settings.knowledge_dir)]
    faults += [*check_responses(PROJECT / "domain.yml"), *check_posed(PROJECT / "data", knowledge.entries)]
    faults += [*check_reports(settings.knowledge_dir), *check_demo(settings.knowledge_dir), *check_service(settings.knowledge_dir)]
    faults += _of_file(lambda folder, _entries: _read(load_console_words, folder), settings.knowledge_dir, ())
    faults += _of_file(lambda folder, _entries: _read(load_desk_words, folder), settings.knowledge_dir, ())
    faults += check_documents(settings.knowledge_dir, knowledge.laws, today(settings.clock()), law_texts)
    if law_texts is not None:
        found, weakest = check_citations(knowledge.entries.values(), knowledge.laws, law_texts, today(settings.clock()))
        faults += found
    for fault in faults:
        show(line_of(fault))
    errors = sum(f.level == "error" for f in faults)
    if weakest:
        show(f"the {len(weakest)} citations that share least with their article; read them:")
    for row in weakest:
        show(str(row))
    warnings = sum(f.level == "warning" for f in faults)
    show(f"{len(knowledge.entries)} entries, {errors} errors, {warnings} warnings, {len(faults) - errors - warnings} notes")
    return errors == 0


def _of_file(look: Callable[[Path, Collection[str]], list[Fault]], folder: Path, entries: Collection[str]) -> list[Fault]:
    try:
        return look(folder, entries)
    except KnowledgeError as fault:
        return fault.faults


def _read(load: Callable[[Path], object], folder: Path) -> list[Fault]:
    """No fault of its own, once it can be read."""
    load(folder)
    return []


def line_of(fault: Fault) -> str:
    """``file:line: level: message``, the file as seen from the project where it lies in it."""
    file = fault.file
    if file.is_absolute() and file.is_relative_to(PROJECT):
        file = file.relative_to(PROJECT)
    return f"{file}:{fault.line}: {fault.level}: {fault.message}"
