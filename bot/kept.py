"""Where trackers lie between two messages: in this process, or in a PostgreSQL that several Rasa servers share.

The shared table is scratch paper like the memory: unlogged, gone when the database falls, of no worth after a day. A tracker is **taken out** when
its message begins and put back when it ends. Whatever breaks in between, no older one is ever found: the next message begins a session, and
``action_session_start`` puts the open form back.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
from rasa.shared.core.events import Event
from rasa.shared.exceptions import RasaException

log = logging.getLogger(__name__)
CONNECT_SECONDS = 3
STATEMENT_MILLISECONDS = 3000
SWEEP_EVERY = 1000
TABLE = "CREATE UNLOGGED TABLE IF NOT EXISTS rasa_tracker (name text PRIMARY KEY, events text NOT NULL, put_at timestamptz NOT NULL DEFAULT now())"
TAKE = "DELETE FROM rasa_tracker WHERE name = %s RETURNING events"
PUT = (
    "INSERT INTO rasa_tracker (name, events) VALUES (%s, %s) "
    "ON CONFLICT (name) DO UPDATE SET events = excluded.events, put_at = excluded.put_at"
)
SWEEP = "DELETE FROM rasa_tracker WHERE put_at < now() - interval '1 day'"


class TrackersUnavailable(RasaException):
    """The shared trackers cannot be reached: the turn ends here, and the hub runs it again."""


class InMemory:
    """The latest ``most`` trackers of this process; the longest unused is dropped first."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[str, list[Event]] = OrderedDict()
        self._most = most

    async def take(self, name: str) -> list[Event] | None:
        """The events of a tracker, or ``None``."""
        return self._kept.get(name)

    async def put(self, name: str, events: list[Event]) -> None:
        """Keep a tracker."""
        self._kept.pop(name, None)
        self._kept[name] = events
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    async def names(self) -> list[str]:
        """What is kept."""
        return list(self._kept)


class InPostgresql:
    """Trackers in a table that several Rasa servers share. One connection, used by one thread, so that the server never waits for it.

    Every method raises ``TrackersUnavailable`` when the database gives no answer within some seconds.
    """

    def __init__(self, address: str) -> None:
        """Take the address, ``postgresql://user:password@host/name``, or the path of a file that holds it. Nothing is asked yet."""
        self._address = address
        self._connection: Any = None
        self._since_swept = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="trackers")

    async def take(self, name: str) -> list[Event] | None:
        """The events of a tracker, which is no longer there afterwards; or ``None``."""
        rows = await self._asked(TAKE, (name,))
        return [Event.from_parameters(one) for one in json.loads(rows[0][0])] if rows else None

    async def put(self, name: str, events: list[Event]) -> None:
        """Keep a tracker; now and then forget what is a day old."""
        await self._asked(PUT, (name, json.dumps([event.as_dict() for event in events])))
        self._since_swept += 1
        if self._since_swept >= SWEEP_EVERY:
            self._since_swept = 0
            await self._asked(SWEEP, ())

    async def names(self) -> list[str]:
        """What is kept."""
        return [name for (name,) in await self._asked("SELECT name FROM rasa_tracker", ())]

    async def _asked(self, statement: str, values: tuple[str, ...]) -> list[Any]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, statement, values)

    def _ask(self, statement: str, values: tuple[str, ...]) -> list[Any]:
        """One statement, on a new connection if the kept one has been cut."""
        fresh = self._connection is None
        try:
            return self._run(statement, values)
        except psycopg2.Error as fault:
            self._let_go()
            if fresh or not isinstance(fault, (psycopg2.OperationalError, psycopg2.InterfaceError)):
                raise TrackersUnavailable(f"the shared trackers cannot be reached: {type(fault).__name__}") from fault
        try:
            return self._run(statement, values)
        except psycopg2.Error as fault:
            self._let_go()
            raise TrackersUnavailable(f"the shared trackers cannot be reached: {type(fault).__name__}") from fault

    def _run(self, statement: str, values: tuple[str, ...]) -> list[Any]:
        if self._connection is None:
            self._connection = self._connected()
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall()) if cursor.description else []

    def _connected(self) -> Any:
        try:
            address = Path(self._address).read_text("utf-8").strip() if self._address.startswith("/") else self._address
        except OSError as fault:
            raise TrackersUnavailable(f"the address of the shared trackers cannot be read: {fault.strerror}") from fault
        waiting = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": 2 * STATEMENT_MILLISECONDS}
        connection = psycopg2.connect(address, **waiting, options=f"-c statement_timeout={STATEMENT_MILLISECONDS} -c synchronous_commit=off")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('rasa_tracker')")
            if cursor.fetchone()[0] is None:
                cursor.execute("SELECT pg_advisory_lock(51703)")  # two that start at once
                cursor.execute(TABLE)
                cursor.execute("SELECT pg_advisory_unlock(51703)")
        return connection

    def _let_go(self) -> None:
        if self._connection is not None:
            try:
                self._connection.close()
            except psycopg2.Error as fault:
                log.debug("the cut connection could not be closed: %s", type(fault).__name__)
            self._connection = None
