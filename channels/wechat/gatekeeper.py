"""Who stands at the callback: only what the platform has signed a moment ago comes in, decrypted, as fields."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from aid.clock import Clock
from aid.errors import SettingsError
from aid.settings import Settings
from channels.wechat.crypto import Crypto, is_signed
from channels.wechat.errors import CallbackForged, CallbackMalformed
from channels.wechat.parsing import parse
from channels.wechat.passive import sealed_reply

Mode = Literal["plain", "compatible", "secure"]
WINDOW = timedelta(minutes=5)
"""How far a request's moment may lie from ours, either way."""
KEPT_NONCES = 20_000
"""More than the platform can send in the window to one account of this size; the oldest are let go."""
_PARAMETERS = ("signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "echostr")
_NONCE = re.compile(r"[\x21-\x7e]{1,128}")
_SIGNATURE = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request of the platform's: its fields, and how its answer is to be sealed (not at all, where it came open)."""

    fields: dict[str, str]
    nonce: str
    crypto: Crypto | None


class Gatekeeper:
    """Checks requests. ``mode``: what is let in: ``secure`` ciphertext only, ``compatible`` either, ``plain`` either as well, if there is a key."""

    def __init__(self, token: str, app_id: str, mode: Mode, cryptos: Sequence[Crypto], clock: Clock) -> None:
        """``cryptos``: with the present key, then with the previous one."""
        self.token, self.app_id, self.mode = token, app_id, mode
        self._cryptos, self._clock = list(cryptos), clock
        self._seen: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def echo(self, query: Sequence[tuple[str, str]]) -> str:
        """The word that the platform asks back when the address is registered. Raises ``CallbackRefused``."""
        asked = _single(query)
        echo = asked.get("echostr")
        if not echo or len(echo) > 1024:
            raise CallbackMalformed("no echostr")
        self._check_moment(asked)
        self._check_signature(asked)
        return echo

    def admit(self, query: Sequence[tuple[str, str]], body: bytes) -> Admitted:
        """What a push says. Raises ``CallbackRefused``."""
        asked = _single(query)
        self._check_moment(asked)
        kind = asked.get("encrypt_type", "raw")
        if kind not in ("raw", "aes"):
            raise CallbackMalformed("an unknown kind of encryption")
        if kind == "aes":
            return self._sealed(asked, body)
        if self.mode == "secure":
            raise CallbackForged("only encrypted messages are taken")
        self._check_signature(asked)
        fields = parse(body)
        # The signature does not cover an open body: what was overheard must not be sent again with other words.
        self._check_unused((asked["timestamp"], asked["nonce"]), body)
        return Admitted(fields, asked["nonce"], None)

    def seal(self, document: str, admitted: Admitted) -> str:
        """An answer in the form in which the request came."""
        if admitted.crypto is None:
            return document
        return sealed_reply(document, admitted.crypto, self.token, admitted.nonce, self._clock.now())

    def _sealed(self, asked: dict[str, str], body: bytes) -> Admitted:
        if not self._cryptos:
            raise CallbackForged("there is no key for encrypted messages")
        sealed, signed = parse(body).get("Encrypt"), asked.get("msg_signature")
        if not sealed or signed is None or not _SIGNATURE.fullmatch(signed):
            raise CallbackMalformed("no ciphertext, or no signature of it")
        if not is_signed(signed, self.token, asked["timestamp"], asked["nonce"], sealed):
            raise CallbackForged("the signature is wrong")
        fault: CallbackForged | None = None
        for crypto in self._cryptos:
            try:
                return Admitted(parse(crypto.decrypt(sealed)), asked["nonce"], crypto)
            except CallbackForged as found:
                fault = fault or found
        raise fault or CallbackForged("no key opens the message")

    def _check_signature(self, asked: dict[str, str]) -> None:
        given = asked.get("signature")
        if given is None or not _SIGNATURE.fullmatch(given):
            raise CallbackMalformed("no signature")
        if not is_signed(given, self.token, asked["timestamp"], asked["nonce"]):
            raise CallbackForged("the signature is wrong")

    def _check_moment(self, asked: dict[str, str]) -> None:
        moment, nonce = asked.get("timestamp", ""), asked.get("nonce", "")
        if not re.fullmatch(r"[0-9]{1,12}", moment) or not _NONCE.fullmatch(nonce):
            raise CallbackMalformed("no timestamp, or no nonce")
        if abs(self._clock.now().timestamp() - int(moment)) > WINDOW.total_seconds():
            raise CallbackForged("the request is too old, or from the future")

    def _check_unused(self, key: tuple[str, str], body: bytes) -> None:
        """The same request may come again (the platform tries three times), another one with its signature may not."""
        digest = hashlib.sha256(body).digest()
        if self._seen.setdefault(key, digest) != digest:
            raise CallbackForged("the signature was used for another message")
        while len(self._seen) > KEPT_NONCES:
            self._seen.popitem(last=False)


def _single(query: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The parameters that count, each once; others are let be."""
    known = [(name, value) for name, value in query if name in _PARAMETERS]
    found = dict(known)
    if len(found) != len(known):
        raise CallbackMalformed("a parameter stands twice")
    return found


def gatekeeper_of(settings: Settings, clock: Clock) -> Gatekeeper:
    """The gatekeeper that the settings describe.

    Raises:
        SettingsError: a setting that the mode needs is missing or has no sense.
    """
    if not settings.wechat_app_id:
        raise SettingsError("AID_WECHAT_APP_ID is missing: the WeChat door needs it beside AID_WECHAT_TOKEN")
    if settings.wechat_mode != "plain" and not settings.wechat_aes_key:
        raise SettingsError("AID_WECHAT_AES_KEY is missing: without it set AID_WECHAT_MODE=plain, which is less safe")
    keys = {"AID_WECHAT_AES_KEY": settings.wechat_aes_key, "AID_WECHAT_AES_KEY_PREVIOUS": settings.wechat_aes_key_previous}
    cryptos = [Crypto(key, settings.wechat_app_id, name) for name, key in keys.items() if key]
    return Gatekeeper(settings.wechat_token, settings.wechat_app_id, settings.wechat_mode, cryptos, clock)
