"""The page that Prometheus reads, at an address of its own: never at one of the public's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from aid.errors import SettingsError
from aid.settings import Settings

PLACES = {"doors": 0, "actions": 1, "console": 2, "supervisor": 3}
"""Which port each process of a machine has, counted from ``AID_METRICS_PORT``."""


@contextmanager
def listening(settings: Settings, process: str, registry: CollectorRegistry) -> Iterator[None]:
    """Give out the figures of ``process`` while this lasts, where ``AID_METRICS_PORT`` asks for it.

    Raises:
        SettingsError: the port is taken, or the address is none of this machine's.
    """
    if not settings.metrics_port:
        yield
        return
    port = settings.metrics_port + PLACES[process]
    try:
        server, thread = start_http_server(port, settings.metrics_host, registry)
    except OSError as fault:
        raise SettingsError(f"port {port} for the figures of {process} cannot be had: set AID_METRICS_PORT or AID_METRICS_HOST") from fault
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
