"""The root of every error that this project raises on purpose.

AidError
├── SettingsError        a setting is missing or has no sense; names the variable
├── KnowledgeError       knowledge/ cannot be read; carries the faults with file and line
└── (each package draws its own branch at its top)
"""


class AidError(Exception):
    """Something went wrong that the project foresaw. ``str()`` is one clear sentence for an operator."""


class SettingsError(AidError):
    """A setting is missing or has no sense; the message names the ``AID_…`` variable."""
