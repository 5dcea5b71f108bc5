"""A newcomer on a fresh machine: one command, and every byte of a real interface is there."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from machine.netns import Lab, Wire, requires_netns, wait_until

ROOT = Path(__file__).resolve().parents[2]
BUILD_TOOLS = ("hatchling",)
RUNTIME = ("apprise", "h11", "msgspec", "psutil", "starlette", "tomlkit", "uvicorn")

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, requires_netns]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels that setup would download, in the locked versions: the namespaces have no way out."""
    folder = tmp_path_factory.mktemp("wheels")
    locked = [line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if not line.startswith("#")]
    pins = folder / "pins.txt"
    pins.write_text("\n".join(locked))
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "-d", str(folder)]
    subprocess.run([*command, "-c", str(pins), *BUILD_TOOLS, *RUNTIME], check=True)
    return folder


class Newcomer(NamedTuple):
    """A person with a fresh account behind one wire, and a fresh clone."""

    wire: Wire
    home: Path
    clone: Path
    wheels: Path

    def environment(self) -> dict[str, str]:
        """As bare as a login: no language, no settings; pip has only the wheels."""
        return {
            "HOME": str(self.home),
            "PATH": f"{Path(sys.base_prefix) / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PIP_CONFIG_FILE": os.devnull,
        }

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command as this person, to its end; returns what it said."""
        done = subprocess.run(
            ["ip", "netns", "exec", self.wire.host.name, *command],
            env=self.environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + (done.stderr if code else "")

    def setup(self, code: int = 0) -> str:
        """The one command of the README."""
        return self.run("bash", str(self.clone / "service/linux/setup.sh"), "--yes", code=code)

    def pb(self, *arguments: str) -> dict[str, Any]:
        """The data of a command's JSON answer."""
        answer = json.loads(self.run(str(self.home / ".local/bin/pb"), *arguments, "--json"))
        assert (answer["schema"], answer["command"]) == (1, arguments[0])
        return dict(answer["data"])

    def today(self) -> tuple[int, int]:
        """Bytes sent and received today, by ``pb today``."""
        told = self.pb("today")
        return told["bytes_sent"], told["bytes_received"]

    def stored(self) -> tuple[int, int]:
        """Bytes sent and received that the ledger's file holds."""
        ledger = self.home / ".packetbuddy/packetbuddy.db"
        with contextlib.closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT sum(tx), sum(rx) FROM days WHERE counted").fetchone()
        return row[0] or 0, row[1] or 0

    def monitors(self) -> list[int]:
        """Processes that count for this person's home."""
        return [pid for pid, words in _processes() if words[-1:] == ["serve"] and str(self.home) in words[0]]

    def supervisors(self) -> list[int]:
        """Supervisors of this person's home."""
        return [
            pid for pid, words in _processes() if "supervisor.sh" in " ".join(words[:2]) and str(self.home) in words[1]
        ]


def _processes() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                yield int(entry.name), line.rstrip("\0").split("\0")


@pytest.fixture
def newcomer(tmp_path: Path, wheels: Path) -> Iterator[Newcomer]:
    """The account's folder has a space and an umlaut in its name, as people's folders have."""
    home, clone = tmp_path / "Jürgen Groß", tmp_path / "a clone"
    home.mkdir()
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "mutants", "build", "dist")
    shutil.copytree(ROOT, clone, ignore=unwanted)
    with Lab("newcomer") as lab:
        wire = lab.wire(lab.namespace("host"), lab.namespace("router"))
        person = Newcomer(wire, home, clone, wheels)
        try:
            yield person
        finally:
            if (launcher := home / ".packetbuddy/bin/pb").exists():
                person.run(str(launcher), "service", "stop")
            assert person.monitors() == []


def _plus(before: tuple[int, int], sent: int = 0, received: int = 0) -> tuple[int, int]:
    return before[0] + sent, before[1] + received


def test_one_command_counts_every_byte(newcomer: Newcomer) -> None:
    """Done-when 1: setup leaves a running monitor; traffic is told at once, stored soon, and never twice."""
    wire = newcomer.wire
    wire.download(50)  # before PacketBuddy came: not its business
    said = newcomer.setup()
    assert "is counting" in said
    assert newcomer.today() == (0, 0)
    shutil.rmtree(newcomer.clone / "src")  # the clone is not needed any more

    expected = (wire.upload(300), wire.download(700))
    wait_until(lambda: newcomer.today() == expected, 2.0)
    wait_until(lambda: newcomer.stored() == expected, 35.0)

    newcomer.pb("service", "stop")
    assert newcomer.monitors() == newcomer.supervisors() == []
    assert newcomer.today() == newcomer.stored() == expected
    expected = _plus(expected, sent=wire.upload(40), received=wire.download(60))
    assert newcomer.today() == expected
    newcomer.pb("service", "start")
    assert newcomer.today() == expected
    newcomer.pb("service", "restart")
    assert newcomer.today() == expected


def test_setup_again_repairs_and_loses_nothing(newcomer: Newcomer) -> None:
    """Run again, after a new version, damage, a bad version: one monitor, one supervisor, every byte once."""
    wire, home = newcomer.wire, newcomer.home / ".packetbuddy"
    newcomer.setup()
    first = (home / "versions/current").readlink()
    expected = (wire.upload(10), wire.download(20))

    assert "Already installed" in newcomer.setup()
    assert (home / "versions/current").readlink() == first
    expected = _plus(expected, received=wire.download(30))

    with (newcomer.clone / "src/packetbuddy/__init__.py").open("a") as module:
        module.write('"""A newer version of the code."""\n')
    newcomer.setup()
    second = (home / "versions/current").readlink()
    assert second != first
    expected = _plus(expected, sent=wire.upload(30))

    shutil.rmtree(home / "versions" / second / "lib")
    newcomer.setup()
    expected = _plus(expected, sent=wire.upload(5))

    with (newcomer.clone / "src/packetbuddy/monitor/main.py").open("a") as module:
        module.write("\nraise SystemExit(78)\n")
    assert "does not count" in newcomer.setup(code=1)
    expected = _plus(expected, received=wire.download(5))

    assert newcomer.today() == expected
    assert len(newcomer.monitors()) == len(newcomer.supervisors()) == 1
    assert newcomer.pb("service", "status")["state"] == "running"
    assert (home.stat().st_mode & 0o777, (home / "config.toml").stat().st_mode & 0o777) == (0o700, 0o600)
