"""What can go wrong with a backup.

AidError
└── BackupError
    ├── BadPlace            a folder cannot be used for this; says which and why
    ├── BackupRunning       another backup is being written into the same folder
    ├── NoRoomForBackup     the disk is full; the unfinished backup was removed
    ├── CannotWrite         a file cannot be read or written; the unfinished backup was removed
    ├── RecordFailed        the database could not be copied, or not be filled
    │   ├── ProgramMissing  pg_dump or pg_restore is not on this machine
    │   ├── ProgramTooOld   it is older than the server, or than the backup
    │   └── ProgramStuck    it took longer than it may; it was ended
    ├── NotABackup          no manifest there, or one that cannot be read
    ├── BackupDamaged       what lies in the folder is not what the manifest says
    ├── KeysDoNotFit        the keys are missing, or do not open this backup
    └── CannotRestore       the target is in use or holds something, or the backup was made by a newer program
"""

from aid.errors import AidError


class BackupError(AidError):
    """Something is wrong with a backup."""


class BadPlace(BackupError):
    """A folder cannot be used for this."""


class BackupRunning(BackupError):
    """Another backup is being written into the same folder."""


class NoRoomForBackup(BackupError):
    """The disk is full; the unfinished backup was removed."""


class CannotWrite(BackupError):
    """A file cannot be read or written; the unfinished backup was removed."""


class RecordFailed(BackupError):
    """The database could not be copied, or not be filled."""


class ProgramMissing(RecordFailed):
    """A program of PostgreSQL is not on this machine."""


class ProgramTooOld(RecordFailed):
    """A program of PostgreSQL is older than the server or the backup."""


class ProgramStuck(RecordFailed):
    """A program of PostgreSQL took longer than it may."""


class NotABackup(BackupError):
    """There is no manifest, or it cannot be read."""


class BackupDamaged(BackupError):
    """What lies in the folder is not what the manifest says; each fault is one line."""


class KeysDoNotFit(BackupError):
    """The keys are missing, or do not open this backup."""


class CannotRestore(BackupError):
    """The target cannot take this backup; nothing was changed."""
