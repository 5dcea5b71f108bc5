"""The dashboard's address: whether it is ours, told without connecting to it."""

from collections.abc import Iterator

from packetbuddy.doctor.checks.counters import is_elsewhere
from packetbuddy.doctor.facts import Facts, Monitor, Port
from packetbuddy.doctor.findings import BROKEN, WARNING, Finding
from packetbuddy.metering.readings import SECOND
from packetbuddy.probes.neighbours import Listener

NAME = "port"
SETTLED_NS = 5 * SECOND
"""After a start, the port is given so long."""


def check(facts: Facts) -> Iterator[Finding]:
    """Whether another program listens there, or nobody does while the monitor runs."""
    port, monitor = facts.port, facts.monitor
    if port is None or monitor is None or port.listeners is None:
        return
    strangers = [each for each in port.listeners if not _ours(each, monitor)]
    if strangers:
        yield _taken(port, strangers[0], facts)
    elif not port.listeners and monitor.held and _here(facts):
        text = f"Nothing listens at {port.address}, so there is no dashboard and no API; counting goes on."
        yield Finding(NAME, BROKEN, text, "`pb service restart`; `pb service logs` says why if it stays so")


def _ours(listener: Listener, monitor: Monitor) -> bool:
    """The monitor holds the socket, and so does the API that it started."""
    if not monitor.signed_lives:  # who holds the lock did not sign it: which process that is cannot be told
        return monitor.held and listener.ours
    return monitor.held and listener.pid is not None and monitor.signed in {listener.pid, listener.parent}


def _here(facts: Facts) -> bool:
    """The monitor listens in this network namespace, and has had time to."""
    seen = facts.ledger.seen if facts.ledger else None
    reading = facts.network.reading if facts.network else None
    if seen is None or reading is None or is_elsewhere(facts):
        return False
    return facts.now_ns - seen.state.started_ns > SETTLED_NS


def _taken(port: Port, other: Listener, facts: Facts) -> Finding:
    counts = facts.monitor is not None and facts.monitor.held
    rest = "so there is no dashboard; counting goes on" if counts else "so there will be no dashboard"
    text = f"{port.address} is in use by {_named(other)}, {rest}."
    remedy = f"`pb config set api.port {port.address.port + 1}`, then `pb service restart`; or end that program"
    return Finding(NAME, BROKEN if counts else WARNING, text, remedy)


def _named(other: Listener) -> str:
    if other.pid is None:
        return "a program of another user"
    name = "another PacketBuddy" if other.ours else other.name or "another program"
    return f"{name} (process {other.pid})"
