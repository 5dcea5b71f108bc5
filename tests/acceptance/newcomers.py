"""People with a fresh account behind one wire, who set PacketBuddy up from a fresh clone."""

import contextlib
import json
import os
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from machine.netns import Lab, Wire, wait_until
from packetbuddy.installing.naming import version_name
from packetbuddy.services.predecessor import PATIENCE_SECONDS
from unit.calm import Stopwatch
from unit.processes import state

ROOT = Path(__file__).resolve().parents[2]
BASE_PYTHON = Path(sys.base_prefix)
ASK = "import sys, urllib.request as web; print(web.urlopen(sys.argv[1], timeout=20).read().decode())"


def fetch_wheels(folder: Path) -> Path:
    """What setup would download, in the locked versions."""
    locked = [line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if not line.startswith("#")]
    pins = folder / "pins.txt"
    pins.write_text("\n".join(locked))
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "-d", str(folder)]
    subprocess.run([*command, "-c", str(pins), *_needed()], check=True)
    return folder


def _needed() -> list[str]:
    """What pyproject.toml says that a build and an installation need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return [*project["build-system"]["requires"], *project["project"]["dependencies"]]


class Newcomer(NamedTuple):
    """A person, a fresh clone, and how commands become this person's (``become``, e.g. setpriv)."""

    wire: Wire
    home: Path
    clone: Path
    wheels: Path
    become: tuple[str, ...] = ()
    python: Path = BASE_PYTHON
    extra: Mapping[str, str] = {}

    def environment(self) -> dict[str, str]:
        """As bare as a login: no language, no settings but the zone; pip has only the wheels."""
        return {
            "HOME": str(self.home),
            "PATH": f"{self.python / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin",
            "TZ": os.environ.get("TZ", "UTC"),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.wheels.as_uri(),
            "PIP_CONFIG_FILE": os.devnull,
            **self.extra,
        }

    def command(self, *words: str) -> list[str]:
        """The words as a command of this person on this machine."""
        return ["ip", "netns", "exec", self.wire.host.name, *self.become, *words]

    def run(self, *words: str, code: int = 0, answer: str = "") -> str:
        """Run a command to its end; returns what it said, and what it complained of when it was to fail."""
        done = subprocess.run(
            self.command(*words),
            env=self.environment(),
            cwd="/",
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr + self.log()
        return done.stdout + (done.stderr if code else "")

    @property
    def script(self) -> str:
        """The one of the README."""
        return str(self.clone / "service/linux/setup.sh")

    @property
    def launcher(self) -> Path:
        """The stable one."""
        return self.home / ".packetbuddy/bin/pb"

    def log(self) -> str:
        """What setup's tools said, for whoever reads a failure."""
        log = self.home / ".packetbuddy/setup.log"
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def setup(self, code: int = 0) -> str:
        """The one command of the README."""
        return self.run("bash", self.script, "--yes", code=code)

    def has(self, version: Path) -> None:
        """A version that setup made of the same code for somebody else is in the home, as before a setup again."""
        install_copy(version, self.home / ".packetbuddy")

    def pb(self, *arguments: str) -> dict[str, Any]:
        """The data of a command's JSON answer."""
        answer = json.loads(self.run(str(self.home / ".local/bin/pb"), *arguments, "--json"))
        assert (answer["schema"], answer["command"]) == (1, arguments[0])
        return dict(answer["data"])

    def page(self, path: str) -> str:
        """What the dashboard's address answers on this machine."""
        return self.run(str(self.python / "bin/python3"), "-I", "-c", ASK, f"http://127.0.0.1:7373{path}")

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
        return alone(pid for pid, words in _processes() if words[-1:] == ["serve"] and str(self.home) in words[0])

    def supervisors(self) -> list[int]:
        """Supervisors of this person's home."""
        return alone(
            pid
            for pid, words in _processes()
            if "supervisor.sh" in " ".join(words[:2]) and str(self.home) in " ".join(words[2:3])
        )

    def counts_once(self) -> bool:
        """One monitor and one supervisor."""
        return len(self.monitors()) == len(self.supervisors()) == 1


def _processes() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                yield int(entry.name), line.rstrip("\0").split("\0")


def alone(found: Iterable[int]) -> list[int]:
    """Those that live and are no other's child: until it is another program, a child looks like what started it."""
    parents = {pid: _parent(pid) for pid in found}
    return [pid for pid, parent in parents.items() if parent is not None and parent not in parents]


def _parent(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
    return None


@contextlib.contextmanager
def arriving(folder: Path, wheels: Path, **differently: Any) -> Iterator[Newcomer]:
    """A person whose folder has a space and an umlaut in its name, as people's folders have; leaves nothing running."""
    home, clone = folder / "Jürgen Groß", folder / "a-clone of mine"
    home.mkdir()
    copy_code(clone)
    with Lab("newcomer") as lab:
        wire = lab.wire(lab.namespace("host"), lab.namespace("router"))
        person = Newcomer(wire, home, clone, wheels)._replace(**differently)
        try:
            yield person
        finally:
            if person.launcher.exists():
                person.run(str(person.launcher), "service", "stop")
            assert person.monitors() == []


def ended_when_told(former: subprocess.Popen[bytes], watch: Stopwatch) -> bool:
    """Whether a 1.x left when ours told it to; one that got no processor for so long is rightly killed."""
    code = former.wait(30)
    return code == 0 or (code == -signal.SIGKILL and watch.stalled >= PATIENCE_SECONDS)


def install_copy(version: Path, home: Path) -> None:
    """What setup made once is in this home too."""
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "versions").mkdir(mode=0o700)
    shutil.copytree(version, home / "versions" / version.name, symlinks=True)


def change_both(clone: Path, version: Path, module: str, text: str) -> None:
    """Another version of the code is in the clone, and beside this version, as setup would install it."""
    folder = shutil.copytree(version, version.with_name("altered"), symlinks=True)
    (installed,) = folder.glob("lib/python*/site-packages/packetbuddy")
    for package in (clone / "src/packetbuddy", installed):
        with (package / module).open("a") as file:
            file.write(text)
    folder.rename(version.with_name(version_name(clone)))


def copy_code(folder: Path) -> None:
    """What an archive of the repository holds: no history, no environment, nothing compiled."""
    unwanted = shutil.ignore_patterns(".*", "__pycache__", "mutants", "build", "dist")
    shutil.copytree(ROOT, folder, ignore=unwanted)


class Sitting:
    """A person at a terminal: a program runs in it, and answers are typed once their question stands there."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._ours, theirs = os.openpty()
        self.screen = ""
        self._process = subprocess.Popen(
            # A shell's background job ignores Ctrl-C, and would hand that down.
            ["env", "--default-signal=INT", "setsid", "--ctty", "--wait", *command],
            env=environment,
            cwd="/",
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)

    def answer(self, question: str, words: str) -> None:
        """Wait for the question and type."""
        self.press(question, f"{words}\n")

    def press(self, question: str, keys: str) -> None:
        """Wait for the question and press these keys."""
        self._read_until(question)
        wait_until(self._waits)  # Ctrl-C between the question and the read would be heard with the next key only
        os.write(self._ours, keys.encode())

    def _waits(self) -> bool:
        """Whether the program sleeps, after a question for its answer; or is gone."""
        return state(self._process.pid) in {"S", "Z", ""}

    def ends(self) -> int:
        """Wait for the program; returns its exit code."""
        self._read_until(None)
        os.close(self._ours)
        return self._process.wait(timeout=30)

    def _read_until(self, words: str | None, seconds: float = 280) -> None:
        """Read on until the words stand behind what was there before, or with ``None`` until the program is gone."""
        began, deadline = len(self.screen), time.monotonic() + seconds
        while words is None or words not in self.screen[began:]:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{words!r} did not come:\n{self.screen}"
            try:
                read = os.read(self._ours, 4096)
            except OSError:  # Linux says so when nobody holds the other end any more
                read = b""
            if not read:
                assert words is None, f"it ended before {words!r}:\n{self.screen}"
                return
            self.screen += read.decode("utf-8", "replace")
