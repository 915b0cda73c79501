"""The WeChat callback under hostile input, and how soon followers are answered: ``python -m bench wechat``.

Hostile: the doors alone, as one process, get thousands of requests that are no messages, or are signed and sealed but broken inside.
Soon: the whole system answers waves of followers who write at the same moment, through a stand-in of the platform.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import text

from aid.cli.ask import free_ports
from aid.cli.processes import setting_variables
from aid.cli.serve import prepare, running
from aid.settings import PROJECT, Settings
from aid.store.engine import open_store
from bench.errors import LoadError
from bench.measures import percentile
from bench.memory import proportional_mb, with_children
from bench.report import Table
from bench.wechat_inputs import APP, KEY, TOKEN, Hostile, hostile
from channels.wechat.simulate import account_of, serving
from channels.wechat.standin import Platform

FULL_RUN = 20_000
AT_ONCE = 16
QUESTIONS = ("展会上发现别人仿冒我的外观专利怎么办", "商标被别人抢注了怎么办", "我要投诉", "专利权评价报告是什么", "网店卖我的假货怎么投诉", "你好")
Say = Callable[[str], None]


@dataclass
class Tally:
    """What came of the requests."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def arguments(given: Sequence[str]) -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser(prog="python -m bench wechat", description="Hostile input at the WeChat door, and how soon it answers.")
    parser.add_argument("--inputs", type=int, default=FULL_RUN, help="hostile requests; 0: only the waves")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--waves", type=int, default=6, help="waves of followers; 0: only the hostile requests")
    parser.add_argument("--followers", type=int, default=20, help="in a wave, all at once")
    return parser.parse_args(given)


def own_settings(settings: Settings, folder: Path, mode: str) -> Settings:
    """Settings of a system of our own, in ``folder``, with a WeChat door."""
    shutil.rmtree(folder, ignore_errors=True)
    doors, rasa, actions, platform = free_ports(4)
    wechat = {"wechat_token": TOKEN, "wechat_app_id": APP, "wechat_app_secret": "secret", "wechat_aes_key": KEY, "wechat_mode": mode}
    ports = {"port": doors, "rasa_port": rasa, "actions_port": actions, "wechat_api_base": f"http://127.0.0.1:{platform}"}
    own = {"var_dir": folder, "database_url": "", "data_key": "", "token_key": "", "log_level": "ERROR"}
    return settings.model_copy(update={**wechat, **ports, **own})


def measure_hostile(settings: Settings, inputs: int, seed: int, say: Say) -> Table:
    """Send the hostile requests; a row for each kind. Raises ``LoadError`` when the doors do not come up."""
    prepare(settings)
    with _doors(settings) as process_id:
        tally = asyncio.run(_sent(settings, inputs, seed, process_id, say))
    kept = _kept(settings)
    if kept:
        tally.wrong.append(f"{kept} rows were kept")
    names = list(dict.fromkeys(name for name, _status in tally.statuses))
    rows = [[name, *(str(tally.statuses[name, status]) for status in (200, 400, 403)), str(_others(tally, name))] for name in names]
    rows.append(["all", *(str(sum(c for (_n, s), c in tally.statuses.items() if s == status)) for status in (200, 400, 403)), str(_others(tally))])
    times = tally.milliseconds
    notes = [
        f"{inputs} requests in {settings.wechat_mode} mode, seed {seed}, {AT_ONCE} at once, to the doors as one process",
        f"answered wrongly (a server error, a word in a refusal, a forged one taken, anything kept in the database): {len(tally.wrong)}",
        f"p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms, longest {max(times):.0f} ms",
        f"memory of the process, MB, before, after each quarter: {', '.join(f'{mb:.0f}' for mb in tally.memory)}",
        "signed events that ask for nothing are taken with 200 and leave no trace",
        *(f"WRONG: {line}" for line in tally.wrong[:10]),
    ]
    return Table("Does hostile input at the WeChat callback do any harm?", ["input", "200", "400", "403", "other"], rows, notes)


def measure_speed(settings: Settings, waves: int, followers: int, say: Say) -> Table:
    """Let waves of followers ask at once; a row for each wave."""
    with running(settings, say):
        rows, seconds = asyncio.run(_waves(settings, waves, followers, say))
    notes = [
        f"{followers} followers write at the same moment, {waves} times, each wave others; secure mode, the whole system on this machine, warmed up",
        f"all waves: p50 {percentile(seconds, 0.5):.2f} s, p95 {percentile(seconds, 0.95):.2f} s, longest {max(seconds):.2f} s of five",
        "in time: answered in the platform's own connection; pushed: after four seconds, as a message; lost: neither",
    ]
    columns = ["wave", "in time", "pushed", "lost", "p50 s", "p95 s", "longest s"]
    return Table("How soon does WeChat get its answer when many write at once?", columns, rows, notes)


def is_clean(table: Table) -> bool:
    """Whether nothing went wrong."""
    return not any(note.startswith("WRONG") for note in table.notes)


@contextmanager
def _doors(settings: Settings) -> Iterator[int]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("AID_")}
    environment = {**outside, **setting_variables(settings)}
    child = subprocess.Popen([sys.executable, "-m", "channels"], cwd=PROJECT, env=environment)
    try:
        for _ in range(300):
            try:
                if httpx.get(f"http://127.0.0.1:{settings.port}/healthz", timeout=2, trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        else:
            raise LoadError("the doors do not come up")
        yield child.pid
    finally:
        child.terminate()
        child.wait(20)


async def _sent(settings: Settings, inputs: int, seed: int, process_id: int, say: Say) -> Tally:
    tally, made = Tally(), iter(hostile(inputs, seed, settings.wechat_mode))
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=30, trust_env=False, limits=limits) as client:
        await client.post("/wechat/callback", content=b"warm")
        tally.memory.append(proportional_mb(with_children([process_id])))
        for quarter in range(4):
            count = inputs // 4 + (inputs % 4 if quarter == 3 else 0)
            part = iter([one for _, one in zip(range(count), made, strict=False)])
            await asyncio.gather(*(_one_after_another(client, part, tally) for _ in range(AT_ONCE)))
            tally.memory.append(proportional_mb(with_children([process_id])))
            say(f"{sum(tally.statuses.values())} requests, {len(tally.wrong)} wrong, {tally.memory[-1]:.0f} MB")
    return tally


async def _one_after_another(client: httpx.AsyncClient, part: Iterator[Hostile], tally: Tally) -> None:
    for one in part:
        begun = time.perf_counter()
        try:
            answer = await client.post("/wechat/callback", params=one.query, content=one.body)
        except httpx.HTTPError as fault:
            tally.statuses[one.name, 0] += 1
            tally.wrong.append(f"{one.name}: {type(fault).__name__}")
            continue
        tally.milliseconds.append((time.perf_counter() - begun) * 1000)
        tally.statuses[one.name, answer.status_code] += 1
        taken = answer.status_code == 200 and answer.text == "success" and one.may_be_taken
        if not taken and (answer.status_code not in (400, 403) or answer.content):
            tally.wrong.append(f"{one.name}: {answer.status_code} {answer.text[:60]!r}")


def _others(tally: Tally, name: str = "") -> int:
    return sum(count for (one, status), count in tally.statuses.items() if status not in (200, 400, 403) and name in ("", one))


def _kept(settings: Settings) -> int:
    store = open_store(settings)
    try:
        with store.reading() as session:
            tables = ("conversation", "inbound", "wechat_follower", "wechat_seen")
            return sum(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables)
    finally:
        store.close()


async def _waves(settings: Settings, waves: int, followers: int, say: Say) -> tuple[list[list[str]], list[float]]:
    platform, rows, everything = Platform(account_of(settings), settings.clock()), [], list[float]()
    async with serving(platform, int(settings.wechat_api_base.rsplit(":", 1)[1])):
        for _ in range(5):
            await platform.text("oWARM00000000000000000000000", "商标怎么注册")
        for wave in range(waves):
            platform.exchanges.clear()
            people = [f"oW{wave:02}F{n:02}0000000000000000000000" for n in range(followers)]
            await asyncio.gather(*(platform.text(openid, QUESTIONS[(wave + n) % len(QUESTIONS)]) for n, openid in enumerate(people)))
            in_time = sum(bool(platform.phone(openid).seen) for openid in people)
            for _ in range(300):
                if all(platform.phone(openid).seen for openid in people):
                    break
                await asyncio.sleep(0.1)
            pushed = sum(platform.phone(openid).pushed for openid in people)
            lost = sum(not platform.phone(openid).seen for openid in people)
            seconds = [exchange.seconds for exchange in platform.exchanges]
            everything += seconds
            figures = [percentile(seconds, 0.5), percentile(seconds, 0.95), max(seconds)]
            rows.append([str(wave + 1), str(in_time), str(pushed), str(lost), *(f"{figure:.2f}" for figure in figures)])
            say(" ".join(rows[-1]))
    return rows, everything
