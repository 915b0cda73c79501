"""The PIN with which staff leave the kiosk; wrong ones are counted as wrong lookups are."""

from __future__ import annotations

import hmac

from aid.cases.lookups import WRONG_LOOKUPS, note_wrong_lookup, wrong_lookups
from aid.clock import Clock
from aid.kiosk.errors import PinWrong, TooManyPins
from aid.store.engine import Store


class Pins:
    """Checks PINs: five wrong ones in ten minutes, from one address or for one station, then a pause. May raise ``StoreUnavailable``."""

    def __init__(self, store: Store, clock: Clock, pin: str) -> None:
        """``pin``: the right one; empty: none is right."""
        self._store, self._clock, self._pin = store, clock, pin

    def check(self, pin: str, station: str, mark: str) -> None:
        """Let the right PIN pass.

        Args:
            pin: what was typed.
            station: where; a known station's id.
            mark: the caller's, as ``channels.door.mark_of`` makes it.

        Raises:
            PinWrong: it is another, or none is set; counted.
            TooManyPins: wrong ones were too many; this one was not looked at.
        """
        # Apart from the lookups of the same address: visitors who mistype a code must not lock staff in, nor the other way round.
        counted, caller = f"kiosk:{station}", f"k{mark}"[:22]
        right = bool(self._pin) and hmac.compare_digest(pin.encode(), self._pin.encode())
        with self._store.session() as session:
            if wrong_lookups(session, self._clock.now(), caller, counted) >= WRONG_LOOKUPS:
                raise TooManyPins("too many wrong PINs")
            if not right:
                note_wrong_lookup(session, self._clock.now(), caller, counted)
        if not right:
            raise PinWrong("not the PIN")
