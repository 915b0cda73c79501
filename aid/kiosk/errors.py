"""What can go wrong at a kiosk.

AidError
└── KioskError
    ├── UnknownStation     no station of this id is in knowledge/kiosk.yml
    ├── PinWrong           not the PIN of the settings, or none is set
    └── TooManyPins        wrong too often; the next try is refused for some minutes
"""

from aid.errors import AidError


class KioskError(AidError):
    """Something is wrong at a kiosk."""


class UnknownStation(KioskError):
    """No station has this id."""


class PinWrong(KioskError):
    """Not the PIN, or no PIN is set: then nobody leaves the kiosk from its screen."""


class TooManyPins(KioskError):
    """Too many wrong PINs in a short time."""
