"""Understanding one sentence inside the form of a case. Pure: no store, no clock, no classifier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from aid.cases.acts import SHORT, Act, intent_act, looks_like_question, plain_act, refuses
from aid.cases.answers import LONGEST, check, checked_patent
from aid.cases.corrections import chosen_anew, correct, in_hall, is_correction, parts, with_shop
from aid.cases.extract import extract, hear
from aid.cases.found import Found
from aid.cases.kinds import SUMMARY, CaseField, CaseKind, Facts
from aid.language.entity import Entity
from aid.language.normalise import character_table, is_meaningless
from aid.language.numerals import fold

Outcome = Literal[
    "set",          # facts were heard: ``changes``; those in ``corrected`` replace a known value
    "reopen",       # ``field`` is wrong, the new value was not said: ask that field again
    "skip",         # the asked field is left out (``changes`` holds it empty, or its value for 'unknown')
    "cannot_skip",  # the asked field is needed
    "why",          # asks why ``field`` is asked for, or whether it must be told
    "cancel",       # wants to end the form
    "confirm",      # the read-back is right
    "deny",         # the read-back is wrong, without saying what
    "refuse",       # does not consent
    "question",     # an aside: the caller answers it (search, small talk) and asks again
    "invalid",      # ``fault`` says why; ``changes`` may hold a number to be said again
]  # fmt: skip

QUESTION = "question"
"""Key of a field that asks for a question."""
_OVERWRITES = ("event", "booth", "number", "phone")  # said again without 改成, these still replace what is known
_FILLER = re.compile(
    r"^(?:我|他|们|家|的|在|是|叫|要|想|就|也|都|和|跟|了|那|个|这|投诉|举报|展位|展台|展会|号|电话|手机|联系|码|名字|姓名|人|专利|商标|注册|"
    r"仿冒|侵犯|侵权|抄袭|对方|公司|同意|上|里|您好|你好|微信|同|\W|_)*$"
)
_PATENT = re.compile(r"(?:ZL|CN)?(?:\d{12}|\d{8}\.)")
_LEAST_TALE = 30
"""Characters from which the words that begin a case count as an account of it."""
_CONTENT = ("text", "event", "booth", "company", "name", "place")


@dataclass(frozen=True, slots=True)
class Turn:
    """What a sentence means to the form."""

    outcome: Outcome
    changes: Facts = field(default_factory=dict)
    corrected: tuple[str, ...] = ()
    field: str = ""
    fault: str = ""

    def applied_to(self, facts: Facts) -> Facts:
        """The facts with this turn's changes; inner marks that became empty are dropped."""
        merged = {**facts, **self.changes}
        return {key: value for key, value in merged.items() if value or "#" not in key}


def understand(
    kind: CaseKind, facts: Facts, asked: str | None, text: str, entities: Sequence[Entity], act: str | None, today: date
) -> Turn:
    """What ``text`` means while ``asked`` is the open question.

    Args:
        kind: the case kind.
        facts: what is known so far.
        asked: key of the asked field, ``SUMMARY`` at the read-back, ``None`` for the sentence that began the case.
        text: the person's words as they came.
        entities: what ``EntityFinder`` found in ``text``.
        act: the classifier's intent, ``None`` when it is not sure.
        today: the day in Changchun; 下午就撤 and 还有两天 are reckoned from it.
    """
    folded = fold(text).translate(character_table())
    turn = _understand(kind, facts, asked, folded, entities, act, today)
    said = {key: _as_said(kind, key, value, folded, text) for key, value in turn.changes.items()}
    return replace(turn, changes=said)


def _as_said(kind: CaseKind, key: str, value: str, folded: str, text: str) -> str:
    """A value in free words with the punctuation that the person wrote (the checks read half-width)."""
    at = folded.find(value)
    free = "#" not in key and kind.field(key).type in ("text", "company", "event", "place", "name")
    return text[at : at + len(value)] if free and value and at >= 0 else value


def _understand(
    kind: CaseKind, facts: Facts, asked: str | None, text: str, entities: Sequence[Entity], act: str | None, today: date
) -> Turn:
    if is_meaningless(text):
        return Turn("invalid", fault="empty", field=asked or "")
    if not any(sign.isalpha() for sign in text):
        act = None  # a bare number is an answer, whatever the classifier makes of it
    if asked is not None and len(text) > LONGEST:
        return Turn("invalid", fault="too_long", field=asked)
    if asked is not None and text.lstrip().startswith("/"):  # a command of some program, never an answer
        return Turn("invalid", fault="not_an_answer", field=asked)
    if asked is not None and (tapped := _tapped(kind, facts, text)):
        return Turn("reopen", field=tapped)
    row = None if asked in (None, SUMMARY) else kind.field(str(asked))
    if row is not None and row.type == "choice" and len(text) <= SHORT and (chosen := next(hear(row, text, entities, True), None)):
        return _set(facts, {row.key: chosen.value})  # 没有 and 不愿意 are answers here, not acts
    if row is not None and row.type == "consent" and refuses(text):
        return Turn("refuse", field=row.key)
    if asked is not None:
        if anew := chosen_anew(kind, facts, asked, text):
            return _set(facts, anew)
        said = plain_act(_unnamed(row, text), bool(row and row.optional), bool(row and row.type == "text"))
        if said and (turn := _by_act(kind, row, asked, said, text, entities)):
            return turn
        if is_correction(kind, facts, asked, text, act) and (turn := _corrected(kind, facts, text, entities, today)):
            return turn
    return _heard(kind, facts, row, asked, text, entities, act, today)


def _tapped(kind: CaseKind, facts: Facts, text: str) -> str:
    """The known field whose line of the read-back was tapped: a page then says the line's label and 要改, and nothing else."""
    label = text.strip().removesuffix("要改")
    known = (row for row in kind.fields if row.key in facts)
    return "" if label == text.strip() else next((row.key for row in known if fold(row.label).translate(character_table()) == label), "")


def _unnamed(row: CaseField | None, text: str) -> str:
    """没有链接 without the name of the asked field, which says no more than 没有."""
    names = "|".join(re.escape(name) for name in sorted(row.names, key=len, reverse=True)) if row else ""
    return re.sub(names, "", text) if names and re.fullmatch(rf"(?:我|手头|现在|这个|暂时|也|还)*没有?.{{0,2}}(?:{names}).{{0,2}}", text) else text


def _by_act(
    kind: CaseKind, row: CaseField | None, asked: str, act: Act, text: str, entities: Sequence[Entity]
) -> Turn | None:
    """The turn for a plain act; ``None`` when the act means nothing here and the words must be read as an answer."""
    if act == "why":
        named = [(text.find(name), f.key) for f in kind.fields for name in f.names if name in text]
        return Turn("why", field=min(named, default=(0, asked))[1])
    if act == "cancel" or act == "question":
        return Turn(act, field=asked)
    if row is None:
        return Turn(act, field=asked) if act in ("confirm", "deny") else None
    if row.type == "consent" and act in ("confirm", "deny"):
        return Turn("set", {row.key: "yes"}) if act == "confirm" else Turn("refuse", field=row.key)
    if act == "confirm":
        return None
    if entities and act == "dont_know":
        return None  # 记不清，好像是B12: the fact counts
    return _left_out(row, act)


def _left_out(row: CaseField, act: Act) -> Turn:
    if row.optional:
        return Turn("skip", {row.key: ""}, field=row.key)
    if act == "dont_know" and row.unknown:
        return Turn("skip", {row.key: row.unknown}, field=row.key)
    return Turn("cannot_skip", field=row.key)


def _corrected(kind: CaseKind, facts: Facts, text: str, entities: Sequence[Entity], today: date) -> Turn | None:
    found = correct(kind, facts, text, entities, today)
    if found.fault:
        return Turn("invalid", found.values, field=found.field, fault=found.fault)
    if found.values:
        return _set(facts, {key: with_shop(kind, key, facts, value) for key, value in found.values.items()})
    return Turn("reopen", field=found.field) if found.field and found.field in facts else None


def _heard(
    kind: CaseKind,
    facts: Facts,
    row: CaseField | None,
    asked: str | None,
    text: str,
    entities: Sequence[Entity],
    act: str | None,
    today: date,
) -> Turn:
    """Facts in the words, the asked one checked; else an act by intent, a question, or a fault."""
    found = [f for f in extract(kind, facts, text, entities, asked, today) if _counts(kind, facts, f, asked)]
    changes, doubtful = _believed(kind, facts, found)
    changes = {key: in_hall(kind, key, facts, value) if key != asked else value for key, value in changes.items()}
    if asked is None:
        changes |= _tale(kind, facts, text, entities, found)
        return _set(facts, {key: value for key, value in changes.items() if "#" not in key})
    if doubtful:
        number = next(f.key for f in found if kind.field(f.key).type == "number")
        return Turn("invalid", changes, field=number, fault=doubtful)
    if row is None:
        return _at_summary(facts, changes, text, act)
    rest = _rest(text, [f for f in found if f.key != row.key])
    if row.type == "text" and row.listens != "goods" and not _FILLER.match(rest):
        rest = _told(kind, text, entities)  # a tale is kept whole, whatever else was heard in it
    if _is_aside(row, text, [f for f in found if f.key == row.key]):
        return Turn("question", field=row.key)
    if row.type == "consent" and changes:
        answer = check(row, rest, [], facts, today)
        return Turn("refuse", field=row.key) if "不同意" in rest else _set(facts, changes | answer.values)
    if row.type == "name" and row.key not in changes and changes and not re.search(r"[^\W\d_]", rest):
        return Turn("invalid", changes, field=row.key, fault="name_is_number")
    if row.type in ("place", "date") and list(changes) == [row.key]:  # 二道区远东批发三楼: what stands beside a known place belongs to it
        answer = check(row, text, entities, facts, today)
        return Turn("invalid", field=row.key, fault=answer.fault) if answer.fault else _set(facts, answer.values)
    if row.key in changes or (changes and _FILLER.match(rest)):
        return _set(facts, changes)
    return _answered(facts, row, rest, changes, text, entities, act, today)


def _tale(kind: CaseKind, facts: Facts, text: str, entities: Sequence[Entity], found: Sequence[Found]) -> Facts:
    """The words that begin a case as the account that the form asks for, when they are one: long, and more than the facts in them."""
    row = next((field for field in kind.asked(facts) if field.listens == "opening"), None)
    told = _told(kind, text, entities)
    is_tale = _LEAST_TALE <= len(told) <= LONGEST and len(re.findall(r"[^\W\d_]", _rest(text, found))) >= _LEAST_TALE // 2
    return {row.key: told} if row is not None and not facts.get(row.key) and is_tale else {}


def _told(kind: CaseKind, text: str, entities: Sequence[Entity]) -> str:
    """The words without name and telephones, which are kept apart, also those that the form does not take."""
    return _rest(text, [one for field in kind.fields if field.personal for one in hear(field, text, entities, False)])


def _is_aside(row: CaseField, text: str, heard: Sequence[Found]) -> bool:
    """Whether the sentence is a question and not an answer in a questioning tone (外观的吗).

    Of a booth, number, name or telephone the value counts, however it is said; a question that is asked for is no aside, nor is an account
    that ends in one.
    """
    if row.listens == "opening" and (row.key == QUESTION or len(text) > SHORT or text.startswith("凭什么")):  # anger asks nothing
        return False
    is_free = row.type == "text" and row.listens in ("", "opening")
    if not looks_like_question(text, is_free) or (heard and row.type in ("booth", "number", "phone", "name")):
        return False
    return not heard or len(text) - sum(f.end - f.start for f in heard) >= 5


def _at_summary(facts: Facts, changes: Facts, text: str, act: str | None) -> Turn:
    """The read-back: a fact said again replaces the known one; else yes, no, a question."""
    if changes:
        return _set(facts, changes)
    said = intent_act(act, text)
    if said in ("confirm", "deny", "cancel"):
        return Turn(said, field=SUMMARY)
    if looks_like_question(text) or said in ("question", "why"):
        return Turn("question", field=SUMMARY)
    return Turn("invalid", field=SUMMARY, fault="summary_unclear")


def _answered(
    facts: Facts,
    row: CaseField,
    rest: str,
    others: Facts,
    text: str,
    entities: Sequence[Entity],
    act: str | None,
    today: date,
) -> Turn:
    """The words that are left, as the answer to the asked field."""
    answer = check(row, rest, entities if rest == text else [], facts, today)
    loose = row.type in _CONTENT
    if others:  # something was understood: the rest counts only when it fits without a fault
        return _set(facts, others | ({} if answer.fault or len(rest) > (LONGEST if row.type == "text" else 40) else answer.values))
    said = intent_act(act, text)
    if said == "cancel" and not answer.fault:
        said = None  # 停止展出 is what somebody wants, not the end of the form; plain words of leaving were heard before
    if said in ("skip", "dont_know", "cancel", "why") and (loose or answer.fault):
        return Turn(said, field=row.key) if said in ("cancel", "why") else _left_out(row, said)
    if (act == "off_topic" and not looks_like_question(text)) or answer.fault == "several_rights":
        said = None  # 月球上, where a choice is asked for: the choices are told
    if answer.values and not answer.fault and not (loose and plain_act(text, False) == "confirm"):
        return _set(facts, answer.values)
    if said == "question" and answer.fault:
        return Turn("question", field=row.key)
    fault = answer.fault or "not_an_answer"
    return Turn("invalid", answer.values if answer.fault else {}, field=row.key, fault=fault)


def _counts(kind: CaseKind, facts: Facts, found: Found, asked: str | None) -> bool:
    """Whether a fact heard may be taken: unknown so far, asked for, or of a type that is plain enough to replace."""
    row = kind.field(found.key)
    return not facts.get(found.key) or found.key == asked or (row.type in _OVERWRITES and asked is not None)


def _believed(kind: CaseKind, facts: Facts, found: Sequence[Found]) -> tuple[Facts, str]:
    """The facts heard, a patent number only when its check digit is right (else the code of the doubt).

    Of a doubted number nothing is taken, not even the kind of right that it tells.
    """
    changes = {one.key: one.value for one in found}
    for one in found:
        row = kind.field(one.key)
        if row.type == "number" and _PATENT.match(one.value):
            answer = checked_patent(row, one.value, facts)
            numbered = {f.key for f in found if (f.start, f.end) == (one.start, one.end)} if answer.fault else {one.key}
            changes = {key: value for key, value in changes.items() if key not in numbered}
            return changes | {k: v for k, v in answer.values.items() if v or k in facts}, answer.fault
    return changes, ""


def _rest(text: str, found: Sequence[Found]) -> str:
    """The words without those that other fields took."""
    kept = [("\0" if any(f.start <= n < f.end for f in found) else sign) for n, sign in enumerate(text)]
    return re.sub("\0+", " ", "".join(kept)).strip(" ,，。;；、")


def tapped(kind: CaseKind, facts: Facts, key: str, value: str) -> Turn:
    """A choice of the field ``key`` was tapped while another field is asked: it is taken, in place of what is known. Raises ``KeyError``."""
    return _set(facts, {kind.field(key).key: value})


def _set(facts: Facts, changes: Facts) -> Turn:
    corrected = tuple(key for key in parts(changes) if facts.get(key) and facts[key] != changes[key])
    return Turn("set", changes, corrected)
