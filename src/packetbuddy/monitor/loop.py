"""The loop: look, account, flush, wait. Everything it touches is handed in; it lives until told to stop."""

import time
from pathlib import Path
from typing import NamedTuple

from packetbuddy.errors import ProbeError
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.uplinks import nearest
from packetbuddy.monitor.alarm import Alarm, waiting
from packetbuddy.monitor.child import Upkeep
from packetbuddy.monitor.door import Door
from packetbuddy.monitor.ledger import Keeper
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.notify import Notifier
from packetbuddy.monitor.renewal import Renewal
from packetbuddy.monitor.sync import Sync
from packetbuddy.monitor.tuning import Tuning, pace, policy
from packetbuddy.monitor.waiting import Waiter
from packetbuddy.probes.face import Probe
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.writer import Beat, Flush

CALM_SECONDS = 0.1
"""After a look that a change of links or routes caused comes another one, this much later: changes come in bursts."""
MAINS_CHECK_SECONDS = 10.0
"""On mains, how often to ask for the battery; on battery it is asked at each poll, to be back at once."""


UNKNOWN = (-1, -1)


class Parts(NamedTuple):
    """What the loop works with."""

    home: Home
    log: Log
    tuning: Tuning
    probe: Probe
    waiter: Waiter
    keeper: Keeper
    meter: Meter
    upkeep: Upkeep
    sync: Sync
    alarm: Alarm
    renewal: Renewal
    door: Door
    lock: Lock
    notifier: Notifier
    version: str


class Loop:
    """Owns the times of the next look and the next write."""

    def __init__(self, parts: Parts) -> None:
        """Begin now."""
        self._parts = parts
        self._battery = False
        self._pace = pace(parts.tuning.settings, battery=False)
        self._started_ns = time.time_ns()
        self._next_flush = time.monotonic()
        self._next_power = time.monotonic()
        self._problem: str | None = None
        self._kinds: dict[str, str] = {}
        self._folder = _folder(parts.home.root)

    def run(self) -> None:
        """Count until a signal says stop, or another version waits; then look and write a last time."""
        waiter = self._parts.waiter
        next_poll = time.monotonic()
        caused = False
        while not waiter.stop and not self._parts.renewal.makes_way:
            if waiter.reload:
                waiter.reload = False
                self._refresh(force=True)
                next_poll = time.monotonic()  # a changed pace holds from now on
            if not self._step():
                return
            if time.monotonic() >= next_poll:
                next_poll = _following(next_poll, self._pace.poll_ns / SECOND)
            if caused and waiter.pause(CALM_SECONDS, self._parts.door):
                break
            caused = not caused and not waiter.reload and waiter.wait(next_poll - time.monotonic(), self._parts.door)
        self._finish()

    def _step(self) -> bool:
        """Look, and write when it is due; false when there is no home to write to any more."""
        urgent = self._look()
        self._mind_power()
        now = time.monotonic()
        self._parts.notifier.alive(now)
        if urgent or now >= self._next_flush or self._parts.keeper.trouble:
            if not self._still_ours():
                return False
            if self._flush():
                self._parts.notifier.committed(now)
            self._next_flush = now + self._pace.write_ns / SECOND
            self._parts.upkeep.mind()
            self._parts.log.rotate(self._parts.home.stdout_log)
            self._refresh()
        if self._parts.sync.mind():
            self._parts.alarm.heard()
        if not self._parts.alarm.idle:
            self._parts.alarm.mind(self._parts.meter, self._parts.keeper.waits)
        self._parts.renewal.mind()
        return True

    def _look(self) -> bool:
        try:
            reading = self._parts.probe.look()
        except ProbeError as exc:
            self._tell(f"cannot read the counters: {exc}")
            return False
        urgent = self._parts.meter.look(reading)
        self._tell(self._degraded())
        return urgent

    def _degraded(self) -> str | None:
        choice = self._parts.meter.choice
        if not choice.missing:
            return None
        reading = self._parts.meter.reading
        close = nearest(choice.missing[0], [link.name for link in reading.links]) if reading is not None else None
        hint = f"; did you mean {close}?" if close else ""
        return f"degraded: [monitoring] interface {choice.missing[0]!r} is not there, nothing is counted for it{hint}"

    def _tell(self, problem: str | None) -> None:
        if problem and problem != self._problem:
            self._parts.log.line("warning", problem)
        self._problem = problem

    def _flush(self, *, stopped_ns: int | None = None) -> bool:
        """Write what waits; false when it must be tried again."""
        parts = self._parts
        moved = {} if parts.alarm.idle else waiting(parts.meter)
        stored = parts.keeper.store(parts.meter, lambda: self._contents(stopped_ns))
        if stored:
            parts.alarm.committed(moved)
        return stored

    def _contents(self, stopped_ns: int | None) -> Flush:
        meter = self._parts.meter
        beat = Beat(
            version=self._parts.version,
            started_ns=self._started_ns,
            poll_ns=self._pace.poll_ns,
            write_ns=self._pace.write_ns,
            problem=self._parts.tuning.problem or self._problem or self._parts.door.problem,
            stopped_ns=stopped_ns,
        )
        kinds, self._kinds = self._kinds, {each.name: each.kind for each in meter.choice.decisions}
        kinds |= self._kinds  # those of the last write too: an interface may be gone and yet be written
        return Flush(meter.harvest(), meter.books, kinds, beat)

    def _refresh(self, *, force: bool = False) -> None:
        tuning = self._parts.tuning
        before = tuning.problem
        changed = tuning.refresh(force=force)
        if tuning.problem != before:
            self._next_flush = time.monotonic()  # readers learn of it with the next look
        if tuning.problem and tuning.problem != before:
            self._parts.log.line("warning", f"keeping the last good settings: {tuning.problem}")
        if changed:
            self._parts.log.line("info", f"settings read again from {self._parts.home.config}")
        if changed or force:
            self._parts.meter.select(tuning.settings.monitoring.interface)
            self._set_pace()

    def _mind_power(self) -> None:
        now = time.monotonic()
        if now < self._next_power and not self._battery:
            return
        self._next_power = now + MAINS_CHECK_SECONDS
        battery = self._parts.probe.on_battery() is True
        if battery != self._battery:
            self._battery = battery
            self._set_pace()

    def _set_pace(self) -> None:
        self._pace = pace(self._parts.tuning.settings, battery=self._battery)
        self._parts.meter.policy = policy(self._parts.tuning.settings, self._pace)
        self._next_flush = min(self._next_flush, time.monotonic() + self._pace.write_ns / SECOND)

    def _still_ours(self) -> bool:
        """Whether home and lock are those that we began with: else another monitor may write, and we must not."""
        root = self._parts.home.root
        if (now := _folder(root)) != self._folder and now is not UNKNOWN:
            words = f"{root} was deleted{'' if now is None else ' and made anew'}; leaving"
        elif not self._parts.lock.ours():
            words = f"{self._parts.lock.path} belongs to another monitor now; leaving"
        else:
            return True
        self._parts.log.line("warning", words)
        return False

    def _finish(self) -> None:
        """Stop within a second: look and write once more. What cannot be written stays in the kernel's counters."""
        self._parts.notifier.stopping()
        self._parts.upkeep.end()
        self._parts.sync.end()
        self._parts.alarm.end()
        self._parts.renewal.end()
        self._look()
        if not self._still_ours():
            return
        deadline = time.monotonic() + 0.7
        told = not self._parts.renewal.makes_way  # else it goes on at once, or the watchdog sees to it
        while not self._flush(stopped_ns=time.time_ns() if told else None) and time.monotonic() < deadline:
            time.sleep(0.05)
        left = self._parts.meter.harvest().batches
        words = "stopped; the last bytes could not be written and are counted at the next start" if left else "stopped"
        self._parts.log.line("info", words)


def _folder(path: Path) -> tuple[int, int] | None:
    """Identity of the folder, ``None`` without one, ``UNKNOWN`` on a disk that does not answer: that is no deletion."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return UNKNOWN
    return found.st_dev, found.st_ino


def _following(poll: float, interval: float) -> float:
    """The next poll on the same grid; looks that were missed are not made up for."""
    now = time.monotonic()
    if poll + interval > now:
        return poll + interval
    return now + interval
