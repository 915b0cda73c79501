"""Signatures and encryption of the callback, as the platform describes them (message push, encryption and decryption).

A frame is 16 random bytes, the length of the message (4 bytes, network order), the message, the app id; padded by PKCS#7 to blocks of 32,
AES-256-CBC with the key's first half as initial vector, base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from aid.errors import SettingsError
from channels.wechat.errors import CallbackForged

BLOCK = 32
RANDOM_BYTES = 16
_HEAD = RANDOM_BYTES + 4
_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, in hex."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()


def is_signed(given: str, *parts: str) -> bool:
    """Whether ``given`` is the signature of the parts; takes the same time whatever is wrong with it."""
    return hmac.compare_digest(signature(*parts).encode(), given.encode("utf-8", "surrogatepass"))


class Crypto:
    """Opens and makes encrypted messages with one key."""

    def __init__(self, encoding_aes_key: str, app_id: str, name: str = "AID_WECHAT_AES_KEY") -> None:
        """Take a key of 43 characters as the platform shows it. Raises ``SettingsError``, which names the setting ``name``."""
        if not _KEY.fullmatch(encoding_aes_key):
            raise SettingsError(f"{name} is no EncodingAESKey: it has 43 letters, figures, + and /")
        key = base64.b64decode(encoding_aes_key + "=")
        self._cipher, self._app_id = Cipher(algorithms.AES(key), modes.CBC(key[:16])), app_id.encode()

    def decrypt(self, sealed: str) -> bytes:
        """The message of a frame. Raises ``CallbackForged`` for anything that this key and app id did not make."""
        if not _BASE64.fullmatch(sealed):
            raise CallbackForged("the ciphertext is no base64")
        try:
            content = base64.b64decode(sealed, validate=True)
        except binascii.Error as fault:
            raise CallbackForged("the ciphertext is no base64") from fault
        if not content or len(content) % BLOCK:
            raise CallbackForged("the ciphertext is no whole number of blocks")
        opened = self._cipher.decryptor()
        return self._message(_unpadded(opened.update(content) + opened.finalize()))

    def encrypt(self, message: bytes, random: bytes | None = None) -> str:
        """A frame of the message; ``random`` (16 bytes) is given by tests only."""
        frame = (random or secrets.token_bytes(RANDOM_BYTES)) + struct.pack(">I", len(message)) + message + self._app_id
        count = BLOCK - len(frame) % BLOCK
        sealed = self._cipher.encryptor()
        return base64.b64encode(sealed.update(frame + bytes([count]) * count) + sealed.finalize()).decode("ascii")

    def _message(self, frame: bytes) -> bytes:
        if len(frame) < _HEAD:
            raise CallbackForged("the frame is too short")
        (length,) = struct.unpack(">I", frame[RANDOM_BYTES:_HEAD])
        if length > len(frame) - _HEAD:
            raise CallbackForged("the frame is shorter than it says")
        if not hmac.compare_digest(frame[_HEAD + length :], self._app_id):
            raise CallbackForged("the frame is another account's")
        return frame[_HEAD : _HEAD + length]


def _unpadded(padded: bytes) -> bytes:
    """Every byte of the padding is checked."""
    count = padded[-1]
    if not 1 <= count <= BLOCK or padded[-count:] != bytes([count]) * count:
        raise CallbackForged("the padding is broken")
    return padded[:-count]
