"""The key by which a machine shows that it is the one of the list: made of one secret of the settings, so none is kept."""

from __future__ import annotations

import base64
import hashlib
import hmac


class StationKeys:
    """Makes and checks the machines' keys; without a secret no machine needs one."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @property
    def are_needed(self) -> bool:
        """Whether a machine without a key is not believed."""
        return bool(self._secret)

    def of(self, station_id: str) -> str:
        """The machine's key: 43 letters, figures, ``-`` and ``_``. It opens nothing but the list of the machines' health."""
        digest = hmac.digest(self._secret, f"aid station 1 {station_id}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")

    def fits(self, station_id: str, key: str | None) -> bool:
        """Whether it is this machine's key, or none is needed."""
        return not self.are_needed or hmac.compare_digest(self.of(station_id), key or "")
