"""The monitor's log: each line once, rotated while somebody follows it, and never a reason to fail."""

import os
import re
import select
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pytest

from packetbuddy.monitor.log import LIMIT_BYTES, Log

WRITE = """
import sys
from pathlib import Path
from packetbuddy.monitor.log import Log
log = Log(Path(sys.argv[1]))
log.line("warning", "one\\nline")
log.line("info", "J\\u00fcrgen \\udcff")
"""
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (warning|info) .*")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stderr.log"


def write(path: Path, *, stderr: Path) -> None:
    with stderr.open("ab") as errors:
        subprocess.run([sys.executable, "-c", WRITE, str(path)], stderr=errors, check=True)


def test_to_the_file_and_to_standard_error(path: Path, tmp_path: Path) -> None:
    """Each event is one line with a UTC stamp, in the private file and on standard error alike."""
    write(path, stderr=tmp_path / "other")
    lines = path.read_text("utf-8").splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == ["one line", "Jürgen ?"]
    assert all(LINE.fullmatch(line) for line in lines)
    assert (tmp_path / "other").read_text("utf-8").splitlines() == lines
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_once_where_both_are_the_same_file(path: Path) -> None:
    """Under the supervisor standard error is the log itself: nothing is written twice, links to it included."""
    write(path, stderr=path)
    assert len(path.read_text("utf-8").splitlines()) == 2
    path.with_name("link").symlink_to(path)
    write(path.with_name("link"), stderr=path)
    assert len(path.read_text("utf-8").splitlines()) == 4


def test_where_the_file_cannot_be_written(tmp_path: Path) -> None:
    """Without its folder, the line is on standard error alone and nothing is raised."""
    write(tmp_path / "gone" / "stderr.log", stderr=tmp_path / "other")
    assert len((tmp_path / "other").read_text("utf-8").splitlines()) == 2


def _until_seen(tail: subprocess.Popen[bytes], log: Log, words: str) -> None:
    """Write lines until the follower shows one."""
    assert tail.stdout is not None
    deadline = time.monotonic() + 10
    while words.encode() not in (os.read(tail.stdout.fileno(), 65_536) if _readable(tail.stdout) else b""):
        assert time.monotonic() < deadline
        log.line("info", words)


def _readable(stream: IO[bytes]) -> bool:
    return bool(select.select([stream], [], [], 0.05)[0])


def test_rotation_under_a_follower(path: Path) -> None:
    """``tail -f`` that began before a rotation shows what is written after it; the old lines are in stderr.log.1."""
    log = Log(path)
    path.write_bytes(b"old line\n" * (LIMIT_BYTES // 9 + 1))
    before = path.read_bytes()
    command = ["tail", "-n", "0", "-f", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tail:
        try:
            _until_seen(tail, log, "before the rotation")
            log.rotate()
            _until_seen(tail, log, "after the rotation")
        finally:
            tail.kill()
    aside = path.with_name("stderr.log.1")
    assert aside.read_bytes().startswith(before)
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert path.stat().st_size < LIMIT_BYTES


def test_an_open_descriptor_goes_on(path: Path) -> None:
    """The supervisor's standard error, opened for appending, goes on at the new beginning: no hole, no lost line."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, b"x" * (LIMIT_BYTES + 1))
    Log(path).rotate()
    os.write(descriptor, b"next\n")
    os.close(descriptor)
    assert path.read_bytes() == b"next\n"


def test_a_short_log_is_left_alone(path: Path) -> None:
    """Up to the limit nothing is rotated; without a file neither."""
    Log(path).rotate()
    path.write_bytes(b"x" * LIMIT_BYTES)
    Log(path).rotate()
    assert [each.name for each in path.parent.iterdir()] == ["stderr.log"]


def test_what_others_write_is_rotated_too(path: Path) -> None:
    """``stdout.log``, which the service manager writes, is kept within the limit like the log itself."""
    other = path.with_name("stdout.log")
    Log(path).rotate(other)
    other.write_bytes(b"x" * (LIMIT_BYTES + 1))
    Log(path).rotate(other)
    assert other.read_bytes() == b""
    assert other.with_name("stdout.log.1").stat().st_size == LIMIT_BYTES + 1


def test_no_room_to_rotate(path: Path) -> None:
    """Where the copy cannot be made the log stays whole; that is said once and not at each try."""
    path.write_bytes(b"x" * (LIMIT_BYTES + 1))
    path.with_name("stderr.log.1").mkdir()
    log = Log(path)
    for _ in range(3):
        log.rotate()
    told = path.read_bytes()[LIMIT_BYTES + 1 :].decode()
    assert told.count("cannot rotate") == told.count("\n") == 1
