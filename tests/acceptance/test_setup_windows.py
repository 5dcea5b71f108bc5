"""The batch files, read by Wine's cmd, which is not Microsoft's but reads the same language.

A program that Windows would start is a shell script with the name of one: Wine starts it, and it writes down what it
was given. Of an exit code only whether it is 0 comes through Wine's ``call``, and nothing through such a script.
"""

import io
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from pip._vendor import distlib

from machine.netns import wait_until

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(
        shutil.which("wine") is None and not os.environ.get("CI"), reason="wine is not here (Debian: apt install wine)"
    ),
]

LAUNCHER = Path(distlib.__file__).with_name("t64.exe")


class Windows(NamedTuple):
    """A Windows of its own: its folder, a folder on its PATH, and where programs write down what they were given."""

    folder: Path
    bin: Path
    said: Path

    def run(self, batch: Path, *words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Start a batch file by its full name, in cmd, from some directory."""
        start = self.folder / "start.bat"
        start.write_bytes(b'@"%BATCH%" %WORDS%\r\n')
        given = {"BATCH": windows_path(batch), "WORDS": " ".join(words)}
        ours = {
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "WINEPREFIX": str(self.folder / "prefix"),
        }
        quiet = {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=d"}
        return subprocess.run(
            ["wine", "cmd", "/d", "/c", windows_path(start)],
            env={**ours, **quiet, **given, "WINEPATH": windows_path(self.bin), **environment},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=120,
        )

    def program(self, path: Path) -> None:
        """A program that writes its arguments down, one a line."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PACKETBUDDY_HOME" "$@" >>"{self.said}"\n')
        path.chmod(0o755)

    def waited_for(self, path: Path, *lines: str) -> None:
        """A Windows program, pip's own launcher, that does the lines of a batch file: Wine waits for no other kind."""
        batch = self.folder / "program.bat"
        self.batch(batch, 0, *lines)
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("__main__.py", "")
        words = f"#!C:\\windows\\system32\\cmd.exe /d /c {windows_path(batch)}\r\n"
        path.write_bytes(LAUNCHER.read_bytes() + words.encode() + held.getvalue())

    def batch(self, path: Path, code: int, *lines: str) -> None:
        """A batch file that writes its arguments down, does these lines, and ends with this code."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = ["@echo off", f'echo %*>>"{windows_path(self.said)}"', *lines, f"exit /b {code}", ""]
        path.write_bytes("\r\n".join(text).encode())

    def heard(self, least: int = 0) -> list[str]:
        """What was written down since the last look, once it is so many lines: Wine waits for no :meth:`program`."""
        wait_until(lambda: len(self._lines()) >= least, 20)
        lines = self._lines()
        self.said.unlink(missing_ok=True)
        return lines

    def heard_both(self, one: Sequence[str], other: Sequence[str]) -> None:
        """Two such programs wrote this: the second may be quicker, since Wine waits for neither."""
        assert self.heard(len(one) + len(other)) in ([*one, *other], [*other, *one])

    def _lines(self) -> list[str]:
        lines = self.said.read_text("utf-8", "replace").splitlines() if self.said.exists() else []
        return [line.strip() for line in lines]


def windows_path(path: Path) -> str:
    """How Wine sees a file of ours."""
    return "Z:" + str(path).replace("/", "\\")


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """One Windows for all tests: it takes its time to come up."""
    folder = tmp_path_factory.mktemp("wine")
    made = Windows(folder, folder / "bin", folder / "said")
    made.bin.mkdir()
    made.batch(folder / "up.bat", 3)
    assert made.run(folder / "up.bat", cwd=folder).returncode == 3
    yield made
    environment = {"PATH": os.environ["PATH"], "WINEPREFIX": str(folder / "prefix")}
    subprocess.run([wineserver(), "--kill", "--wait"], env=environment, check=False)


def wineserver() -> str:
    """Debian keeps it apart from the commands of people."""
    found = shutil.which("wineserver") or next(Path("/usr/lib").rglob("wineserver64"), None)
    assert found is not None
    return str(found)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The batch files in a folder whose name has what cmd stumbles over; not %, which Wine itself reads too often."""
    folder = tmp_path / "Söhne & Co (1)"
    (folder / "service/windows").mkdir(parents=True)
    for batch in [*ROOT.glob("*.bat"), ROOT / "service/windows/setup.bat"]:
        shutil.copy(batch, folder / batch.relative_to(ROOT))
    return folder


@pytest.fixture
def machine(wine: Windows) -> Windows:
    """Nothing on PATH, nothing written down."""
    shutil.rmtree(wine.bin)
    wine.bin.mkdir()
    wine.heard()
    return wine


CHECK = "import sys; sys.exit(sys.version_info < (3, 11))"


def test_setup_finds_the_launcher_of_python(machine: Windows, clone: Path, tmp_path: Path) -> None:
    """``py -3`` is asked first; setup.py is found from any directory, arguments come along."""
    machine.program(machine.bin / "py.exe")
    done = machine.run(clone / "service/windows/setup.bat", "--yes", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = ["", "-3", "-I", "-c", CHECK]
    machine.heard_both(asked, ["", "-3", "-I", "-B", "setup.py", "--yes"])


def test_setup_hands_the_exit_code_on(machine: Windows, clone: Path) -> None:
    """A ``python`` that is a batch file itself (pyenv) comes back, and setup ends as it did."""
    is_new_enough = 'if "%2"=="-c" exit /b 0'
    machine.batch(machine.bin / "python.bat", 5, is_new_enough, f'echo "%cd%">>{windows_path(machine.said)}')
    done = machine.run(clone / "service/windows/setup.bat", "--yes", cwd=clone)
    _, asked, where = machine.heard()
    assert asked == "-I -B setup.py --yes"
    assert where.endswith('\\service"')
    assert done.returncode == 1


@pytest.mark.parametrize("code", [None, 1, 9009])
def test_setup_says_where_python_is_to_be_had(machine: Windows, clone: Path, code: int | None) -> None:
    """No Python, one that is too old, or the shop's door in its place: exit 1 and the words."""
    if code is not None:
        machine.batch(machine.bin / "python.bat", code)
    done = machine.run(clone / "service/windows/setup.bat", "--yes", cwd=clone)
    assert done.returncode == 1
    assert "Python 3.11+ not found" in done.stderr
    assert "https://www.python.org/downloads/windows/" in done.stderr


@pytest.mark.parametrize(
    ("batch", "words"), [("start", "service start"), ("stop", "service stop"), ("watchdog", "watchdog")]
)
def test_the_batch_files_at_the_root(machine: Windows, clone: Path, tmp_path: Path, batch: str, words: str) -> None:
    """Each asks the launcher of the home, wherever that is, and ends as it did; without one it says what to do."""
    home = tmp_path / "Jürgen & Co"
    where = {"PACKETBUDDY_HOME": windows_path(home)}
    missing = machine.run(clone / f"{batch}.bat", "--json", cwd=tmp_path, **where)
    assert (missing.returncode, "setup.bat" in missing.stderr) == (127, True)
    for code in (0, 1):
        machine.batch(home / "bin/pb.cmd", code)
        done = machine.run(clone / f"{batch}.bat", "--json", cwd=tmp_path, **where)
        assert (done.returncode, machine.heard()) == (code, [f"{words} --json"])


def test_the_launcher(machine: Windows, tmp_path: Path) -> None:
    """It starts the current version, says which home, hands arguments on; gone or absent it says what to do, 127."""
    home = tmp_path / "Jürgen & Co"
    (home / "bin").mkdir(parents=True)
    (home / "versions").mkdir()
    shutil.copy(ROOT / "src/packetbuddy/installing/launcher.cmd", home / "bin/pb.cmd")
    pb = home / "bin/pb.cmd"
    none = machine.run(pb, "today", cwd=tmp_path)
    assert (none.returncode, "no version" in none.stderr) == (127, True)
    (home / "versions/current").write_text("2.0.0-abc\n")
    gone = machine.run(pb, "today", cwd=tmp_path)
    assert (gone.returncode, "is gone" in gone.stderr) == (127, True)
    assert "setup.bat" in gone.stderr
    machine.program(home / "versions/2.0.0-abc/Scripts/python.exe")
    done = machine.run(pb, "today", "--interface", '"a b"', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert machine.heard(7) == [windows_path(home), "-I", "-m", "packetbuddy", "today", "--interface", "a b"]


def test_the_launcher_on_trial(machine: Windows, tmp_path: Path) -> None:
    """Only for ``serve`` and only of its own home, the current version is asked which one to start."""
    home = tmp_path / "Jürgen & Co"
    (home / "bin").mkdir(parents=True)
    (home / "versions").mkdir()
    shutil.copy(ROOT / "src/packetbuddy/installing/launcher.cmd", home / "bin/pb.cmd")
    (home / "versions/current").write_text("2.0.0-abc\n")
    (home / "versions/trial").write_text("2.1.0-def\n")
    machine.program(home / "versions/2.0.0-abc/Scripts/python.exe")
    asked = [windows_path(home), "-I", "-m", "packetbuddy.updates.choosing"]
    assert machine.run(home / "bin/pb.cmd", "today", cwd=tmp_path).returncode == 0
    assert machine.heard(5) == [windows_path(home), "-I", "-m", "packetbuddy", "today"]
    elsewhere = {"PACKETBUDDY_HOME": windows_path(tmp_path)}
    assert machine.run(home / "bin/pb.cmd", "serve", cwd=tmp_path, **elsewhere).returncode == 0
    assert machine.heard(5) == [windows_path(tmp_path), "-I", "-m", "packetbuddy", "serve"]
    assert machine.run(home / "bin/pb.cmd", "serve", cwd=tmp_path).returncode == 0
    machine.heard_both(asked, [windows_path(home), "-I", "-m", "packetbuddy", "serve"])
    chosen, current = (home / f"versions/{name}/Scripts/python.exe" for name in ("2.1.0-def", "2.0.0-abc"))
    machine.waited_for(current, "echo 2.1.0-def")
    machine.program(chosen)
    assert machine.run(home / "bin/pb.cmd", "serve", cwd=tmp_path).returncode == 0
    chooser, *started = machine.heard(6)
    assert chooser.endswith('python.exe" -I -m packetbuddy.updates.choosing')
    assert started == [windows_path(home), "-I", "-m", "packetbuddy", "serve"]
