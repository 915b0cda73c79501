"""Every setting of the project, read once from ``AID_…`` variables or the file ``.env``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from aid.clock import Clock, clock_starting_at
from aid.errors import SettingsError

PROJECT = Path(__file__).resolve().parent.parent
"""The folder that holds README.md; relative folders in settings are under it."""
ADDRESSES = r"^(https?://[^\s,/]+(,https?://[^\s,/]+)*)?$"


class Settings(BaseSettings):
    """The settings; each is documented under its name in docs/settings.md (a test holds that)."""

    model_config = SettingsConfigDict(env_prefix="AID_", env_file=".env", extra="ignore", frozen=True)

    var_dir: Path = Field(default=Path("var"), description="Folder of everything the running system writes.")
    models_dir: Path = Field(default=Path("var/models"), description="Folder of encoders, bot models and calibration.")
    knowledge_dir: Path = Field(default=Path("knowledge"), description="Folder of the knowledge that editors keep.")
    database_url: str = Field(default="", description="SQLAlchemy address; empty: SQLite in the var folder.")
    data_key: str = Field(default="", description="Key(s) for personal data, comma-separated; empty: a key file.")
    token_key: str = Field(default="", description="Key that signs session tokens; empty: a key file.")
    host: str = Field(default="127.0.0.1", description="Address on which the public doors listen.")
    port: int = Field(default=8080, ge=1, le=65535, description="Port of the public doors.")
    console: str = Field(
        default="together", pattern="^(together|apart|off)$", description="The workbench: in the doors' process, in one of its own, or not at all."
    )
    console_port: int = Field(default=8090, ge=1, le=65535, description="Port of the workbench where it has a process of its own.")
    replica: str = Field(default="", pattern="^[A-Za-z0-9_.:-]{0,64}$", description="Name of this replica of the doors; empty: host and port.")
    redis: str = Field(default="", pattern="^((redis|rediss|unix)://.+)?$", description="Redis that the replicas of the doors share; empty: none.")
    sites: str = Field(default="", description="Sites that may show the widget: name=origin,origin; name=origin.")
    kiosk_pin: str = Field(default="", pattern=r"^(\d{6,12})?$", description="PIN of 6 to 12 figures by which staff leave a kiosk; empty: none does.")
    station_secret: str = Field(default="", pattern="^(.{32,})?$", description="Secret from which kiosks' keys are made; empty: they need none.")
    public_address: str = Field(
        default="", pattern=r"^(https?://[^\s?#]+/)?$", description="Address for phones, in QR codes, ending in /; empty: the kiosk's own."
    )
    rasa_port: int = Field(default=5005, ge=1, le=65535, description="Loopback port of the Rasa server.")
    actions_port: int = Field(default=5055, ge=1, le=65535, description="Loopback port of the action server.")
    rasa_addresses: str = Field(default="", pattern=ADDRESSES, description="Rasa servers, http://host:port, with commas between; empty: the port's.")
    actions_addresses: str = Field(default="", pattern=ADDRESSES, description="Action servers, the same way; empty: the port's.")
    rasa_trackers: str = Field(
        default="", pattern="^((postgresql://|/).+)?$", description="PostgreSQL in which several Rasa servers keep their trackers; empty: memory."
    )
    rasa_scratch: str = Field(default="", description="Folder that a Rasa server writes in, emptied at its start; empty: one in the var folder.")
    inner_host: str = Field(default="127.0.0.1", min_length=1, description="Address on which Rasa and the action server listen.")
    turn_seconds: float = Field(default=20.0, gt=0, description="Seconds that one turn of the bot may take.")
    address_openings_per_minute: int = Field(default=60, ge=1, description="Conversations that one address may open in a minute.")
    address_messages_per_minute: int = Field(default=600, ge=1, description="Messages that one address may send in a minute.")
    clock_start: str = Field(default="", description="ISO moment at which the clock starts; empty: now. For rehearsals.")
    wechat_token: str = Field(default="", description="Token of the WeChat account's callback; empty: no WeChat door.")
    wechat_aes_key: str = Field(default="", description="EncodingAESKey of the callback, 43 characters.")
    wechat_aes_key_previous: str = Field(default="", description="The key before, while it is being changed.")
    wechat_app_id: str = Field(default="", description="App id of the WeChat account.")
    wechat_app_secret: str = Field(default="", description="App secret of the WeChat account; empty: nothing is pushed.")
    wechat_mode: Literal["plain", "compatible", "secure"] = Field(default="secure", description="Which messages the callback takes.")
    wechat_api_base: str = Field(default="https://api.weixin.qq.com", pattern=r"^https?://", description="Address of the WeChat API.")
    metrics_port: int = Field(default=0, ge=0, le=65500, description="First port of the figures for Prometheus; 0: none are given out.")
    metrics_host: str = Field(default="127.0.0.1", description="Address on which the figures are given out.")
    log_format: Literal["text", "json"] = Field(default="text", description="Form of the log: lines of text, or of JSON.")
    backup_dir: str = Field(default="", description="Folder of the backups, whose age `aid doctor` tells; empty: none is looked at.")
    backup_hours: float = Field(default=26.0, gt=0, description="Hours after which the newest backup is too old.")
    certificates: str = Field(default="", description="PEM files of certificates, comma-separated, whose end `aid doctor` tells.")
    nginx_dir: str = Field(default="/etc/nginx", description="Folder of nginx's configuration, whose certificates are looked at too.")
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged.")

    @field_validator("var_dir", "models_dir", "knowledge_dir")
    @classmethod
    def _under_the_project(cls, folder: Path) -> Path:
        return folder if folder.is_absolute() else PROJECT / folder

    @model_validator(mode="after")
    def _share_trackers(self) -> Self:
        if "," in self.rasa_addresses and not self.rasa_trackers:
            raise ValueError("AID_RASA_ADDRESSES names several Rasa servers: they need AID_RASA_TRACKERS in common")
        return self

    @property
    def rasas(self) -> list[str]:
        """Addresses of the Rasa servers, at least one."""
        return self.rasa_addresses.split(",") if self.rasa_addresses else [f"http://127.0.0.1:{self.rasa_port}"]

    @property
    def actions(self) -> list[str]:
        """Addresses of the action servers, at least one."""
        return self.actions_addresses.split(",") if self.actions_addresses else [f"http://127.0.0.1:{self.actions_port}"]

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.var_dir / 'aid.db'}"

    @property
    def keys_dir(self) -> Path:
        """Folder of the key files (mode 0700), outside the database."""
        return self.var_dir / "keys"

    def clock(self) -> Clock:
        """The clock of this process.

        Raises:
            SettingsError: ``AID_CLOCK_START`` is not an ISO date or time.
        """
        try:
            return clock_starting_at(self.clock_start)
        except ValueError as fault:
            raise SettingsError(f"AID_CLOCK_START is not an ISO date or time: {self.clock_start!r}") from fault


def read_settings() -> Settings:
    """Read the settings from the environment; what is not there, from files of the folder ``AID_SECRETS_DIR``, each named as its variable.

    Raises:
        SettingsError: one is missing or has no sense; names each by its variable.
    """
    secrets = os.environ.get("AID_SECRETS_DIR") or None
    if secrets is not None and not Path(secrets).is_dir():
        raise SettingsError(f"AID_SECRETS_DIR is not a folder: {secrets}")
    try:
        return Settings(_secrets_dir=secrets)
    except ValidationError as fault:
        lines = [f"AID_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" if e["loc"] else e["msg"] for e in fault.errors()]
        raise SettingsError("settings cannot be used: " + "; ".join(lines)) from fault
