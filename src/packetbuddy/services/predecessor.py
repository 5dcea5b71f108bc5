"""PacketBuddy 1.x in the same home: its service is stopped and its database set aside, so that ours can begin.

1.x ran ``python -m src.api.server`` under the same names that we use: the systemd unit ``packetbuddy.service``, the
launchd label ``com.packetbuddy.daemon``, the task ``PacketBuddy``. What is ours under those names is left alone.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import LedgerFullError, ServiceError
from packetbuddy.probes.processes import own_processes
from packetbuddy.settings.places import Home, ensure
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.predecessor import is_predecessor
from packetbuddy.storage.replacing import set_aside

MODULE = "src.api.server"
"""What 1.x ran, whatever its folder."""
UNIT = Path(".config/systemd/user/packetbuddy.service")
PLIST = Path("Library/LaunchAgents/com.packetbuddy.daemon.plist")
LABEL = "com.packetbuddy.daemon"
TASK = "PacketBuddy"
TASK_MARKS = (MODULE, "service\\windows\\launcher.py", "run-service.bat", "start-service.bat")
ASK_SECONDS = 30.0
PATIENCE_SECONDS = 10.0
"""So long after it was told to end a process is killed; 1.x writes a last time when told."""

Ask = Callable[[Sequence[str]], str | None]
"""Runs a command and answers what it printed, ``None`` where it failed or does not exist."""


class SetAside(NamedTuple):
    """Where 1.x's database is now, the processes that were ended, the service files that were moved beside it."""

    database: Path
    ended: tuple[int, ...]
    files: tuple[Path, ...]


def ask_system(command: Sequence[str]) -> str | None:
    """Run it for real; see :data:`Ask`."""
    try:
        done = subprocess.run(  # noqa: S603 - commands of this module, no shell
            command, capture_output=True, check=True, timeout=ASK_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.replace(b"\0", b"").decode(errors="replace")


def relieve(home: Home, user_home: Path, *, ask: Ask = ask_system) -> SetAside | None:
    """Take over from a 1.x whose database stands at the ledger's place; ``None``, and nothing done, without one.

    Its service is stopped and kept from starting again, its processes end, its database moves to ``backups/`` with
    all that belongs to it. For ``pb serve``, ``pb service start|restart|install`` and setup, before anything counts.

    Raises:
        LockHeldError: a monitor of ours runs.
        ServiceError: its process cannot be ended.
        HomeError, LedgerError: the home cannot be used; the database is where it was.
    """
    if not is_predecessor(home.ledger):
        return None
    ensure(home)
    lock = Lock(home.lock)
    lock.acquire()
    try:
        return _relieved(home, user_home, ask) if is_predecessor(home.ledger) else None
    except OSError as exc:
        raise LedgerFullError(f"{home.ledger} of PacketBuddy 1.x cannot be moved: {exc.strerror}") from exc
    finally:
        lock.release()


def told(aside: SetAside) -> tuple[str, ...]:
    """What happened and how to get the history, a line each."""
    return (
        f"PacketBuddy 1.x was stopped; its database is kept as {aside.database}.",
        f"Take its history over: pb import {shlex.quote(str(aside.database))}",
    )


def _relieved(home: Home, user_home: Path, ask: Ask) -> SetAside:
    files: tuple[Path, ...] = ()
    if _same(user_home / ".packetbuddy", home.root):  # 1.x knew no other home
        home.backups.mkdir(mode=0o700, exist_ok=True)
        files = tuple(_stop_service(home, user_home, ask))
    ended = _end_processes(home)
    stem = f"packetbuddy-1.x-{time.strftime('%Y-%m-%d')}"
    return SetAside(set_aside(home.ledger, home.backups, stem=stem), ended, files)


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _stop_service(home: Home, user_home: Path, ask: Ask) -> list[Path]:
    if sys.platform == "win32":
        _end_task(ask)
        return []
    unit, plist = user_home / UNIT, user_home / PLIST
    if sys.platform == "darwin":
        if not _is_theirs(plist):
            return []
        ask(("launchctl", "bootout", f"gui/{os.getuid()}/{LABEL}"))
        return [_moved(plist, home)]
    if not _is_theirs(unit):
        return []
    ask(("systemctl", "--user", "disable", "--now", unit.name))
    (unit.parent / "default.target.wants" / unit.name).unlink(missing_ok=True)  # where no systemd answered
    moved = _moved(unit, home)
    ask(("systemctl", "--user", "daemon-reload"))
    return [moved]


def _is_theirs(file: Path) -> bool:
    try:
        return file.is_file() and MODULE in file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _moved(file: Path, home: Home) -> Path:
    """Kept beside the database: started by hand it would write its tables into our ledger."""
    target = home.backups / f"packetbuddy-1.x-{file.name}"
    target.write_bytes(file.read_bytes())  # the home may be on another disk
    target.chmod(0o600)
    file.unlink()
    return target


def _end_task(ask: Ask) -> None:
    """Disabled, not deleted: our own registration writes over it."""
    found = ask(("schtasks", "/query", "/tn", TASK, "/xml"))
    if found is not None and any(mark in found for mark in TASK_MARKS):
        ask(("schtasks", "/end", "/tn", TASK))
        ask(("schtasks", "/change", "/tn", TASK, "/disable"))


def _end_processes(home: Home) -> tuple[int, ...]:
    """Its processes on this home, told to end and in the end killed."""
    found = tuple(_living(home))
    for pid in found:
        _send(pid, signal.SIGTERM)
    if _gone(home):
        return found
    for pid in _living(home):
        _send(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    if not _gone(home):
        raise ServiceError(f"PacketBuddy 1.x (process {next(_living(home), found[0])}) cannot be ended", "end it first")
    return found


def _living(home: Home) -> Iterator[int]:
    return (
        process.pid
        for process in own_processes()
        if MODULE in process.arguments and process.home is not None and _same(process.home / ".packetbuddy", home.root)
    )


def _gone(home: Home) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(True for _ in _living(home)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
    except OSError as exc:
        raise ServiceError(f"PacketBuddy 1.x (process {pid}) cannot be ended: {exc.strerror}", "end it first") from exc
