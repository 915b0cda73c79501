"""A small knowledge base, written as an editor would, and encoders that need no model."""

import zlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from aid.clock import CHANGCHUN, FixedClock
from aid.consultation.entries import KnowledgeBase, load_knowledge
from aid.language.encoders import Matrix, SentenceEncoder

TODAY = date(2026, 11, 22)

LAWS = """\
专利法:
  versions:
    - {version: 2020修正, official: 中华人民共和国专利法, effective: 2021-06-01, articles: 82}
商标法:
  versions:
    - {version: 2019修正, official: 中华人民共和国商标法, effective: 2019-11-01, until: 2026-12-31, articles: 73}
    - {version: 2026修订, official: 中华人民共和国商标法, effective: 2027-01-01, articles: 87}
刑法:
  versions:
    - {version: 2020修正, official: 中华人民共和国刑法, effective: 2021-03-01, articles: 452, inserted: ["219-1"]}
旧办法:
  versions:
    - {version: "2010", official: 商标旧办法, effective: 2010-01-01, until: 2020-01-01, articles: 9}
展会指引:
  versions:
    - {version: "2022", official: 国家知识产权局《展会指引》, effective: 2022-07-20, citable: []}
部分可引:
  versions:
    - {version: "2025", official: 部分可引的规定, effective: 2025-01-01, articles: 30, citable: [6, 12]}
长市监议字[2025]18号:
  versions:
    - {version: "2025", official: 答复, effective: 2025-01-01, citable: []}
"""

SUBJECTS = {
    "patent.copied": (
        "专利被人仿冒",
        [
            "专利被仿冒怎么办",
            "有人抄我的专利产品",
            "仿冒我专利的厂家怎么告",
            "我的发明让人照着做了",
            "别人生产和我专利一样的东西",
            "专利产品被山寨去哪投诉",
            "专力被抄了咋整",
        ],
    ),
    "patent.fee": (
        "专利年费没交",
        [
            "专利年费忘交了怎么办",
            "年费晚了几天还能补吗",
            "专利年费欠费",
            "没按时交年费专利还在吗",
            "年费滞纳金怎么算",
            "专利因为没交年费失效了",
        ],
    ),
    "trademark.squatted": (
        "商标被抢注",
        [
            "商标被别人抢注了",
            "我的牌子让人先注册了",
            "抢注商标怎么要回来",
            "用了多年的商标被抢先申请",
            "有人恶意抢注我店名的商标",
            "牌子被占了怎么办",
        ],
    ),
    "trademark.renew": (
        "商标续展",
        [
            "商标到期怎么续展",
            "商标十年到了要续吗",
            "续展商标去哪办",
            "商标过期忘了续展",
            "商标续展晚了怎么办",
            "注册商标有效期快到了",
        ],
    ),
    "mediation.start": (
        "申请调解",
        [
            "怎么申请调解",
            "调解要什么材料",
            "想找人调解纠纷",
            "知识产权纠纷能调解吗",
            "去哪里递调解申请",
            "对方同意调解要怎么办手续",
        ],
    ),
}
POSED = {
    "patent.copied": ["厂子偷着做我的专利产品", "我的专利被别家抄走了", "市场上出现跟我专利一个样的货", "同行仿我的发明"],
    "patent.fee": ["忘了缴专利费", "专利费拖了一年没交", "年费没缴专利会没吗", "补缴专利年费"],
    "trademark.squatted": ["店名让别人注册成商标", "抢先注册我商标的人", "我的老牌子被人注册走了", "被抢注的商标能讨回来吗"],
    "trademark.renew": ["十年到期的商标", "商标要到期", "忘记给商标续期", "商标延期怎么办理"],
    "mediation.start": ["请中心帮着调解", "调解申请交给谁", "双方想坐下来谈谈", "调解手续"],
}
"""Questions that somebody else posed, by entry."""
OFF_TOPIC = [
    "今天天气怎么样",
    "给我讲个笑话",
    "离婚孩子归谁",
    "晚上吃什么好",
    "社保卡丢了怎么补",
    "公积金怎么提取",
    "放首歌听听",
    "火车票怎么退",
    "工资拖欠怎么要",
    "房东不退押金",
    "感冒了吃什么药",
    "明天会下雨吗",
    "怎么减肥",
    "猫不吃饭怎么回事",
    "护照在哪办",
    "驾照扣分怎么查",
    "手机卡顿怎么办",
    "孩子上学划片",
    "足球比分是多少",
    "帮我订外卖",
    "你喜欢什么颜色",
    "最近有什么电影",
]


def entry(entry_id: str, **changes: Any) -> dict[str, Any]:
    """An entry without a fault; ``changes`` replace fields (``None`` takes one out)."""
    label, variants = SUBJECTS.get(entry_id, (entry_id[-20:], [f"{entry_id}的第{n}种问法" for n in "甲乙丙丁戊己"]))
    row: dict[str, Any] = {
        "id": entry_id,
        "label": label,
        "roles": ["anyone"],
        "variants": [*variants, *(f"想知道{text}" for text in variants[: 8 - len(variants)])],
        "short": f"{label}可以处理，请先留好证据。",
        "points": ["先留好证据。", "再找中心。"],
        "steps": ["拍照。", "打电话。"],
        "basis": [{"law": "专利法", "article": 65, "says": "可以协商或起诉"}],
        "valid": {"from": date(2021, 6, 1)},
        "related": [],
        "checked": date(2026, 11, 1),
    }
    row.update(changes)
    return {name: value for name, value in row.items() if value is not None}


def topic(name: str, *entries: dict[str, Any], label: str = "主题") -> str:
    """The YAML of a topic's file."""
    content = {"topic": name, "label": label, "entries": list(entries)}
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a knowledge folder: ``write(patent=yaml text, ...)``."""

    def make(laws: str = LAWS, **topics: str) -> Path:
        folder = tmp_path / "knowledge"
        (folder / "consultations").mkdir(parents=True, exist_ok=True)
        (folder / "laws.yml").write_text(laws, encoding="utf-8")
        for name, text in topics.items():
            (folder / "consultations" / f"{name.replace('_', '-')}.yml").write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def folder(write: Write) -> Path:
    """The small knowledge base on disk, without a fault."""
    topics = dict.fromkeys(entry_id.split(".")[0] for entry_id in SUBJECTS)
    return write(**{name: topic(name, *(entry(i) for i in SUBJECTS if i.startswith(name + "."))) for name in topics})


@pytest.fixture
def knowledge(folder: Path) -> KnowledgeBase:
    """The small knowledge base."""
    base, faults = load_knowledge(folder, TODAY)
    assert faults == []
    return base


class Bag:
    """Vectors by hashed characters and pairs: alike where the wording is alike."""

    name = "bag"

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self.fingerprint = f"bag {dim}"
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Matrix:
        self.asked += texts
        rows = np.full((len(texts), self.dim), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for gram in [*text, *(text[i : i + 2] for i in range(len(text) - 1))]:
                row[zlib.crc32(gram.encode("utf-8", "replace")) % self.dim] += 1
        unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


@pytest.fixture
def encoders(tmp_path: Path) -> SentenceEncoder:
    """Encoders without a model."""
    return SentenceEncoder(tmp_path / "models", Bag(384))


@pytest.fixture
def clock() -> FixedClock:
    """Ten o'clock on the day of the tests."""
    return FixedClock(datetime(2026, 11, 22, 10, tzinfo=CHANGCHUN))
