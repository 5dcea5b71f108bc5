"""One look of ``pb watchdog``: at the lock, the ledger's heartbeat and an API that is awake anyway; and the remedy."""

import time
from collections.abc import Callable
from typing import NamedTuple

from packetbuddy.cli.context import Context, home_of
from packetbuddy.cli.servicing.keeping import examined, health_of, kept
from packetbuddy.errors import PacketBuddyError
from packetbuddy.monitor.log import Log
from packetbuddy.services.locks import lives
from packetbuddy.services.marks import forget_stopped, stopped_on_purpose
from packetbuddy.services.watching import Memory, Sight, calm, complaint, parsed, pause_left, restarted, written
from packetbuddy.services.writing import leave, read
from packetbuddy.settings.address import address_of
from packetbuddy.settings.places import Home

MEMORY = "watchdog.memory"
HTTP_SECONDS = 5.0


class Done(NamedTuple):
    """What a look came to. ``action``: ``none``, ``restarted``, ``waits`` (it tried lately) or ``failed``."""

    action: str
    reason: str
    line: str


def look(context: Context) -> Sight:
    """Look; ``context`` holds the instant. Changes nothing and wakes nobody. Raises HomeError, ServiceError."""
    home, health = home_of(context), health_of(context)
    state = kept(context).state()
    started = int(health.started_at.timestamp() * 1e9) if health and health.started_at else 0
    return Sight(
        lives=state.monitor is not None,
        counted=health is not None,
        writes=health is not None and health.state == "running",
        told=stopped_on_purpose(home.root, started) or (health is not None and health.stopped_at is not None),
        kept=state.managed,
        answers=_answers(home) if state.monitor is not None else None,
    )


def heal(context: Context, confirm: Callable[[], Sight]) -> Done:
    """Restart a service about which ``confirm``, a second look later, has the same complaint."""
    home = home_of(context)
    memory, now = parsed(read(home.root / MEMORY)), context.now_ns / 1e9
    reason = complaint(look(context))
    if not reason:
        return _well(home, memory, now)
    if left := pause_left(memory, now):
        return Done("waits", reason, f"{reason}; restarted lately, so it is tried again in {left:.0f} s")
    if complaint(confirm()) != reason:
        return Done("none", "", "")
    return _restart(context, restarted(memory, now), reason)


def _well(home: Home, memory: Memory, now: float) -> Done:
    after = calm(memory, now)
    if after != memory:
        leave(home.root / MEMORY, written(after), mode=0o600)
    return Done("none", "", "")


def _restart(context: Context, memory: Memory, reason: str) -> Done:
    home = home_of(context)
    log = Log(home.stderr_log)
    log.line("warning", f"watchdog: {reason}; it is started anew (restart {memory.restarts})")
    leave(home.root / MEMORY, written(memory), mode=0o600)
    try:
        forget_stopped(home.root)
        pid = kept(context._replace(now_ns=time.time_ns()), make_home=True).restart().monitor.pid
    except PacketBuddyError as error:
        log.line("error", f"watchdog: {error}")
        return Done("failed", reason, f"{reason}; the restart failed: {error}")
    return Done("restarted", reason, f"{reason}; started anew (process {pid})")


def _answers(home: Home) -> bool | None:
    """Whether the API answers; ``None`` while it sleeps: to ask would wake it."""
    words = read(home.api_pid).split()
    if len(words) != 1 or not words[0].isdecimal() or not lives(int(words[0])):
        return None
    from http.client import HTTPConnection, HTTPException  # noqa: PLC0415 - only where it is awake

    address = address_of(examined(home).settings.api)
    connection = HTTPConnection(address.host, address.port, timeout=HTTP_SECONDS)
    try:
        connection.request("GET", "/api/health")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True
