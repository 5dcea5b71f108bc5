"""Log files are read whole line by whole line, also while they grow and are cut."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from packetbuddy.errors import HomeError
from packetbuddy.services.logs import follow, last_failure, last_lines, read_from, tail


def test_last_lines(tmp_path: Path) -> None:
    """The last lines from a byte on; from the start when the log has been cut since; none without a log."""
    log = tmp_path / "stderr.log"
    assert last_lines(log, count=3) == ()
    log.write_text("ä\nb\nc\n", "utf-8")
    assert last_lines(log, count=2) == ("b", "c")
    assert last_lines(log, count=0) == ()
    assert last_lines(log, count=5, start=3) == ("b", "c")
    assert last_lines(log, count=5, start=400) == ("ä", "b", "c")


def test_an_unreadable_log_is_told(tmp_path: Path) -> None:
    """A folder in the log's place is a HomeError, not an empty log."""
    with pytest.raises(HomeError, match="cannot read"):
        last_lines(tmp_path, count=1)


def test_a_line_counts_when_it_has_ended(tmp_path: Path) -> None:
    """A half written line is left for the next look, which then sees it once and whole."""
    log = tmp_path / "stderr.log"
    log.write_bytes(b"one\ntw")
    first = tail(log, count=10)
    assert (first.lines, first.end) == (("one",), 4)
    with log.open("ab") as file:
        file.write(b"o\n\xff\n")
    assert read_from(log, first.end) == (("two", "\ufffd"), 10)


def test_a_huge_log_is_not_read_whole(tmp_path: Path) -> None:
    """Only the end of a large log is looked at."""
    log = tmp_path / "stderr.log"
    log.write_bytes(b"".join(b"line %d\n" % number for number in range(300_000)))
    assert last_lines(log, count=2) == ("line 299998", "line 299999")


def test_follow_sees_what_comes_and_survives_a_cut(tmp_path: Path) -> None:
    """New lines come in order, each once, also after the log was cut to nothing."""
    log = tmp_path / "stderr.log"
    log.write_bytes(b"old\n")
    lines = follow(log, tail(log, count=1).end)
    with log.open("ab") as file:
        file.write(b"a\nb\n")
    assert next(lines) == ("a", "b")
    log.write_bytes(b"c\n")
    assert next(lines) == ("c",)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, lines)
        with log.open("ab") as file:
            file.write(b"d\n")
        assert coming.result(timeout=10) == ("d",)


WELL = "2026-11-27T07:35:21Z info PacketBuddy 2.0.0 is counting\n"
ENDED = "2026-11-27T07:36:21Z info supervisor: the monitor ended with code 137 after 60 s; starting it again in 1 s\n"


@pytest.mark.parametrize(
    ("log", "failure"),
    [
        ("", ""),
        (WELL, ""),
        (WELL + "2026-11-27T07:36:00Z info stopped\n", ""),
        (WELL + "2026-11-27T07:36:00Z warning a link is odd\n", ""),
        (WELL + "2026-11-27T07:36:00Z error no home\n", "no home"),
        ("2026-11-27T07:36:00Z error no home\n" + ENDED, "no home"),
        ("2026-11-27T07:36:00Z error no home\n" + WELL + ENDED, ENDED.split("supervisor: ")[1].strip()),
        ("Traceback (most recent call last):\n  File x\nImportError: y\n" + ENDED, "File x / ImportError: y"),
    ],
)
def test_why_the_last_monitor_failed(tmp_path: Path, log: str, failure: str) -> None:
    """The last words after the last sign that all was well, without times; the supervisor's only where alone."""
    (tmp_path / "stderr.log").write_text(log)
    assert last_failure(tmp_path / "stderr.log").replace("  ", "") == failure
