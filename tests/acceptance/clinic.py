"""A whole installation in a network namespace, to be well or to be hurt, and a doctor to look at it.

::

    def test_x(clinic: Clinic) -> None:
        clinic.start()                         # through the installed launcher, kept by the supervisor
        found = clinic.doctor()                # `pb doctor --json`, run as a terminal would
        assert found.findings == []
"""

import compileall
import contextlib
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from typing import Any, NamedTuple

import packetbuddy
from machine.netns import Lab, Traffic, Wire, wait_until
from packetbuddy.probes.linux_machine import clock_is_synchronized
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import owner

CONFIG = "[monitoring]\npoll_interval = 0.2\nbatch_write_interval = 1\n"
LAUNCHER = """#!/bin/sh
home={home}
: "${{PACKETBUDDY_HOME:=$home}}"
export PACKETBUDDY_HOME
version=$(CDPATH='' cd -P -- "$home/versions/current" && pwd) || exit 127
exec "$version/bin/python" -I -m packetbuddy "$@"
"""
"""As setup writes it."""
NO_SYSTEMD = {"XDG_RUNTIME_DIR": "/nonexistent"}
TREE = dict[str, tuple[int, int, int, str]]
"""Path to mode, size, time of the last change, and content."""


class Found(NamedTuple):
    """What one `pb doctor --json` said."""

    code: int
    data: dict[str, Any]
    out: str
    err: str

    @property
    def findings(self) -> list[dict[str, str]]:
        """Without what is true of the machine that the tests run on: nobody may keep its clock."""
        unkept = clock_is_synchronized() is False
        return [each for each in self.data["findings"] if not (unkept and _is_clock_note(each))]

    def one(self, check: str, level: str, words: str) -> dict[str, str]:
        """The one finding of this check and level whose text holds the words."""
        fitting = [
            each for each in self.findings if (each["check"], each["level"]) == (check, level) and words in each["text"]
        ]
        assert len(fitting) == 1, self.findings
        return fitting[0]


class Clinic:
    """A user's folder with an installed home in it, and one wire out."""

    def __init__(self, lab: Lab, folder: pathlib.Path) -> None:
        self.lab = lab
        self.wire: Wire = lab.wire(lab.namespace("host"), lab.namespace("router"))
        self.user = folder / "user"
        self.home = Home(self.user / ".packetbuddy")
        self.link = self.user / ".local" / "bin" / "pb"
        self.version = self.home.versions / "2.0.0-test"
        self.space = self.wire.host
        self._install()

    def _install(self) -> None:
        for each in (self.home.root, self.home.bin, self.version / "bin", self.link.parent):
            each.mkdir(parents=True, mode=0o700, exist_ok=True)
        self.home.root.chmod(0o700)
        self.write_config(CONFIG)
        self._make_version()
        (self.home.versions / "current").symlink_to(self.version.name)
        self.home.launcher.write_text(LAUNCHER.format(home=self.home.root), "utf-8")
        self.home.launcher.chmod(0o700)
        self.link.symlink_to(self.home.launcher)

    def _make_version(self) -> None:
        """A virtual environment that borrows the libraries of the one that the tests run in."""
        python = pathlib.Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        (self.version / "pyvenv.cfg").write_text(f"home = {python.parent}\n", "utf-8")
        (self.version / "bin" / "python").symlink_to(python)
        self.packages.mkdir(parents=True)
        borrowed = f"import site; site.addsitedir({sysconfig.get_paths()['purelib']!r})\n"
        (self.packages / "borrowed.pth").write_text(borrowed, "utf-8")
        compileall.compile_dir(pathlib.Path(packetbuddy.__file__).parent / "monitor", quiet=1)

    @property
    def packages(self) -> pathlib.Path:
        """Where the installed version's libraries are looked for first."""
        return self.version / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"

    def write_config(self, text: str) -> None:
        """The settings file, private."""
        self.home.config.write_text(text, "utf-8")
        self.home.config.chmod(0o600)

    def environment(self, **more: str) -> dict[str, str]:
        """What a user's terminal has, and no more: no user systemd answers in it."""
        kept = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
        path = f"{self.link.parent}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        return {
            **kept,
            "HOME": str(self.user),
            "PATH": path,
            "LANG": "C.UTF-8",
            "TZ": "Asia/Kolkata",
            **NO_SYSTEMD,
            **more,
        }

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command in the namespace, as the user."""
        whole = ["ip", "netns", "exec", self.space.name, *command]
        return subprocess.run(
            whole,
            env=self.environment(**more),
            cwd=self.user,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def pb(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The installed `pb`."""
        return self.run(str(self.home.launcher), *arguments, **more)

    def checkout(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The `pb` of this checkout, for where the installed one is what is broken."""
        return self.run(sys.executable, "-P", "-m", "packetbuddy", *arguments, **more)

    def doctor(self, *prefix: str, installed: bool = True, **more: str) -> Found:
        """Look. Nothing ever goes to standard error."""
        command = [str(self.home.launcher)] if installed else [sys.executable, "-P", "-m", "packetbuddy"]
        done = self.run(*prefix, *command, "doctor", "--json", **more)
        assert done.stderr == "", done.stderr
        return Found(done.returncode, json.loads(done.stdout)["data"], done.stdout, done.stderr)

    def start(self) -> None:
        """Return when it counts, has written, and listens."""
        done = self.pb("service", "start")
        assert done.returncode == 0, done.stderr
        wait_until(lambda: bool(self.listening()), 20)
        wait_until(lambda: bool(self.query("SELECT 1 FROM state WHERE heartbeat_ns > 0")), 20)

    def serve(self, **more: str) -> subprocess.Popen[bytes]:
        """A monitor in the foreground; returns when it has written."""
        command = [str(self.home.launcher), "serve"]
        child = self.space.start(command, env=self.environment(**more), stderr=subprocess.DEVNULL)
        home = Home(pathlib.Path(more.get("PACKETBUDDY_HOME", self.home.root)))
        wait_until(lambda: bool(rows(home.ledger, "SELECT 1 FROM state WHERE heartbeat_ns > 0")), 20)
        return child

    def counted_once(self) -> None:
        """A ledger with something in it, and nobody who counts."""
        child = self.serve()
        self.wire.download(30)
        child.terminate()
        assert child.wait(20) == 0

    def pid(self) -> int:
        """The monitor's."""
        found = owner(self.home.lock)
        assert found is not None
        return found

    def listening(self) -> str:
        """The line of `ss` about the dashboard's port."""
        return self.space.run("ss", "-Hltn", "sport = :7373").strip()

    def connections(self) -> tuple[int, int]:
        """How many TCP connections were ever begun and taken in this namespace, as the kernel counts them."""
        rows = [line.split() for line in self.space.run("cat", "/proc/net/snmp").splitlines() if line[:4] == "Tcp:"]
        told = dict(zip(*rows, strict=True))
        return int(told["ActiveOpens"]), int(told["PassiveOpens"])

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger."""
        return rows(self.home.ledger, sql)

    def tamper(self, statement: str, *values: object) -> None:
        """Change the ledger behind everybody's back."""
        with contextlib.closing(sqlite3.connect(self.home.ledger, isolation_level=None, timeout=5)) as connection:
            connection.execute(statement, values)

    def traffic(self) -> Traffic:
        """The kernel's counters of the wire."""
        return self.space.counters("eth0")

    def tree(self) -> TREE:
        """Everything in the user's folder."""
        return {str(path): _entry(path) for path in [self.user, *sorted(self.user.rglob("*"))]}


def rows(ledger: pathlib.Path, sql: str) -> list[tuple[Any, ...]]:
    """What a query finds; nothing where there is no ledger yet."""
    if not ledger.exists():
        return []
    with contextlib.closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=5)) as connection:
        try:
            return connection.execute(sql).fetchall()
        except sqlite3.OperationalError:  # it is being founded
            return []


def _entry(path: pathlib.Path) -> tuple[int, int, int, str]:
    found = path.lstat()
    content = ""
    if path.is_symlink():
        content = str(path.readlink())
    elif path.is_file():
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return found.st_mode, found.st_size, found.st_mtime_ns, content


def _is_clock_note(finding: dict[str, str]) -> bool:
    return finding["check"] == "clock" and finding["level"] == "note"


@contextlib.contextmanager
def clinic_in(folder: pathlib.Path) -> Iterator[Clinic]:
    """A clinic that leaves no process behind."""
    with Lab("clinic") as lab:
        made = Clinic(lab, folder)
        yield made
        if any(owner(path) for path in (made.home.lock, made.home.supervisor_pid)):
            made.checkout("service", "stop")
