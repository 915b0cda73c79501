"""Run by Rasa's own Python: parses a list of texts with a model.

``python rasa_parse.py <model.tar.gz> <texts.json> <out.json>``: the texts are a JSON list; out comes one row a text
with the intent, its confidence, the response selector's ranking and the milliseconds of the whole parse.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any


async def parse_all(model: str, texts: list[str]) -> list[dict[str, Any]]:
    """One row a text, after three parses that warm the model up."""
    from rasa.core.agent import Agent  # type: ignore[import-not-found, unused-ignore]

    agent = Agent.load(model)
    for text in texts[:3]:
        await agent.parse_message(text)
    rows = []
    for text in texts:
        started = time.perf_counter()
        parsed = await agent.parse_message(text)
        rows.append(row_of(parsed, (time.perf_counter() - started) * 1000))
    return rows


def row_of(parsed: dict[str, Any], milliseconds: float) -> dict[str, Any]:
    """What the measurement needs of Rasa's parse."""
    intent = parsed.get("intent") or {}
    selector = (parsed.get("response_selector") or {}).get("default") or {}
    ranking = [[str(row["intent_response_key"]), float(row["confidence"])] for row in selector.get("ranking") or []]
    return {
        "intent": str(intent.get("name")),
        "confidence": float(intent.get("confidence") or 0.0),
        "ranking": ranking,
        "milliseconds": milliseconds,
    }


def main() -> None:
    """See the module."""
    model, texts, out = sys.argv[1:]
    rows = asyncio.run(parse_all(model, json.loads(Path(texts).read_text("utf-8"))))
    Path(out).write_text(json.dumps(rows, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
