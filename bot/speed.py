"""Three repairs of Rasa 3.6.21.

The schema of an action's answer is prepared once, not at every call:
``RemoteAction._validate_action_result`` calls ``jsonschema.validate``, which checks the schema itself against its meta-schema each time:
three quarters of
the time of a message. A validator built once makes the same checks.

The connection to the action server is kept open: ``EndpointConfig.session`` makes a new client, and with it a new connection, for every request.

What is loaded once is taken out of the garbage collector's sight: TensorFlow's and Rasa's million objects cost it a third of a second at
every full round.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import aiohttp
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
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


def rest_the_collector() -> None:
    """Let the garbage collector look only at what is made from now on; for when everything is loaded."""
    gc.collect()
    gc.freeze()
