"""The access token of the WeChat platform, one for all processes: whoever holds the lease fetches it, the others wait for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.exc import IntegrityError

from aid.clock import Clock
from aid.privacy.errors import CannotUnseal
from aid.privacy.vault import Vault
from aid.store.engine import Store
from aid.store.wechat_rows import WechatTokenRow

LEASE = timedelta(seconds=15)
"""Longer than one call takes; a holder that died is followed by another after this."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token and when it ends."""

    value: str
    expires_at: datetime


class TokenShelf:
    """Where the token of an app lies. Every method may raise ``StoreUnavailable``."""

    def __init__(self, store: Store, vault: Vault, clock: Clock, app_id: str) -> None:
        self._store, self._vault, self._clock, self._app_id = store, vault, clock, app_id

    def read(self) -> Token | None:
        """The token that lies there, if it can be opened and has not ended."""
        with self._store.reading() as session:
            row = session.get(WechatTokenRow, self._app_id)
        if row is None or row.value is None or row.expires_at is None or row.expires_at <= self._clock.now():
            return None
        try:
            return Token(self._vault.decrypt(row.value), row.expires_at)
        except CannotUnseal:  # sealed with a key that has been retired since
            return None

    def take_lease(self, holder: str) -> bool:
        """Whether ``holder`` is the one who fetches a token now."""
        now = self._clock.now()
        self._make_row()
        free = or_(WechatTokenRow.holder.is_(None), WechatTokenRow.held_until <= now)
        taken = update(WechatTokenRow).where(WechatTokenRow.app_id == self._app_id, free)
        with self._store.session() as session:
            changed = session.execute(taken.values(holder=holder, held_until=now + LEASE).returning(WechatTokenRow.app_id))
            return changed.first() is not None

    def put(self, holder: str, token: Token) -> None:
        """Lay down a fetched token and give the lease back."""
        ours = update(WechatTokenRow).filter_by(app_id=self._app_id, holder=holder)
        with self._store.session() as session:
            session.execute(ours.values(value=self._vault.encrypt(token.value), expires_at=token.expires_at, holder=None, held_until=None))

    def give_back(self, holder: str) -> None:
        """Give the lease back without a token."""
        with self._store.session() as session:
            session.execute(update(WechatTokenRow).filter_by(app_id=self._app_id, holder=holder).values(holder=None, held_until=None))

    def spoil(self, value: str) -> None:
        """Take away a token that the platform refuses; a newer one stays."""
        lying = self.read()
        if lying is not None and lying.value == value:
            same = update(WechatTokenRow).filter_by(app_id=self._app_id, expires_at=lying.expires_at)
            with self._store.session() as session:
                session.execute(same.values(value=None, expires_at=None))

    def _make_row(self) -> None:
        with self._store.reading() as session:
            if session.get(WechatTokenRow, self._app_id) is not None:
                return
        try:
            with self._store.session() as session:
                session.add(WechatTokenRow(app_id=self._app_id))
        except IntegrityError:
            return
