"""`aid ask`: questions and whole talks through the doors of the running system, as any user's would go.

When nothing answers at the configured address, the whole system is started for the questions and stopped after them.
"""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from aid.cli.serve import running
from aid.cli.ticket import tickets_of
from aid.errors import AidError
from aid.settings import Settings

Say = Callable[[str], None]


class AskFailed(AidError):
    """A question got no reply in time, or the doors refused it."""


class Line:
    """One conversation at the web door.

    Args:
        client: an HTTP client whose base address is the doors'.
        seconds: how long one reply is waited for.
    """

    def __init__(self, client: httpx.Client, seconds: float = 120.0) -> None:
        opened = _good(client.post("/v1/conversations", json={"door": "web"}))
        self.conversation: str = opened["conversation"]
        self._client, self._seconds = client, seconds
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self._seen = 0

    def say(self, text: str) -> list[dict[str, Any]]:
        """Send a text and give the replies to it, as the door shows them.

        Raises:
            AskFailed: no reply came in time, or the door refused the message.
        """
        path = f"/v1/conversations/{self.conversation}/messages"
        sent = {"client_id": secrets.token_hex(8), "text": text}
        _good(self._client.post(path, json=sent, headers=self._headers))
        deadline = time.monotonic() + self._seconds
        pause = 0.005
        while time.monotonic() < deadline:
            got = _good(self._client.get(path, params={"after": self._seen}, headers=self._headers))
            if not got["pending"]:
                replies: list[dict[str, Any]] = got["replies"]
                self._seen = max([self._seen, *(r["number"] for r in replies)])
                return replies
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)
        raise AskFailed(f"no reply within {self._seconds:.0f} s")


def ask_one(settings: Settings, question: str, say: Say, show: Say) -> None:
    """Ask one question and show the replies.

    Raises:
        AskFailed: no reply came.
    """
    with _doors(settings, say) as client:
        answer = _ask(client, question)
    show(answer["text"])
    sure = f" ({answer['entry']}, {answer['probability']:.2f})" if answer["entry"] else ""
    say(f"[{answer['band']}{sure}, {answer['ms']:.0f} ms]")


def ask_file(settings: Settings, file: Path, out: Path | None, say: Say) -> None:
    """Ask every row of a JSON-lines file (``q`` or ``turns``) and write one JSON object a row.

    Raises:
        AskFailed: the file cannot be read as JSON lines, or the doors do not answer.
    """
    rows = _rows(file)
    counts: dict[str, int] = {}
    with _doors(settings, say) as client, _sink(out) as write:
        for number, row in enumerate(rows, 1):
            answer = _talk(settings, client, row) if "turns" in row else _ask(client, str(row.get("q", "")))
            write(json.dumps({"id": row.get("id", str(number)), **answer}, ensure_ascii=False))
            band = answer.get("band", "talk")
            counts[band] = counts.get(band, 0) + 1
            if number % 25 == 0:
                say(f"{number} of {len(rows)}")
    say(f"{len(rows)} rows: " + ", ".join(f"{band} {count}" for band, count in sorted(counts.items())))


def _ask(client: httpx.Client, question: str) -> dict[str, Any]:
    line = Line(client)
    started = time.perf_counter()
    replies = line.say(question)
    return {**summary(replies), "ms": round((time.perf_counter() - started) * 1000, 1)}


def _talk(settings: Settings, client: httpx.Client, row: dict[str, Any]) -> dict[str, Any]:
    line = Line(client)
    turns = []
    for turn in row["turns"]:
        started = time.perf_counter()
        replies = line.say(str(turn.get("say", "")))
        turns.append({"say": turn.get("say", ""), **summary(replies), "ms": round((time.perf_counter() - started) * 1000, 1)})
    return {"turns": turns, "tickets": tickets_of(settings, line.conversation)}


def summary(replies: list[dict[str, Any]]) -> dict[str, Any]:
    """Band, entry, probability, candidates and text of one turn's replies; ``flow`` is any turn that is no consultation."""
    found: dict[str, Any] = {"band": "flow", "entry": None, "probability": None, "candidates": []}
    for reply in replies:
        card = reply.get("card") or {}
        if card.get("kind") == "answer":
            found |= {"band": "answer", "entry": card["entry"], "probability": card["probability"]}
        elif card.get("kind") == "candidates":
            pairs = zip(card["entries"], card["labels"], card["probabilities"], strict=True)
            candidates = [{"entry": e, "label": label, "probability": p} for e, label, p in pairs]
            found |= {"band": "candidates", "candidates": candidates, "probability": card["probabilities"][0]}
        elif card.get("kind") == "none":
            found |= {"band": "none", "probability": card["probability"]}
    return {**found, "text": "\n".join(r["text"] for r in replies)}


@contextmanager
def _doors(settings: Settings, say: Say) -> Iterator[httpx.Client]:
    address = f"http://{settings.host}:{settings.port}"
    with httpx.Client(base_url=address, timeout=30) as client:
        if _answers(client):
            yield client
            return
    say("nothing runs at the configured address; starting the system for these questions")
    ports = free_ports(3)
    own = settings.model_copy(update={"port": ports[0], "rasa_port": ports[1], "actions_port": ports[2], "host": "127.0.0.1"})
    with running(own, say), httpx.Client(base_url=f"http://127.0.0.1:{own.port}", timeout=30) as client:
        yield client


@contextmanager
def _sink(out: Path | None) -> Iterator[Callable[[str], None]]:
    if out is None:
        yield print
        return
    with out.open("w", encoding="utf-8") as file:
        yield lambda line: print(line, file=file, flush=True)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _good(response: httpx.Response) -> dict[str, Any]:
    if response.status_code >= 400:
        raise AskFailed(f"the doors answered {response.status_code}: {response.text[:200]}")
    body: dict[str, Any] = response.json()
    return body


def _rows(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as fault:
        raise AskFailed(f"{file} cannot be read as JSON lines: {fault}") from fault


def free_ports(count: int) -> list[int]:
    """As many different loopback ports that nothing listens on."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
