"""A home with a version on trial, made quickly, and real monitors that count in it."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from integration.quick_versions import make
from machine.netns import wait_until
from packetbuddy.answers.updating import updating
from packetbuddy.errors import LedgerError
from packetbuddy.installing.versions import make_current, point
from packetbuddy.settings.places import Home
from packetbuddy.settings.pointers import TRIAL
from packetbuddy.settings.renewing import VARIABLE
from packetbuddy.storage.reader import reading
from packetbuddy.updates.state import begins, last_start
from unit.ports import free_port

HASTE = {**os.environ, VARIABLE: "confirm=1.5"}
STRICT = {**os.environ, VARIABLE: "confirm=1.5 slack=3"}
"""A guard that does not wait long for one that is silent."""


def home_in(folder: Path) -> Home:
    """A home that writes each second."""
    made = Home(folder / "home")
    made.root.mkdir(mode=0o700)
    configure(made)
    return made


def configure(home: Home) -> None:
    """The quickest pace, and a port of its own: others ask at 7373, or at 1, where nobody listens."""
    api = f"[api]\nport = {free_port()}\n"
    home.config.write_text(f"{api}[monitoring]\npoll_interval = 0.2\nbatch_write_interval = 1\n")


@contextlib.contextmanager
def counting(home: Home) -> Iterator[subprocess.Popen[bytes]]:
    """A real monitor on this home, from its first write on."""
    before = last_start(home)
    environment = {**os.environ, "PACKETBUDDY_HOME": str(home.root)}
    command = [sys.executable, "-m", "packetbuddy", "serve"]
    with (home.root / "errors").open("wb") as errors:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=errors)
    try:
        wait_until(lambda: last_start(home) != before and writes(home), 60)
        yield process
    finally:
        process.kill()
        process.wait()


def writes(home: Home) -> bool:
    with contextlib.suppress(LedgerError), reading(home.ledger, home.lock) as reader:
        return reader.state().heartbeat_ns > 0
    return False


def on_trial(home: Home, source: Path) -> str:
    """2.0.0 is current, and 2.1.0 waits for its start."""
    make(home, "2.0.0-old", Path(__file__).parents[2])
    make(home, "2.1.0-new", source)
    make_current(home, "2.0.0-old")
    begins(home, "2.0.0", "2.1.0", "waiting")
    point(home, TRIAL, "2.1.0-new")
    return "2.1.0-new"


def result(home: Home) -> str:
    last = updating(home.root).last
    return last.result if last else ""
