"""The table of the kiosk's keyboard: words, phrases and characters by pinyin, each with how likely it is to be meant.

One line a pinyin, sorted by syllables: how many of them are those of the line before, the others, a tab, then every word followed by its cost
(``1 shi\t知识18实施21…``), the likelier first.
A cost is a natural logarithm in quarters: 4 · -ln P, rounded. P mixes two estimates in equal parts: the general dictionary (jieba, MIT) and
the words of the questions that people ask this assistant. What editors put into ``knowledge/keyboard.yml`` and the names of ``knowledge/words``
cost at most a fixed amount.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from aid.cases.kinds import load_kinds
from aid.cases.regions import REGION
from aid.cases.tables import load_tables
from aid.consultation.calibrate import read_questions
from aid.consultation.entries import load_knowledge
from aid.keyboard.phrases import Phrases
from aid.keyboard.readings import characters, is_han, reading, readings_of, syllables
from aid.language.normalise import character_table
from aid.language.words import ProjectWords, tokenizer

QUARTERS = 4
DEAREST = 80
"""The cost of what is in no list; costs are 1 to this."""
PHRASE, NAME, SURNAME, RARE_SURNAME, GIVEN_NAME = 32, 40, 38, 46, 54
"""At most what these cost: a phrase of the editors, a name of ``words/``, a surname read otherwise than its character, any other surname,
a character of given names."""
# Fewest occurrences in jieba's corpus of some 60 million words, by number of characters.
_FEWEST = {2: 20, 3: 20, 4: 40}
_FEWEST_OF_QUESTIONS = 2
_FEWEST_TOGETHER = 12
_LONGEST_TOGETHER = 7
_INSIDE_WORDS = 0.1
"""How much an occurrence of a character inside a longer word counts towards the character alone."""
_ALONE = 50
"""A character counts alone at most this many times what it counts inside words: 锛 and 鐨 are in jieba's corpus only because files were
read in the wrong code."""
_RAREST_READING = math.exp(-7)


@dataclass(frozen=True)
class _Corpus:
    """Words and how often they come: of the general dictionary, and of the questions to this assistant."""

    general: Counter[str]
    questions: Counter[str]

    @cached_property
    def totals(self) -> tuple[int, int]:
        """All occurrences of either."""
        return self.general.total(), self.questions.total()

    def chance(self, word: str) -> float:
        """How likely the next word is this one."""
        general, questions = self.totals
        return 0.5 * self.general[word] / general + 0.5 * self.questions[word] / questions


def make_table(knowledge_dir: Path, questions_dir: Path, today: date) -> str:
    """The table as text, the same for the same knowledge, questions (``data/questions``) and libraries.

    Raises:
        CalibrationError: the questions cannot be read.
        KnowledgeError: ``knowledge/`` cannot be used.
        WordsError: the project's words cannot be read.
    """
    words = ProjectWords.load(knowledge_dir / "words")
    phrases = Phrases.load(knowledge_dir)
    knowledge, _faults = load_knowledge(knowledge_dir, today)
    texts = [text for entry in knowledge.entries.values() for text in (entry.text.label, *entry.text.variants)]
    cutter = tokenizer(words)
    texts += [text for posed in read_questions(questions_dir).values() for text in posed]
    questions, together = _count(texts, cutter)
    corpus = _Corpus(_general(), questions)
    costs: dict[tuple[tuple[str, ...], str], int] = {}

    def put(read: tuple[str, ...] | None, text: str, cost: int) -> None:
        if read:
            costs[read, text] = min(cost, costs.get((read, text), DEAREST))

    worth = {word: reading(word) for word in _worth(corpus)}
    for word, read in worth.items():
        put(read, word, _cost(corpus.chance(word)))
    for phrase, count in together.items():
        put(reading(phrase), phrase, _cost(0.5 * count / corpus.totals[1]))
    for name in (*words.names(), *_labels(knowledge_dir)):
        put(reading(name), name, NAME)
    for syllable, character, cost in _characters(corpus, worth, frozenset(phrases.names)):
        put((syllable,), character, cost)
    for typed in phrases.phrases:
        put(typed.syllables, typed.text, PHRASE)
    for typed in phrases.surnames:
        usual = typed.syllables == reading(typed.text)
        put(typed.syllables, typed.text, RARE_SURNAME if usual else SURNAME)
    return _written(costs)


def _general() -> Counter[str]:
    """jieba's own dictionary without the prefixes that it keeps as words of no occurrence."""
    from jieba import get_dict_file

    counts: Counter[str] = Counter()
    with get_dict_file() as file:
        for line in file:
            word, count, tag = line.decode("utf-8").split()
            # Names of people and places abroad in three and more characters (约翰逊) crowd out what is typed here.
            if not (tag.startswith("nr") and len(word) > 2):
                counts[word] = int(count)
    return counts


def _count(texts: Iterable[str], cutter: Any) -> tuple[Counter[str], Counter[str]]:
    """How often each word comes, and neighbours that come together often, joined."""
    words: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for text in texts:
        row = list(cutter.cut(text, HMM=False))
        words.update(word for word in row if is_han(word))
        for length in (2, 3):
            for start in range(len(row) - length + 1):
                joined = "".join(row[start : start + length])
                if is_han(joined) and len(joined) <= _LONGEST_TOGETHER:
                    together[joined] += 1
    return words, Counter({phrase: count for phrase, count in together.items() if count >= _FEWEST_TOGETHER})


def _worth(corpus: _Corpus) -> Iterator[str]:
    """Words of two and more characters that are common enough, in general or in the questions."""
    for word in sorted({*corpus.general, *corpus.questions}):
        common = corpus.general[word] >= _FEWEST.get(len(word), 200)
        if len(word) > 1 and (corpus.questions[word] >= _FEWEST_OF_QUESTIONS or (common and _is_common(word))):
            yield word


def _is_common(word: str) -> bool:
    """Whether every character is of the common set (GB 2312), which has no traditional forms."""
    try:
        word.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return is_han(word)


def _labels(knowledge_dir: Path) -> Iterator[str]:
    """Kinds of case, choices of their questions, agencies and places, as people read and say them."""
    for kind in load_kinds(knowledge_dir).values():
        yield kind.label
        yield from (choice.label for asked in kind.fields for choice in asked.choices)
    tables = load_tables(knowledge_dir)
    yield from (agency.name for agency in tables.agencies.agencies)
    places = tables.places
    yield from (name for city in places.partners for name in (city.name, *city.names))
    yield from (name for names in places.when_asked.values() for name in names)
    yield from (*places.local, *places.shared, *places.province, *places.elsewhere)
    # Province and cities whose names stand before those of firms.
    yield from re.findall(r"[\u4e00-\u9fff]{2,}", REGION)


def _characters(corpus: _Corpus, worth: Mapping[str, tuple[str, ...] | None], names: frozenset[str]) -> Iterator[tuple[str, str, int]]:
    """Reading, character and cost of every character that can be typed; ``worth`` are the words with their readings."""
    inside: defaultdict[str, float] = defaultdict(float)
    by_reading: defaultdict[tuple[str, str], float] = defaultdict(float)
    for word, read in worth.items():
        weight = corpus.chance(word)
        for character, syllable in zip(word, read or (), strict=False):
            inside[character] += weight
            by_reading[character, syllable] += weight
    traditional = character_table()
    for character in dict.fromkeys((*characters(), *sorted(names))):
        if ord(character) in traditional and not _is_common(character) and character not in names:
            continue
        chance = min(corpus.chance(character), _ALONE * inside[character]) + _INSIDE_WORDS * inside[character]
        found = [syllable for syllable in readings_of(character) if syllable in syllables()]
        # What is in no word and no name is looked for by its usual reading alone.
        for number, syllable in enumerate(found if chance or character in names else found[:1]):
            share = by_reading[character, syllable] / inside[character] if inside[character] else float(number == 0)
            cost = _cost(chance * max(_RAREST_READING, 0.5 * (number == 0) + 0.5 * share))
            yield syllable, character, min(cost, GIVEN_NAME) if character in names else cost


def _cost(chance: float) -> int:
    return DEAREST if chance <= 0 else max(1, min(DEAREST, round(-math.log(chance) * QUARTERS)))


def _written(costs: dict[tuple[tuple[str, ...], str], int]) -> str:
    groups: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for (read, text), cost in costs.items():
        groups.setdefault(read, []).append((cost, text))
    lines: list[str] = []
    before: tuple[str, ...] = ()
    for read, group in sorted(groups.items()):
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(read, before, strict=False)))
        words = "".join(f"{text}{cost}" for cost, text in sorted(group))
        lines.append(f"{same} {' '.join(read[same:])}\t{words}\n")
        before = read
    return "".join(lines)
