"""The monitor's main: composes the parts, and leaves with a code that its supervisor understands."""

import sys
from collections.abc import Mapping

from packetbuddy import __version__
from packetbuddy.errors import (
    HomeError,
    LedgerForeignError,
    LedgerNewerError,
    LedgerReadOnlyError,
    LockHeldError,
    PacketBuddyError,
)
from packetbuddy.metering.meter import Meter
from packetbuddy.monitor.activation import open_door
from packetbuddy.monitor.alarm import Alarm
from packetbuddy.monitor.child import Upkeep
from packetbuddy.monitor.ledger import Keeper, Opened, open_ledger
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.loop import Loop, Parts
from packetbuddy.monitor.notify import Notifier
from packetbuddy.monitor.renewal import Renewal
from packetbuddy.monitor.sync import Sync
from packetbuddy.monitor.tuning import Tuning, pace, policy
from packetbuddy.monitor.waiting import Waiter
from packetbuddy.probes import open_probe
from packetbuddy.settings.places import Home, ensure
from packetbuddy.settings.renewing import MAKES_WAY, ON_TRIAL
from packetbuddy.storage.lock import Lock

CLEAN = 0
CRASHED = 1
ANOTHER_RUNS = 3
UNUSABLE = 78
"""Home, ledger or configuration cannot be used; starting again would not help (sysexits' EX_CONFIG)."""
HOPELESS = (HomeError, LedgerForeignError, LedgerNewerError, LedgerReadOnlyError)
"""What ends with :data:`UNUSABLE`; anything else may be over when the supervisor tries again."""
RETRY_SECONDS = 1.0


def main(home: Home, environment: Mapping[str, str]) -> int:
    """Count until told to stop. Returns 0 after a clean stop, 1, 3, 75 or 78 (see the module's constants).

    launchd starts again whatever ends with another code than 0, so under it the codes that are final become 0. On
    trial no verdict on the home is final: the version before has to say it, too.
    """
    code = _main(home, environment)
    if code == UNUSABLE and ON_TRIAL in environment:
        return CRASHED
    kept_by = environment.get("PACKETBUDDY_KEPT_BY", "")
    return CLEAN if kept_by == "launchd" and code in {ANOTHER_RUNS, UNUSABLE} else code


def _main(home: Home, environment: Mapping[str, str]) -> int:
    log = Log(home.stderr_log)
    lock = Lock(home.lock)
    try:
        ensure(home)
        lock.acquire()
    except LockHeldError as exc:
        return _leave(log, exc, ANOTHER_RUNS)
    except PacketBuddyError as exc:
        return _leave(log, exc, UNUSABLE)
    except OSError as exc:
        return _leave(log, PacketBuddyError(f"{home.lock} cannot be opened: {exc.strerror}"), UNUSABLE)
    try:
        return _counting(home, log, lock, environment)
    except PacketBuddyError as exc:
        return _leave(log, exc, UNUSABLE if isinstance(exc, HOPELESS) else CRASHED)
    finally:
        lock.release()


def _leave(log: Log, exc: PacketBuddyError, code: int) -> int:
    log.line("error", f"{str(exc).rstrip('.')}. {exc.hint}" if exc.hint else str(exc))
    return code


def _counting(home: Home, log: Log, lock: Lock, environment: Mapping[str, str]) -> int:
    tuning = Tuning(home.config)
    if tuning.problem:
        log.line("warning", f"the defaults hold for what is wrong in the settings: {tuning.problem}")
    probe = open_probe()
    if probe.changes() is None and sys.platform.startswith("linux"):
        log.line("warning", "the kernel's netlink is refused here (a sandbox?); counting goes on without it")
    waiter, code = Waiter(probe.changes()), CLEAN
    try:
        opened = open_ledger(home, log, wait=lambda: waiter.pause(RETRY_SECONDS))
        if opened is not None:
            parts = Parts(
                home=home,
                log=log,
                tuning=tuning,
                probe=probe,
                waiter=waiter,
                keeper=Keeper(home, log, opened.writer),
                meter=meter_for(tuning, opened),
                upkeep=Upkeep(str(home.root), log),
                sync=Sync(str(home.root), log, tuning),
                alarm=Alarm(str(home.root), log, tuning),
                renewal=Renewal(home.root, log, tuning, environment),
                door=open_door(str(home.root), log, tuning),
                lock=lock,
                notifier=Notifier(environment),
                version=__version__,
            )
            code = _run(parts)
    finally:
        waiter.close()
        probe.close()
    return code


def _run(parts: Parts) -> int:
    parts.log.line("info", f"PacketBuddy {parts.version} is counting")
    try:
        Loop(parts).run()
    finally:
        parts.door.close()
        parts.upkeep.end()
        parts.sync.end()
        parts.alarm.end()
        parts.renewal.end()
        parts.keeper.close()
    return MAKES_WAY if parts.renewal.makes_way and not parts.waiter.stop else CLEAN


def meter_for(tuning: Tuning, opened: Opened) -> Meter:
    """A meter that goes on from what the ledger holds."""
    at = pace(tuning.settings, battery=False)
    return Meter(
        opened.books,
        selection=tuning.settings.monitoring.interface,
        policy=policy(tuning.settings, at),
        epochs=opened.epochs,
        highest=opened.highest,
    )
