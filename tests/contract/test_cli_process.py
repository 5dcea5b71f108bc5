"""The command as a process: streams that break, and what it loads."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from packetbuddy import __version__
from unit.ledgers import File, Story
from unit.worlds import NOW, Deed, Shape

PB = [sys.executable, "-m", "packetbuddy"]


def run(arguments: list[str], home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PACKETBUDDY_HOME": str(home), **more}
    return subprocess.run(
        [*PB, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=60,
    )


def test_version_and_help_write_nothing(tmp_path: Path) -> None:
    """Asking what PacketBuddy is makes no home and no file."""
    home = tmp_path / "home"
    assert run(["--version"], home).stdout == f"PacketBuddy {__version__}\n"
    for arguments in (["--help"], ["-h"], ["help"], ["today", "--help"], ["service", "--help"]):
        done = run(arguments, home)
        assert (done.returncode, done.stderr) == (0, "")
        assert "usage: pb" in done.stdout
    assert not home.exists()


def test_help_names_every_command(tmp_path: Path) -> None:
    """The overview of commands fits 80 columns and names all of them."""
    from packetbuddy.cli.main import COMMANDS  # noqa: PLC0415 - the module under test runs as a process here

    lines = run(["--help"], tmp_path).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for name in filter(None, COMMANDS):
        assert any(line.startswith(f"  pb {name} ") for line in lines)


def test_before_the_first_count(tmp_path: Path) -> None:
    """Without a ledger a command fails with one line that says what to do, and makes nothing."""
    for arguments in (["today"], [], ["month"], ["summary", "--json"]):
        done = run(arguments, tmp_path / "home")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("pb: nothing has been counted yet")
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    """A reader that leaves early (`pb … | head`) causes no complaint."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [*PB, "--help"],
            env={**os.environ, "PACKETBUDDY_HOME": str(tmp_path)},
            stdout=write_end,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110 - a device
def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """Output that cannot be written is a failure with its reason, not silence."""
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [*PB, "--help"],
            env={**os.environ, "PACKETBUDDY_HOME": str(tmp_path)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert done.stderr == "pb: the output could not be written: No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are closed with a shell")
def test_closed_streams_are_no_error(tmp_path: Path) -> None:
    """Started without stdout and stderr (as from a cron job) it still works."""
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *PB, "--version"],
        env={**os.environ, "PACKETBUDDY_HOME": str(tmp_path)},
        check=False,
        timeout=60,
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"), [(["\udcff"], "there is no command"), (["today", "--device", "\udcff\n\x1b[31m"], "device")]
)
def test_arguments_of_any_bytes(arguments: list[str], words: str, tmp_path: Path) -> None:
    """Bytes that are no text give one clean line."""
    done = subprocess.run(
        [os.fsencode(word) for word in [*PB, *arguments]],
        env={**os.environ, "PACKETBUDDY_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert words.encode() in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_any_encoding_can_be_written(encoding: str, tmp_path: Path) -> None:
    """A stream that holds less than Unicode causes no error."""
    done = run(["tödäy"], tmp_path, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert done.returncode == 2
    assert "there is no command" in done.stderr


HEAVY = {
    *(
        "asyncio",
        "json",
        "dataclasses",
        "inspect",
        "logging",
        "shutil",
        "statistics",
        "tomlkit",
        "urllib.request",
        "ssl",
    ),
    *("psutil", "packetbuddy.answers.plans", "packetbuddy.billing.forecast"),
}


def test_today_loads_little(tmp_path: Path) -> None:
    """`pb today` is quick because it loads neither what other commands need nor heavy parts of the library."""
    file = File(tmp_path / "packetbuddy.db")
    Story(Shape(), file).tell(
        [Deed("look", 0, 0, 0), Deed("grow", 0, 1, 1), Deed("look", 0, 0, 0), Deed("commit", 0, 0, 0)]
    )
    file.close()
    code = (
        "import sys; before = set(sys.modules);"
        "from packetbuddy.cli.main import main;"
        "main(['today'], {'PACKETBUDDY_HOME': sys.argv[1]}, int(sys.argv[2]));"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), str(NOW)], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "Total" in done.stdout
    assert {"packetbuddy.answers.usage", "packetbuddy.cli.commands.today"} <= loaded
    assert loaded & HEAVY == set()
    assert [name for name in loaded if name.startswith("packetbuddy.monitor")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
def test_interrupting_is_quiet(tmp_path: Path) -> None:
    """Ctrl-C before the first output ends with 130 and no traceback."""
    code = (
        "import sys; from packetbuddy.cli import main as m;"
        "import packetbuddy.cli.commands.today as t, signal;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # a shell's background job ignores it
        "t.run = lambda *_: signal.raise_signal(signal.SIGINT);"
        "sys.exit(m.main(['today'], {'PACKETBUDDY_HOME': sys.argv[1]}, 10**18))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")
