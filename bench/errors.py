"""Errors of the measurements.

AidError
└── BenchError       a measurement cannot be made; says what is missing or failed
    └── LoadError    a system under load refused a message or gave no reply in time
"""

from __future__ import annotations

from aid.errors import AidError


class BenchError(AidError):
    """A measurement cannot be made."""


class LoadError(BenchError):
    """A message got no reply."""
