"""The one face of every service manager: seven verbs, and the values they answer with."""

from pathlib import Path
from typing import NamedTuple, Protocol

from packetbuddy.services.locks import Owner


class Patience(NamedTuple):
    """How long to wait, in seconds, for a start, for a stop, for the dead to be gone, for another `pb service`."""

    start: float = 10.0
    stop: float = 10.0
    kill: float = 5.0
    others: float = 30.0


class State(NamedTuple):
    """Who lives: the monitor that owns the ledger, and whether something would start it again.

    ``supervisor`` is the shell supervisor of the background adapter; other managers have none. ``failure`` is what the
    manager says of its last start, empty where it has nothing to complain about.
    """

    monitor: Owner | None
    supervisor: Owner | None = None
    managed: bool = False
    failure: str = ""

    @property
    def word(self) -> str:
        """``running``, ``unmanaged`` (nothing restarts it), ``restarting`` (between two tries) or ``stopped``."""
        if self.monitor:
            return "running" if self.managed else "unmanaged"
        return "restarting" if self.managed else "stopped"


class Started(NamedTuple):
    """A start: the monitor that counts now, whether something restarts it, and whether it counted before."""

    monitor: Owner
    managed: bool
    already: bool


class Stopped(NamedTuple):
    """A stop: whether anything ran, and the pids that had to be killed because they did not leave in time."""

    ran: bool
    killed: tuple[int, ...]


class Registration(NamedTuple):
    """What is registered with a service manager.

    ``manager`` is ``systemd``, ``launchd``, ``task-scheduler`` or ``background``. ``files`` are the registered files;
    none means that the service is not installed. ``program`` is the executable that the registration starts.
    ``auto_start`` says whether the monitor starts by itself at login, ``at_boot`` whether it does so before anybody
    logs in (``None`` where that question does not arise). ``advice`` is what to do to get there, empty when nothing is.
    """

    manager: str
    files: tuple[Path, ...]
    program: Path | None
    auto_start: bool
    at_boot: bool | None
    advice: str

    @property
    def installed(self) -> bool:
        """Whether anything is registered."""
        return bool(self.files)


class Service(Protocol):
    """The monitor of one home, as one service manager keeps it.

    Every verb is idempotent: whatever the state was, it ends in the one it promises. A failure is one ServiceError,
    which holds what the tool said; a home that cannot be used is a HomeError.
    """

    @property
    def manager(self) -> str:
        """The name of the service manager, see :class:`Registration`."""
        ...

    def install(self) -> Registration:
        """Register the service, so that it starts by itself where that is possible. Starts nothing."""
        ...

    def uninstall(self) -> bool:
        """Stop the service and take its registration back; false when there was none. No data is touched."""
        ...

    def start(self) -> Started:
        """Leave one monitor that counts, kept by this manager unless it counted before."""
        ...

    def stop(self) -> Stopped:
        """Leave no monitor and nothing that would start one before the next login or `start`."""
        ...

    def restart(self) -> Started:
        """Stop whatever counts, by whomever it was started, and start anew under this manager."""
        ...

    def state(self) -> State:
        """Who lives now."""
        ...

    def registration(self) -> Registration:
        """What is registered now."""
        ...
