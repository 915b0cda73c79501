"""`aid doctor`: what an operator looks at first when something is wrong."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version

import httpx
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from aid.cli.operations import Finding, operations
from aid.cli.processes import processes, rasa_python
from aid.cli.train import bot_model
from aid.clock import today
from aid.errors import AidError
from aid.settings import Settings
from aid.store.engine import open_store


def doctor(settings: Settings, show: Callable[[str], None]) -> bool:
    """Show each finding with ok or WRONG before it; ``True`` when all are well."""
    well = True
    for good, line in _findings(settings):
        show(f"{'ok   ' if good else 'WRONG'} {line}")
        well &= good
    return well


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from _versions()
    yield from _models(settings)
    yield from _database(settings)
    yield from _redis(settings)
    yield from _processes(settings)
    yield _wechat(settings)
    yield _calendar(settings)
    yield from operations(settings)
    yield True, f"load {os.getloadavg()[0]:.1f}"


def _versions() -> Iterator[Finding]:
    yield True, f"Python {platform.python_version()}, rasa-sdk {version('rasa-sdk')}, SQLAlchemy {version('sqlalchemy')}"
    python = rasa_python()
    if not python.exists():
        yield False, "the Rasa server's environment .venv-rasa is missing: run `make run`"
        return
    probe = "import importlib.metadata as m, platform; print(platform.python_version(), m.version('rasa'))"
    said = subprocess.run([python, "-c", probe], capture_output=True, text=True, timeout=30)
    yield said.returncode == 0, f"Rasa environment: Python and Rasa {said.stdout.strip() or said.stderr.strip()[-200:]}"


def _models(settings: Settings) -> Iterator[Finding]:
    for name in ("roformer.int8.onnx", "roformer_vocab.txt", "search.json"):
        path = settings.models_dir / name
        yield path.exists(), f"{name} {'is there' if path.exists() else 'is missing: run `make run`'}"
    trained = bot_model(settings).exists()
    yield trained, "the bot is trained on the present data" if trained else "the bot's model is out of date: run `aid train`"


def _database(settings: Settings) -> Iterator[Finding]:
    store = open_store(settings)
    try:
        with store.reading() as session:
            open_turns = session.execute(text("SELECT count(*) FROM inbound WHERE status = 'pending'")).scalar()
            tickets = session.execute(text("SELECT count(*) FROM ticket")).scalar()
        yield True, f"the database answers: {tickets} tickets, {open_turns} messages waiting for their turn"
    except (AidError, OSError) as fault:
        yield False, f"the database does not answer: {fault}"
    finally:
        store.close()


def _redis(settings: Settings) -> Iterator[Finding]:
    if not settings.redis:
        return
    try:
        with Redis.from_url(settings.redis, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
        yield True, "Redis answers"
    except (RedisError, OSError, ValueError) as fault:
        yield False, f"Redis does not answer; replicas work more slowly: {type(fault).__name__}"


def _processes(settings: Settings) -> Iterator[Finding]:
    behind = [("rasa", f"{address}/webhooks/rest/") for address in settings.rasas]
    behind += [("actions", f"{address}/health") for address in settings.actions]
    here = [(process.name, process.health) for process in processes(settings, bot_model(settings)) if process.name not in ("rasa", "actions")]
    for name, health in [*behind, *here]:
        try:
            good = httpx.get(health, timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            good = False
        place = httpx.URL(health)
        where = "" if place.host == "127.0.0.1" else f"{place.host} "
        yield good, f"{name} {'answers' if good else 'does not answer'} on {where}port {place.port}"


def _wechat(settings: Settings) -> Finding:
    if not settings.wechat_token:
        given = [name for name in ("aes_key", "app_id", "app_secret") if getattr(settings, f"wechat_{name}")]
        return not given, "the WeChat door is off: AID_WECHAT_TOKEN is not set" + (", though other settings of it are" if given else "")
    if not settings.wechat_app_id or (settings.wechat_mode != "plain" and not settings.wechat_aes_key):
        return False, "the WeChat door lacks AID_WECHAT_APP_ID, or the AID_WECHAT_AES_KEY that its mode needs: the doors do not start"
    if settings.wechat_mode == "secure":
        told = "the WeChat door takes encrypted messages only"
    else:
        told = f"the WeChat door is in {settings.wechat_mode} mode. Secure mode is recommended: here who overhears a request can send others"
    return True, told + ("" if settings.wechat_app_secret else "; without AID_WECHAT_APP_SECRET nothing is pushed and no photo is fetched")


def _calendar(settings: Settings) -> Finding:
    year = today(settings.clock()).year
    there = (settings.knowledge_dir / "calendar" / f"{year}.yml").exists()
    following = (settings.knowledge_dir / "calendar" / f"{year + 1}.yml").exists()
    note = "" if following else f"; {year + 1} is not there yet, its dates are estimates"
    return there, f"working days of {year} {'are known' if there else 'are missing'}{note}"
