"""Other processes of this machine, as far as they touch PacketBuddy: who listens at its port, who else counts.

Nothing is connected to and nothing is sent: a connection would wake the API.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from types import ModuleType
from typing import Any, NamedTuple

from packetbuddy.errors import ProbeError

ANYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what others listen on, not we
"""Addresses that stand for all of them."""
SERVE = ["-m", "packetbuddy", "serve"]


class Listener(NamedTuple):
    """Who holds a listening socket; ``pid`` is ``None`` where the process belongs to somebody else."""

    pid: int | None
    parent: int | None
    name: str
    ours: bool
    """It is some PacketBuddy, of whatever home."""


class Counting(NamedTuple):
    """A living ``pb serve``, and the PACKETBUDDY_HOME and HOME of its environment; ``None`` where none may be read."""

    pid: int
    asked: str | None
    user_home: str


def listeners(host: str, port: int) -> tuple[Listener, ...]:
    """Everybody who listens where ``host:port`` would be bound, in this network namespace.

    Raises:
        ProbeError: the system does not tell.
    """
    psutil = _psutil()
    try:
        found = psutil.net_connections("tcp")
    except (psutil.Error, OSError) as error:
        raise ProbeError(f"the system does not tell who listens: {error}") from error
    places = ANYWHERE | {host}
    pids = {
        each.pid
        for each in found
        if each.status == psutil.CONN_LISTEN and each.laddr.port == port and each.laddr.ip in places
    }
    return tuple(_listener(psutil, pid) for pid in sorted(pids, key=lambda pid: pid or 0))


def counting() -> tuple[Counting, ...]:
    """Every living ``pb serve`` that can be seen, by pid.

    Raises:
        ProbeError: the system does not tell.
    """
    psutil = _psutil()
    try:
        return tuple(_counting(psutil, each) for each in _serving(psutil))
    except (psutil.Error, OSError) as error:
        raise ProbeError(f"the system does not tell which programs run: {error}") from error


def serves(command: Sequence[str]) -> bool:
    """Whether a command line is that of a monitor; the supervisor's, which holds it as arguments, is none."""
    if not command or not PurePath(command[0]).name.lower().startswith(("python", "pb")):
        return False
    words = list(command)
    if any(words[at : at + len(SERVE)] == SERVE for at in range(1, len(words))):
        return True
    return len(words) > 2 and PurePath(words[1]).stem == "pb" and words[2] == "serve"


def _serving(psutil: ModuleType) -> Iterator[Any]:
    for each in psutil.process_iter(["cmdline", "status"]):
        if each.info["status"] != psutil.STATUS_ZOMBIE and serves(each.info["cmdline"] or []):
            yield each


def _counting(psutil: ModuleType, process: Any) -> Counting:  # noqa: ANN401 - psutil's own type
    try:
        environment = process.environ()
    except (psutil.Error, OSError):
        return Counting(process.pid, None, "")
    return Counting(process.pid, environment.get("PACKETBUDDY_HOME", ""), environment.get("HOME", ""))


def _listener(psutil: ModuleType, pid: int | None) -> Listener:
    if pid is None:
        return Listener(None, None, "", ours=False)
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            ours = "packetbuddy" in " ".join(process.cmdline())
            return Listener(pid, process.ppid(), process.name(), ours)
    except (psutil.Error, OSError):  # it ended, or is not ours to ask
        return Listener(pid, None, "", ours=False)


def _psutil() -> ModuleType:
    try:
        import psutil  # noqa: PLC0415 - only who asks for neighbours needs it
    except ImportError as error:
        raise ProbeError("psutil cannot be loaded", "install PacketBuddy again") from error
    return psutil
