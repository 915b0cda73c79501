"""Errors of the consultation package.

AidError
├── KnowledgeError       knowledge/ cannot be used; carries the faults (drawn in aid.faults)
└── CalibrationError     the search cannot be calibrated, or its calibration cannot be read
"""

from aid.errors import AidError


class CalibrationError(AidError):
    """The search cannot be calibrated, or its calibration cannot be read."""
