"""Main of the alerts child: composes, says complaints on standard error, leaves with one of the codes below."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from packetbuddy.alerts.channels import Channel, Outcome, channels_of, send
from packetbuddy.alerts.looking import look
from packetbuddy.alerts.telling import Telling, next_due, tell
from packetbuddy.answers.open import Question
from packetbuddy.answers.zone import zone_for
from packetbuddy.errors import LockHeldError, PacketBuddyError, SettingsError
from packetbuddy.services.lifeline import when_cut
from packetbuddy.settings.load import load
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.storage.alerting import alerting
from packetbuddy.storage.lock import Lock

LEFT_ALONE = 4
"""Exit code when the monitor went away, or it was told to end; what was being sent is sent to the end before."""
ANOTHER_LOOKS = 5
"""Exit code when another one is at work: one that a former monitor started finishes its delivery."""
PATIENCE_SECONDS = 60
"""So long a delivery may still take then."""


def run() -> NoReturn:
    """Entry point: the one argument is the home."""
    sending = threading.Lock()
    _end_with(sending)
    sys.exit(main(Home(Path(sys.argv[1])), os.environ, sending))


def main(home: Home, environment: Mapping[str, str], sending: threading.Lock) -> int:
    """Look once and tell what waits."""
    lock = Lock(home.alerts_lock)
    try:
        lock.acquire()
    except LockHeldError:
        return ANOTHER_LOOKS
    except OSError as error:
        sys.stderr.write(f"cannot write {lock.path}: {error.strerror or error}\n")
        return 1
    try:
        complaints = _work(home, environment, sending)
    except SettingsError:  # the monitor says so already, and keeps to the settings it had
        complaints = []
    except PacketBuddyError as error:
        complaints = [str(error)]
    finally:
        lock.release()
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    return 1 if complaints else 0


def _work(home: Home, environment: Mapping[str, str], sending: threading.Lock) -> list[str]:
    settings = load(home.config)
    channels = channels_of(settings.alerts)
    with alerting(home.ledger, home.lock) as register:
        lost = register.lose()
        waits = look(_question(home, settings, environment), register, [channel.fingerprint for channel in channels])
        register.wait_for(waits)

        def act(channel: Channel, title: str, message: str) -> Outcome:
            return send(channel, title, message, environment)

        complaints = tell(Telling(register, channels, act, time.time_ns, lambda: sending))
        again = next_due(register.waiting())
        register.wait_for(waits._replace(due_ns=waits.due_ns if again is None else min(waits.due_ns, again)))
    return [f"{lost} messages were interrupted and may not have arrived", *complaints] if lost else complaints


def _question(home: Home, settings: Settings, environment: Mapping[str, str]) -> Question:
    now_ns = time.time_ns()
    zone = zone_for(settings.display.timezone, environment, now_ns)
    return Question(home, settings, now_ns, None, zone.rules, zone.name)


def _end_with(sending: threading.Lock) -> None:
    """Leave when the monitor is gone, or on SIGTERM; a delivery ends first."""

    def leave() -> None:
        sending.acquire(timeout=PATIENCE_SECONDS)
        os._exit(LEFT_ALONE)

    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=leave, daemon=True).start())
    when_cut(leave)
