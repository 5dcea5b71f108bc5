"""What can go wrong, drawn once.

::

    PacketBuddyError            one line for a person, and what to do
    ├── WrongUsageError         the command line was wrong (exit code 2)
    ├── SettingsError           config.toml: file, key, what was given, what is allowed
    ├── HomeError               the home cannot be used (network mount, read-only, no space)
    ├── ProbeError              the operating system did not answer
    ├── ServiceError            the service could not be started, stopped or found
    ├── ImportFileError         a file to import cannot be read, or is not what its kind should be
    ├── InstallError            setup could not do its work (Python, network, folder)
    ├── UpdateError             an update could not be done; everything is as it was
    ├── SyncError               the shared database could not be used; nothing local depends on it
    │   ├── SyncSetupError      a person has to change something: URL, password, certificate, rights
    │   └── SyncBusyError       another run is at work, or a part of this one has to be done anew
    └── LedgerError
        ├── LedgerMissingError  no ledger yet: "no data", not "could not read"
        ├── LedgerBusyError     locked by another process for now; try again
        ├── LedgerFullError     the disk is full; nothing was lost, try again
        ├── LedgerReadOnlyError the file or its folder cannot be written
        ├── LedgerForeignError  not ours, or PacketBuddy 1.x; never opened for writing
        ├── LedgerNewerError    written by a newer PacketBuddy
        ├── LedgerDamagedError  SQLite cannot read it
        └── LockHeldError       another monitor owns this ledger

Foreign errors (``OSError``, ``sqlite3.Error``, …) are mapped once, at the edge where they happen,
with ``from``. ``str(error)`` is the one line; ``error.hint`` says what would be right, or is empty.
"""


class PacketBuddyError(Exception):
    """Any failure that a person should read about: one line, and a hint what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class WrongUsageError(PacketBuddyError):
    """The command line asked for something that cannot be meant."""


class SettingsError(PacketBuddyError):
    """A mistake in the configuration: file, key, what was given, what is allowed."""


class HomeError(PacketBuddyError):
    """The home folder cannot be used."""


class ProbeError(PacketBuddyError):
    """The operating system did not answer a question about itself."""


class ServiceError(PacketBuddyError):
    """The background service could not be controlled."""


class ImportFileError(PacketBuddyError):
    """A file that should be imported cannot be read, or is not what it should be."""


class InstallError(PacketBuddyError):
    """A version could not be installed."""


class UpdateError(PacketBuddyError):
    """An update was not done, and nothing has changed. ``word`` says why in one word."""

    def __init__(self, word: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.word = word


class SyncError(PacketBuddyError):
    """The shared database could not be used now."""


class SyncSetupError(SyncError):
    """The shared database cannot be used before somebody changes something."""


class SyncBusyError(SyncError):
    """Another run is at work."""


class LedgerError(PacketBuddyError):
    """The ledger could not be read or written."""


class LedgerMissingError(LedgerError):
    """There is no ledger yet."""


class LedgerBusyError(LedgerError):
    """Another process holds the ledger for the moment."""


class LedgerFullError(LedgerError):
    """The disk is full."""


class LedgerReadOnlyError(LedgerError):
    """The ledger or its folder cannot be written."""


class LedgerForeignError(LedgerError):
    """The file belongs to another program or to PacketBuddy 1.x."""


class LedgerNewerError(LedgerError):
    """The ledger was written by a newer PacketBuddy than this one."""


class LedgerDamagedError(LedgerError):
    """The ledger's file is damaged."""


class LockHeldError(LedgerError):
    """Another monitor owns this ledger."""
