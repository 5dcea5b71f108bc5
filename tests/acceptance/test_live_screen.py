"""``pb live`` on a real pseudo-terminal: what it shows, and that it leaves the terminal as it found it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acceptance.terminal import Terminal
from integration.ledgers import Counting, Machine
from machine.netns import wait_until

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(sys.platform == "win32", reason="a whole terminal is taken on POSIX systems only"),
]
COLOUR = re.compile(rb"\x1b\[[0-9;]*(?:3[0-9]|9[0-9])[0-9;]*m")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A ledger, and a plan."""
    root = tmp_path / "home"
    root.mkdir()
    machine = Machine(time.time_ns() - 60 * 10**9)
    with Counting(root, machine) as counting:
        counting.tick(5_000_000, 700_000)
    (root / "config.toml").write_text('[plan]\nname = "Home"\ncap = "100 GB"\n', encoding="utf-8")
    return root


@pytest.fixture
def terminal(home: Path) -> Iterator[Terminal]:
    with Terminal(home) as made:
        yield made


def test_it_shows_what_there_is(terminal: Terminal) -> None:
    """Speeds, a graph, today, the plan, the link, the service and how to quit, within the window, in two colours."""
    terminal.run("live").shows("↓ Download", "↑ Upload", "┼", "s ago", "Today", "Home", "Link", "Service", "q quits")
    assert terminal.text().startswith("PacketBuddy")
    assert terminal.page.cursor.hidden
    assert b"38;2;74;163;255" in terminal.bytes
    assert b"38;2;255;180;84" in terminal.bytes
    before = terminal.text()
    terminal.until(lambda: terminal.text() != before)
    terminal.press(b"q")
    assert terminal.ends() == 0
    assert terminal.as_before()


def test_the_last_column_is_shown(terminal: Terminal) -> None:
    """A line that fills the terminal is whole: the clock at its end has all of its letters."""
    terminal.run("live").shows("q quits")
    clock = re.compile(r"\d\d:\d\d:\d\d$")
    assert clock.search(terminal.page.display[0]), terminal.text()
    terminal.press(b"q")
    assert terminal.ends() == 0


ENDINGS: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "q": (lambda terminal: terminal.press(b"q"), 0),
    "Q": (lambda terminal: terminal.press(b"Q"), 0),
    "Escape": (lambda terminal: terminal.press(b"\x1b"), 0),
    "Ctrl-D": (lambda terminal: terminal.press(b"\x04"), 0),
    "Ctrl-C": (lambda terminal: terminal.press(b"\x03"), 130),
    "Ctrl-\\": (lambda terminal: terminal.press(b"\x1c"), -signal.SIGQUIT),
    "SIGTERM": (lambda terminal: terminal.process.send_signal(signal.SIGTERM), -signal.SIGTERM),
    "SIGHUP": (lambda terminal: terminal.process.send_signal(signal.SIGHUP), -signal.SIGHUP),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_however_it_ends_the_terminal_is_as_it_was(ending: str, terminal: Terminal) -> None:
    """Page, cursor, keys and echo are those of before; nothing is left on the shell's page; the exit code is right."""
    end, code = ENDINGS[ending]
    terminal.run("live").shows("q quits")
    assert not terminal.as_before()
    end(terminal)
    assert terminal.ends() == code
    assert terminal.as_before()


def test_other_keys_do_nothing(terminal: Terminal) -> None:
    """An arrow key, which begins with an Escape, letters, and control characters: it goes on."""
    terminal.run("live").shows("q quits")
    terminal.press(b"\x1b[A")
    terminal.press(b"x")
    seen = len(terminal.bytes)
    terminal.until(lambda: len(terminal.bytes) > seen + 2000)
    assert terminal.process.poll() is None
    terminal.press(b"q")
    assert terminal.ends() == 0


def test_it_follows_the_window(terminal: Terminal) -> None:
    """Larger, smaller, tiny, and back: at once, nothing of the old size is left, nothing scrolls."""
    terminal.run("live").shows("↓ Download", "q quits")
    for columns, rows, words, missing in (
        (60, 16, ("↓ ", "Today", "q quits"), "↓ Download"),
        (130, 40, ("↓ Download", "89 s ago"), "60 s ago"),
        (24, 4, ("↓ ",), "q quits"),
        (1, 1, ("…",), "Today"),
        (12, 2, ("↓ ",), "Today"),
        (80, 24, ("↓ Download", "q quits"), "89 s ago"),
    ):
        terminal.resize(columns, rows)
        terminal.shows(*words)
        terminal.until(lambda missing=missing: missing not in terminal.text())  # type: ignore[misc]
        assert max(map(len, terminal.text().splitlines())) <= min(columns, 100)
    terminal.press(b"q")
    assert terminal.ends() == 0
    assert not terminal.on_page


def test_it_stops_and_goes_on(terminal: Terminal) -> None:
    """Ctrl-Z gives the terminal to the shell, `fg` takes it again."""
    terminal.run("live").shows("q quits")
    terminal.press(b"\x1a")
    terminal.until(lambda: terminal.state() == "T")
    terminal.until(terminal.as_before)
    terminal.process.send_signal(signal.SIGCONT)
    terminal.shows("↓ Download", "q quits")
    terminal.press(b"q")
    assert terminal.ends() == 0
    assert terminal.as_before()


def test_without_colours(terminal: Terminal) -> None:
    """With NO_COLOR there is a whole page of words and shapes, and no colour in it."""
    terminal.run("live", environment={"NO_COLOR": "1"}).shows("↓ Download", "┼", "q quits")
    assert not COLOUR.search(terminal.bytes)
    terminal.press(b"q")
    assert terminal.ends() == 0


def test_without_unicode(terminal: Terminal) -> None:
    """Where only ASCII can be written there is nothing else."""
    terminal.run("live", environment={"PACKETBUDDY_ASCII": "1"}).shows("down ", "up ", "+---", "q quits")
    assert terminal.bytes.isascii()
    terminal.press(b"q")
    assert terminal.ends() == 0


def test_a_job_in_the_background_writes_lines(home: Path) -> None:
    """The terminal belongs to the shell then: nothing is taken from it."""
    shell = ["sh", "-c", 'set -m; "$0" -m packetbuddy live & wait', sys.executable]
    with Terminal(home) as terminal:
        terminal.run(start=lambda _command, **options: subprocess.Popen(shell, **options))
        terminal.until(lambda: terminal.text().count("B/s") >= 4)
        assert b"\x1b[?" not in terminal.bytes
        terminal.vanish()
        wait_until(lambda: terminal.process.poll() is not None)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["live"], {"TERM": "dumb"}), (["live"], {"TERM": ""}), (["live", "--plain"], {})],
)
def test_lines_where_there_are_no_pages(terminal: Terminal, arguments: list[str], environment: dict[str, str]) -> None:
    """A terminal that can only write on gets a line each second, as does who asks for it; Ctrl-C ends them."""
    terminal.run(*arguments, environment=environment)
    terminal.until(lambda: terminal.text().count("B/s") >= 4)
    assert b"\x1b[?" not in terminal.bytes
    terminal.press(b"\x03")
    assert terminal.ends() == 130


def test_without_keys_a_signal_ends_it(terminal: Terminal) -> None:
    """With an empty stdin the page is there all the same, and a signal leaves the terminal as it was."""
    terminal.run("live", keyboard=False).shows("↓ Download", "Ctrl-C quits")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.ends() == 130
    assert terminal.as_before()


def test_the_window_is_closed(terminal: Terminal) -> None:
    """Nobody is there any more: it ends by itself, soon."""
    terminal.run("live").shows("q quits")
    terminal.vanish()
    wait_until(lambda: terminal.process.poll() is not None)
    assert terminal.process.returncode in {-signal.SIGHUP, 0}


def test_a_terminal_that_takes_nothing(terminal: Terminal) -> None:
    """After Ctrl-S nothing can be written; SIGTERM ends it all the same."""
    terminal.run("live").shows("q quits")
    terminal.press(b"\x13")
    terminal.silent(3)
    terminal.process.send_signal(signal.SIGTERM)
    wait_until(lambda: terminal.process.poll() is not None)
    assert terminal.process.returncode == -signal.SIGTERM


def test_nothing_counted_yet(tmp_path: Path) -> None:
    """Before there is a ledger the speed is shown all the same, with what to do."""
    with Terminal(tmp_path / "nothing", columns=100) as terminal:
        terminal.run("live").shows("↓ Download", "nothing has been counted yet; `pb service start` starts counting")
        terminal.press(b"q")
        assert terminal.ends() == 0
    assert not (tmp_path / "nothing").exists()


def test_a_mistake_is_told_on_the_shells_page(terminal: Terminal) -> None:
    """What ends it at once is one line where the shell is."""
    terminal.run("live", "--interface", "nosuch0")
    assert terminal.ends() == 2
    assert "pb: there is no interface 'nosuch0' now" in terminal.text()
    assert not terminal.on_page


def test_a_pipe_gets_lines_and_may_close(home: Path) -> None:
    """In a pipe a line a second, without escapes; a reader that has enough ends it, quietly."""
    environment = {**os.environ, "PACKETBUDDY_HOME": str(home), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "packetbuddy", "live"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 0
        assert b"B/s" in line
        assert b"\x1b" not in line
        assert process.stderr.read() == b""
