"""Repairs of Rasa 3.6.21, each for time that is lost at every message; none changes what the bot does.

- ``prepare_action_schema``: ``RemoteAction._validate_action_result`` calls ``jsonschema.validate``, which checks the schema itself against
  its meta-schema each time: three quarters of the time of a message. A validator built once makes the same checks.
- ``keep_connections``: ``EndpointConfig.session`` makes a new client, and with it a new connection, for every request.
- ``run_graphs_plainly``: ``DaskGraphRunner.run`` plans the graph anew at every run and hands each node to a scheduler, although all of
  them run one after the other in one thread. The plan is made once here.
- ``remember_emptiness``: ``Domain.is_empty``, asked at every message, describes the whole domain and a new empty one to compare them.
- ``rest_the_collector``: TensorFlow's and Rasa's million objects cost the garbage collector a third of a second at every full round.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import aiohttp
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

ACTION_SECONDS = 15.0
"""An action that takes longer has failed; Rasa's own limit is five minutes."""


def prepare_action_schema() -> None:
    """Make Rasa check action answers with a validator that is built once. Calling it again changes nothing."""
    if getattr(RemoteAction, "schema_is_prepared", False):
        return
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction.schema_is_prepared = True


class _Kept:
    """A client that ``async with`` does not close."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_exception: object) -> None:
        return None


def keep_connections() -> None:
    """Let every endpoint use one client a loop, with connections kept for 60 s. Calling it again changes nothing."""
    if getattr(EndpointConfig, "connections_are_kept", False):
        return
    sessions: dict[tuple[int, int], aiohttp.ClientSession] = {}
    stock = EndpointConfig.session

    def session(self: EndpointConfig) -> Any:
        if self.basic_auth:
            return stock(self)
        key = (id(self), id(asyncio.get_running_loop()))
        if key not in sessions or sessions[key].closed:
            sessions[key] = aiohttp.ClientSession(
                headers=self.headers,
                timeout=aiohttp.ClientTimeout(total=ACTION_SECONDS),
                connector=aiohttp.TCPConnector(keepalive_timeout=60),
            )
        return _Kept(sessions[key])

    EndpointConfig.session = session
    EndpointConfig.connections_are_kept = True


def run_graphs_plainly() -> None:
    """Let graphs run node by node in an order planned once. Calling it again changes nothing."""
    if getattr(DaskGraphRunner, "runs_plainly", False):
        return

    def run(self: Any, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        wanted = targets or self._graph_schema.target_names
        plans = self.__dict__.setdefault("plans", {})
        key = tuple(wanted)
        if key not in plans:
            plans[key] = plan(self._graph_schema, wanted)
        results = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            for name, needs in plans[key]:
                results[name] = self._instantiated_nodes[name](*(results.get(need, need) for need in needs))
        except RuntimeError as fault:
            raise GraphRunError("Error running runner.") from fault
        return dict(results[name] for name in wanted)

    DaskGraphRunner.run = run
    DaskGraphRunner.runs_plainly = True


def plan(schema: GraphSchema, targets: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """The nodes that ``targets`` need, each after the nodes it needs, with the names of these (inputs of the run among them)."""
    nodes, order = schema.minimal_graph_schema(targets).nodes, {}

    def visit(name: str) -> None:
        if name in nodes and name not in order:
            needs = tuple(nodes[name].needs.values())
            for need in needs:
                visit(need)
            order[name] = needs

    for target in targets:
        visit(target)
    return list(order.items())


def remember_emptiness() -> None:
    """Let a domain find out once whether it is empty; domains do not change. Calling it again changes nothing."""
    if getattr(Domain, "remembers_emptiness", False):
        return
    stock = Domain.is_empty

    def is_empty(self: Domain) -> bool:
        if "emptiness" not in self.__dict__:
            self.emptiness = bool(stock(self))
        return bool(self.emptiness)

    Domain.is_empty = is_empty
    Domain.remembers_emptiness = True


def rest_the_collector() -> None:
    """Let the garbage collector look only at what is made from now on; for when everything is loaded."""
    gc.collect()
    gc.freeze()
