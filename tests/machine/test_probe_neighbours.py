"""Who else is on this machine: listeners and monitors, seen without a connection or a signal."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from machine.netns import wait_until
from packetbuddy.errors import ProbeError
from packetbuddy.probes import neighbours
from packetbuddy.probes.neighbours import Counting, counting, listeners, serves

COMMANDS = [
    (["/usr/bin/python3", "-P", "-m", "packetbuddy", "serve"], True),
    (["/home/a b/.packetbuddy/versions/2/bin/python", "-I", "-m", "packetbuddy", "serve"], True),
    (["/usr/bin/python3", "/usr/local/bin/pb", "serve"], True),
    (["C:\\Python\\pythonw.exe", "-I", "-m", "packetbuddy", "serve"], sys.platform == "win32"),
    (["/bin/sh", "supervisor.sh", "/home/a", "/home/a/bin/pb", "serve"], False),
    (["/usr/bin/python3", "-m", "packetbuddy", "today"], False),
    (["/usr/bin/python3", "-m", "packetbuddy.api"], False),
    (["grep", "-m", "packetbuddy", "serve"], False),
    (["python3"], False),
    ([], False),
]


@pytest.mark.parametrize(("command", "monitor"), COMMANDS, ids=[" ".join(command) for command, _ in COMMANDS])
def test_a_monitor_is_known_by_its_command_line(command: list[str], monitor: bool) -> None:
    """However it was started; neither its supervisor, which holds that command, nor another command of ours is one."""
    assert serves(command) is monitor


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen(1)
        yield opened


def test_a_listener_is_named_and_not_disturbed(taken: socket.socket) -> None:
    """Its process, parent and name; no connection is there to be accepted afterwards."""
    port = taken.getsockname()[1]
    (found,) = listeners("127.0.0.1", port)
    assert (found.pid, found.parent) == (os.getpid(), os.getppid())
    assert found.name == psutil.Process().name()
    taken.settimeout(0)
    with pytest.raises(BlockingIOError):
        taken.accept()


def test_only_who_would_be_in_the_way_is_a_listener(taken: socket.socket) -> None:
    """Another address is another place, any address is every place, a socket that does not listen is none."""
    port = taken.getsockname()[1]
    assert listeners("127.0.0.2", port) == ()
    with socket.socket() as wide, socket.socket() as bound:
        wide.bind(("0.0.0.0", 0))  # noqa: S104 - what others do is looked at
        wide.listen(1)
        assert [each.pid for each in listeners("127.0.0.1", wide.getsockname()[1])] == [os.getpid()]
        bound.bind(("127.0.0.1", 0))
        assert listeners("127.0.0.1", bound.getsockname()[1]) == ()


def test_a_living_monitor_is_seen_with_its_home(tmp_path: Path) -> None:
    """By the environment that it was started with."""
    environment = {**os.environ, "PACKETBUDDY_HOME": str(tmp_path / "home"), "HOME": "/nowhere"}
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text("[api]\nport = 17999\n", "utf-8")
    command = [sys.executable, "-P", "-m", "packetbuddy", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        wanted = Counting(child.pid, str(tmp_path / "home"), "/nowhere")
        try:
            wait_until(lambda: wanted in counting())
        finally:
            child.terminate()
    assert child.pid not in {each.pid for each in counting()}


class Refusing:
    """psutil where a system tells nothing about others."""

    Error = psutil.Error
    CONN_LISTEN, STATUS_ZOMBIE = psutil.CONN_LISTEN, psutil.STATUS_ZOMBIE

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object) -> None:
            raise psutil.AccessDenied

        return refuse


def test_a_system_that_tells_nothing_is_a_probe_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not "nobody listens", and not a crash."""
    monkeypatch.setattr(neighbours, "_psutil", Refusing)
    with pytest.raises(ProbeError, match="who listens"):
        listeners("127.0.0.1", 1)
    with pytest.raises(ProbeError, match="which programs run"):
        counting()
    assert neighbours._counting(Refusing(), Refusing()).asked is None  # type: ignore[arg-type]
    assert neighbours._listener(Refusing(), 7).name == ""  # type: ignore[arg-type]
    assert neighbours._listener(Refusing(), None).pid is None  # type: ignore[arg-type]


def test_without_psutil_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A half-installed package says so."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(ProbeError, match="psutil"):
        listeners("127.0.0.1", 1)
