"""Everything that the checks judge, as values. ``None`` means "could not be looked at" unless it says otherwise."""

from datetime import tzinfo
from pathlib import Path
from typing import NamedTuple

from packetbuddy.answers.updating import Updating
from packetbuddy.errors import LedgerError
from packetbuddy.metering.readings import Reading
from packetbuddy.metering.uplinks import Choice
from packetbuddy.probes.neighbours import Counting, Listener
from packetbuddy.services.face import Registration
from packetbuddy.settings.address import Address
from packetbuddy.settings.checking import Checked
from packetbuddy.storage.examining import Examined


class Python(NamedTuple):
    """The interpreter that runs this, and the package that it runs."""

    version: tuple[int, ...]
    sqlite: tuple[int, ...]
    executable: str
    package: Path
    unimportable: tuple[tuple[str, str], ...]
    """Libraries that cannot be loaded, and why."""
    uncompiled: bool
    """Modules of the monitor have no byte code, so that each start compiles them and keeps what that takes."""


class Place(NamedTuple):
    """The home folder. ``kind`` is ``folder``, ``missing``, ``closed`` (not to be looked at) or ``other``."""

    root: Path
    kind: str
    asked: str
    """``PACKETBUDDY_HOME`` as it is set, empty without."""
    default: Path
    default_used: bool
    """The default home holds a ledger."""
    mount: str = ""
    """What kind of unsafe mount it lies on."""
    read_only: bool = False
    foreign: bool = False
    """It belongs to another user."""
    writable: bool = True
    unwritable: tuple[str, ...] = ()
    """Files of ours in it that cannot be written."""
    open_to_others: tuple[str, ...] = ()
    """Paths in it, or it, that others than the owner may enter, read or write."""
    free_bytes: int | None = None
    free_files: int | None = None
    """Names that the file system has room for; ``None`` also where it has no such limit."""


class Urls(NamedTuple):
    """Where a database URL is known from. The URLs themselves are secrets and not in here."""

    variables: tuple[str, ...]
    """Environment variables that hold one."""
    in_file: bool
    same: bool
    """The environment's is the file's."""


class Config(NamedTuple):
    """The settings and their mistakes."""

    path: Path
    checked: Checked
    urls: Urls


class Ledger(NamedTuple):
    """The ledger's file and what is in it; exactly one of ``problem`` and ``seen`` is there."""

    path: Path
    problem: LedgerError | None
    seen: Examined | None
    size: int
    log_size: int
    """Of the write-ahead log."""


class Backups(NamedTuple):
    """The daily backups."""

    newest: Path | None
    whole: bool | None
    """The newest verifies; ``None`` also without one."""


class Network(NamedTuple):
    """One reading of the counters, taken after the ledger was read, and what counts by it."""

    reading: Reading | None
    problem: str
    """Why there is no reading."""
    plain: bool
    """It came from the kernel's own interface, not from a stand-in for a sandbox that refuses it."""
    choice: Choice


class Monitor(NamedTuple):
    """Who counts into this home, by its lock and by the processes that can be seen."""

    held: bool
    """The lock is held by somebody."""
    signed: int | None
    """The pid in the lock's file."""
    signed_lives: bool
    others: tuple[Counting, ...]
    """Monitors of this home beside the one that signed."""
    managed: bool
    """Something restarts it."""
    failure: str
    """What its manager says of the last start."""
    last_words: str
    """The last line of the service's log that tells of an error."""


class Port(NamedTuple):
    """Who listens where the dashboard should be."""

    address: Address
    listeners: tuple[Listener, ...] | None


class Service(NamedTuple):
    """What is registered for this home with the system's service manager, whether that answers now or not."""

    registration: Registration | None
    problem: str
    answers: bool
    """What is registered is what keeps the monitor now."""
    program_there: bool
    """The registered program exists and can be run."""


class Launcher(NamedTuple):
    """The installed code and the ways into it. States: ``absent``, ``fine`` or ``broken``."""

    launcher: Path
    launcher_state: str
    current: Path
    current_state: str
    interpreter: Path
    interpreter_state: str
    link: Path
    """``~/.local/bin/pb``."""
    link_target: Path | None
    """Where that leads, ``None`` where it is no link."""
    link_state: str
    first_on_path: Path | None
    """The ``pb`` that a terminal finds."""
    first_is_ours: bool
    """It is the launcher, or leads to it."""


class Updates(NamedTuple):
    """What updates say of themselves, and what is true of it."""

    told: Updating
    waits: bool
    """A version is on trial, or waits for its start."""
    watched: bool
    """Somebody sees whether the version on trial counts."""


class Clock(NamedTuple):
    """What is known of the wall clock and the local zone."""

    now_ns: int
    synchronized: bool | None
    """A time service keeps it; ``None``: the system does not say."""
    zone_complaint: str
    localtime_broken: bool
    """``/etc/localtime`` is there and holds no rules."""


class Facts(NamedTuple):
    """All of it. Without a home of ours there is nothing but Python, the home itself, the settings and the clock."""

    now_ns: int
    version: str
    zone: tzinfo
    """In which days and times are told."""
    python: Python
    place: Place
    config: Config
    clock: Clock
    ledger: Ledger | None = None
    backups: Backups | None = None
    network: Network | None = None
    monitor: Monitor | None = None
    port: Port | None = None
    service: Service | None = None
    launcher: Launcher | None = None
    updates: Updates | None = None
