"""A real monitor process in a network namespace, and what it says: for tests that compare with the kernel to the byte.

::

    monitor = Monitor(host, tmp_path)        # a home of its own, 0.2 s polls, a write each second
    monitor.start()                          # returns when its first look is in the ledger
    ...
    assert monitor.shown() == expected       # `pb today --json` run inside the namespace, pending included
    assert monitor.stop() == 0
    assert monitor.committed() == expected   # straight from SQLite
    monitor.audit()

Every wait is for a condition; nothing sleeps and hopes.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from machine.netns import Namespace, Traffic, Wire, wait_until
from packetbuddy.settings.places import Home
from packetbuddy.storage.tending import Audit, tending
from unit.processes import state

QUICK = {"poll_interval": 0.2, "batch_write_interval": 1}
"""The fastest pace that the settings allow."""
HEALTHY = Audit(None, (), ())


class Moved(NamedTuple):
    """Bytes of one or more interfaces, directions apart."""

    rx: int
    tx: int

    def __add__(self, other: object) -> "Moved":
        """Both together, not a longer tuple."""
        if not isinstance(other, Moved):
            return NotImplemented
        return Moved(self.rx + other.rx, self.tx + other.tx)


NOTHING = Moved(0, 0)


def moved(now: Traffic, before: Traffic | None = None) -> Moved:
    """What the kernel counted, since an earlier look or since the interface exists."""
    passed = now if before is None else now.since(before)
    return Moved(passed.rx_bytes, passed.tx_bytes)


class Monitor:
    """One home and the monitors that run on it one after the other; the namespace ends a running one."""

    def __init__(self, space: Namespace, folder: pathlib.Path, **settings: object) -> None:
        self.space = space
        self.home = Home(folder / "home")
        self.home.root.mkdir()
        self.errors = folder / "errors"
        self._child: subprocess.Popen[bytes] | None = None
        self._environment = {
            **os.environ,
            "PACKETBUDDY_HOME": str(self.home.root),
            "PYTHONWARNINGS": "error",
        }
        self.configure(**{**QUICK, **settings})

    def configure(self, **settings: object) -> None:
        """Write ``[monitoring]`` of the config file; a running monitor heeds it at its next write or at once on HUP."""
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        whole = self.home.config.with_suffix(".new")  # a running one must not find half of it
        whole.write_text("\n".join(["[monitoring]", *lines, ""]), encoding="utf-8")
        whole.replace(self.home.config)

    @property
    def child(self) -> subprocess.Popen[bytes]:
        """The process that was started last."""
        assert self._child is not None, "not started yet"
        return self._child

    def launch(self) -> subprocess.Popen[bytes]:
        """Start a monitor process without waiting for anything."""
        with self.errors.open("ab") as errors:
            self._child = self.space.start(
                [sys.executable, "-m", "packetbuddy", "serve"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
        return self._child

    def start(self) -> None:
        """Start a monitor; returns when its first look is committed."""
        launched = time.time_ns()
        child = self.launch()

        def counting() -> bool:
            assert child.poll() is None, f"the monitor left with {child.poll()}: {self.errors.read_text('utf-8')}"
            state = self.state()
            return state is not None and state["started_ns"] >= launched and state["heartbeat_ns"] >= launched

        wait_until(counting, 60)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to leave; returns its exit code."""
        self.child.send_signal(number)
        return self.child.wait(30)

    def kill(self) -> None:
        """``kill -9``."""
        self.child.kill()
        self.child.wait()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Inside, the process is stopped (SIGSTOP) and proved to be."""
        self.child.send_signal(signal.SIGSTOP)
        wait_until(lambda: state(self.child.pid) == "T")
        try:
            yield
        finally:
            self.child.send_signal(signal.SIGCONT)

    def written(self) -> None:
        """Return when a look that began after this call is in the ledger."""
        now = time.time_ns()
        wait_until(lambda: (self.state() or {"heartbeat_ns": 0})["heartbeat_ns"] > now, 60)

    def state(self) -> dict[str, Any] | None:
        """The heartbeat row, ``None`` before there is a ledger."""
        if not self.home.ledger.exists():
            return None
        try:
            rows = self.query("SELECT * FROM state")
        except sqlite3.OperationalError:  # it is being founded
            return None
        return rows[0] if rows else None

    def committed(self, interface: str | None = None) -> Moved:
        """What the ledger holds: all that counts, or one interface counted or not. Slots and day totals agree."""
        chosen = "counted = 1" if interface is None else "interfaces.name = ?"
        values = () if interface is None else (interface,)
        total = "SELECT coalesce(sum(rx), 0) AS rx, coalesce(sum(tx), 0) AS tx FROM"
        days = f"{total} days JOIN interfaces ON interfaces.id = interface WHERE {chosen}"
        slots = f"""{total} slots JOIN series ON series.id = slots.id & 65535
            JOIN interfaces ON interfaces.id = series.interface WHERE {chosen}"""
        by_day, by_slot = self.query(f"{days} UNION ALL {slots}", *values, *values)
        assert by_day == by_slot
        return Moved(**by_day)

    def query(self, sql: str, *values: object) -> list[dict[str, Any]]:
        """Rows of the ledger, read-only; leaves no file behind."""
        wal = self.home.ledger.with_name(self.home.ledger.name + "-wal").exists()
        address = f"file:{self.home.ledger}?mode=ro{'' if wal else '&immutable=1'}"
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def estimated(self) -> int:
        """Counted bytes at estimated times, both ways together."""
        return int(self.query("SELECT coalesce(sum(estimated), 0) AS bytes FROM days WHERE counted = 1")[0]["bytes"])

    def events(self, kind: str) -> list[str]:
        """Details of the stored events of one kind, oldest first."""
        return [str(row["detail"]) for row in self.query("SELECT detail FROM events WHERE kind = ? ORDER BY id", kind)]

    def pb(self, *arguments: str) -> Any:
        """``data`` of what a command says with ``--json``, run inside the namespace."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.space.name, sys.executable, "-m", "packetbuddy", *arguments, "--json"],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        return json.loads(done.stdout)["data"]

    def begun(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command on its way inside the namespace, in a session of its own; nobody hears it."""
        return self.space.start(
            [sys.executable, "-m", "packetbuddy", *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def shown(self, *arguments: str) -> Moved:
        """The day's figures as a person sees them, what is not written yet included."""
        told = self.pb("today", *arguments)
        assert told["total_bytes"] == told["bytes_received"] + told["bytes_sent"]
        return Moved(told["bytes_received"], told["bytes_sent"])

    def log(self) -> list[str]:
        """Lines of ``stderr.log``."""
        return self.home.stderr_log.read_text("utf-8").splitlines()

    def audit(self) -> None:
        """The ledger of a stopped monitor is sound: day totals equal slots, baselines balance, nothing was doubted."""
        assert self.child.poll() is not None
        with tending(self.home.ledger, self.home.lock) as tender:
            assert tender.audit() == HEALTHY
        assert self.query("SELECT * FROM doubts") == []
        assert "Traceback" not in self.errors.read_text("utf-8")

    def agrees(self, expected: Moved) -> None:
        """Running, stopped and in the file: the same bytes. Leaves the monitor stopped and the ledger audited."""
        if self.child.poll() is None:
            _same(self.shown(), expected)
            _same(self.stop(), 0)
        _same(self.committed(), expected)
        _same(self.shown(), expected)
        self.audit()


def delete_at_once(home: pathlib.Path) -> None:
    """Delete a home under those who still write into it: it is gone from one moment to the next, as a whole."""
    aside = home.with_name(f"{home.name} aside")
    home.rename(aside)
    shutil.rmtree(aside)


class Chatter:
    """Datagrams both ways over a wire, some hundred a second, as long as the ``with`` lasts; sizes differ by way."""

    def __init__(self, wire: Wire, up: int = 700, down: int = 1100) -> None:
        self._ends = contextlib.ExitStack()
        near = self._socket(wire.host, wire.near_address)
        far = self._socket(wire.router, wire.far_address)
        self._plan = ((near, far.getsockname(), up), (far, near.getsockname(), down))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._talk)
        self.sent = 0
        """Datagrams that left, both ways together."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._ends.close()

    def going(self, datagrams: int = 20) -> None:
        """Return when so many more have left."""
        goal = self.sent + datagrams
        wait_until(lambda: self.sent >= goal)

    def _socket(self, space: Namespace, address: str) -> socket.socket:
        return self._ends.enter_context(contextlib.closing(space.socket(socket.SOCK_DGRAM, bind=address)))

    def _talk(self) -> None:
        while not self._over.wait(0.004):
            for source, target, size in self._plan:
                with contextlib.suppress(OSError):  # the link is away for the moment
                    source.sendto(bytes(size), target)
                    self.sent += 1


def _same(told: object, expected: object) -> None:
    assert told == expected, f"{told} instead of {expected}"
