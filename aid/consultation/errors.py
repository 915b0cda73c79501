"""Errors of the consultation package.

AidError
├── KnowledgeError       knowledge/ cannot be used; carries the faults (drawn in aid.faults)
├── CalibrationError     the search cannot be calibrated, or its calibration cannot be read
└── TextsError           a folder of law texts cannot be read
"""

from aid.errors import AidError


class CalibrationError(AidError):
    """The search cannot be calibrated, or its calibration cannot be read."""


class TextsError(AidError):
    """A folder of law texts cannot be read."""
