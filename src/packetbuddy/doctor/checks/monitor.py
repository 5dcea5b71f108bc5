"""Whether one monitor, and only one, counts and writes."""

from collections.abc import Iterator
from datetime import UTC, datetime

from packetbuddy.answers.health import LATE_NS, LATE_WRITES
from packetbuddy.doctor.facts import Facts, Monitor
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding
from packetbuddy.metering.readings import SECOND
from packetbuddy.storage.reader import State

NAME = "monitor"
AHEAD_NS = 60 * SECOND
"""How far in the future a last write may be before the clock must have been set back."""


def check(facts: Facts) -> Iterator[Finding]:
    """Who holds the lock, who else counts, when was written last, what the monitor itself complains of."""
    monitor = facts.monitor
    if monitor is None:
        return
    yield from _lock(facts, monitor)
    yield from _others(facts, monitor)
    state = facts.ledger.seen.state if facts.ledger and facts.ledger.seen else None
    if state is not None and monitor.held:
        yield from _writing(facts, monitor, state)


def _lock(facts: Facts, monitor: Monitor) -> Iterator[Finding]:
    lock = facts.place.root / "monitor.lock"
    if not monitor.held:
        yield _nobody(monitor)
    elif not monitor.signed_lives:
        whom = f"process {monitor.signed}, which is gone" if monitor.signed else "nobody"
        text = f"{lock} is held by a program that did not sign it: it names {whom}."
        yield Finding(NAME, BROKEN, text, f"`fuser {lock}` tells which; end that, then `pb service restart`")
    elif not monitor.managed:
        text = f"The monitor (process {monitor.signed}) was started by hand, so nothing starts it again."
        yield Finding(NAME, NOTE, text, "`pb service restart` changes that")


def _nobody(monitor: Monitor) -> Finding:
    said = monitor.failure or monitor.last_words
    reason = f" It said last: {said.rstrip('.')}." if said else ""
    if monitor.managed:
        text = f"The monitor keeps failing and is started again from time to time.{reason}"
        return Finding(
            NAME, BROKEN, text, "Mend that reason; `pb service logs` tells more, `pb service restart` hurries"
        )
    return Finding(NAME, BROKEN, f"Nobody counts: PacketBuddy is not running.{reason}", "`pb service start` starts it")


def _others(facts: Facts, monitor: Monitor) -> Iterator[Finding]:
    for other in monitor.others:
        text = f"Process {other.pid} counts into {facts.place.root} too, without holding its lock."
        yield Finding(NAME, BROKEN, text, f"`kill {other.pid}` ends it (`kill -9` if it does not listen)")


def _writing(facts: Facts, monitor: Monitor, state: State) -> Iterator[Finding]:
    since = facts.now_ns - state.heartbeat_ns
    if since > LATE_WRITES * state.write_ns + LATE_NS:
        when = datetime.fromtimestamp(state.heartbeat_ns // SECOND, UTC).astimezone(facts.zone)
        text = f"The monitor (process {monitor.signed}) runs, but has not written since {when:%Y-%m-%d %H:%M:%S}."
        yield Finding(NAME, BROKEN, text, "`pb service restart`; `pb service logs` says what it waits for")
    elif since < -AHEAD_NS:
        text = f"The last write is dated {-since // SECOND} seconds in the future: the clock was set back."
        yield Finding(
            NAME, WARNING, text, "Set the clock right; what was written is moved when a time service keeps it"
        )
    if state.version and state.version != facts.version:
        text = f"The service still runs version {state.version}; this is {facts.version}."
        yield Finding(NAME, NOTE, text, "`pb service restart`")
    if state.problem and not _told_elsewhere(state.problem, facts):
        yield Finding(NAME, WARNING, f"The monitor says: {state.problem.rstrip('.')}.", "`pb service logs` tells more")


def _told_elsewhere(problem: str, facts: Facts) -> bool:
    """The checks of settings, links and port say these better."""
    return bool(
        (str(facts.config.path) in problem and facts.config.checked.mistakes)
        or (" another [api] port " in problem and facts.port and facts.port.listeners)
        or ("[monitoring] interface" in problem and facts.network and facts.network.choice.missing)
    )
