"""The settings as a backup keeps them: everything that says how the system was set up, nothing that opens anything."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from aid.settings import Settings

SETTINGS_FILE = "settings.json"
SECRET = frozenset(
    {"data_key", "token_key", "kiosk_pin", "station_secret", "wechat_token", "wechat_aes_key", "wechat_aes_key_previous", "wechat_app_secret"}
)
"""Settings of which a backup says only whether they are set (a test holds that no new secret is forgotten)."""
ADDRESSES = frozenset({"database_url", "redis"})
"""Settings that may hold a password within an address."""
HIDDEN = "(set; not in the backup)"


def plain_settings(settings: Settings) -> str:
    """The settings as JSON, by their variables."""
    shown: dict[str, object] = {}
    for name, value in settings.model_dump(mode="json").items():
        if name in SECRET:
            value = HIDDEN if value else ""
        elif name in ADDRESSES and value:
            value = _without_password(str(value))
        shown[f"AID_{name.upper()}"] = value
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


def _without_password(address: str) -> str:
    """Kind, host, port and name of an address; user, password and everything after the question mark but a socket's folder go."""
    try:
        if address.startswith(("postgresql", "sqlite")):
            url = make_url(address)
            socket = url.query.get("host")
            bare = URL.create(url.drivername, host=url.host, port=url.port, database=url.database, query={"host": socket} if socket else {})
            return bare.render_as_string()
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
    except (ArgumentError, ValueError):
        return HIDDEN
