"""What can go wrong with reports.

AidError
└── ReportError
    ├── UnknownPeriod    no such day, month, year, event, or the last day lies before the first
    ├── UnknownFilter    a figure, kind, center or event that is none
    └── ReportInTheWay   a file of this name is there already, or the folder takes none
"""

from aid.errors import AidError


class ReportError(AidError):
    """A report cannot be made."""


class UnknownPeriod(ReportError):
    """No such period."""


class UnknownFilter(ReportError):
    """A report is to be narrowed, or a figure asked for, by something that does not exist."""


class ReportInTheWay(ReportError):
    """The report cannot be written where it was to go."""
