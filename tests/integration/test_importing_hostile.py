"""Files that are broken, foreign or meant to hurt: one clear line, and the ledger is the same byte for byte."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from integration.ledgers import Counting, Machine, asking, at
from integration.predecessor_making import DayRow, Log, make_predecessor
from integration.vnstat_making import TABLES, make_vnstat, printed
from packetbuddy.answers.open import Question
from packetbuddy.cli.importing import Wish, apply, preview
from packetbuddy.errors import ImportFileError
from packetbuddy.imports import recognising

NOW = datetime(2026, 11, 20, 12)  # noqa: DTZ001 - naive, as in files
SEEN = [(datetime(2026, 11, 19, 12), 1000, 100)]  # noqa: DTZ001 - naive
DAY = DayRow(date(2026, 11, 1), 5, 7)
Make = Callable[[Path], object]


@pytest.fixture
def question(tmp_path: Path) -> Question:
    machine = Machine(at(2026, 11, 25, 10))
    (tmp_path / "home").mkdir()
    with Counting(tmp_path / "home", machine) as counting:
        counting.tick(rx=5, tx=5)
    return asking(tmp_path / "home", machine)


def text(content: str | bytes) -> Make:
    """A file of this content."""
    return lambda path: path.write_bytes(content.encode() if isinstance(content, str) else content)


def body(change: Callable[[dict[str, Any]], object]) -> Make:
    """A vnStat JSON with something changed."""

    def make(path: Path) -> None:
        told = json.loads(printed({"wlan0": SEEN}, NOW))
        change(told)
        path.write_text(json.dumps(told), encoding="utf-8")

    return make


def changed(*statements: str) -> Make:
    """A vnStat database that somebody worked on."""

    def make(path: Path) -> None:
        with contextlib.closing(sqlite3.connect(make_vnstat(path, {"wlan0": SEEN}, NOW))) as base:
            for statement in statements:
                base.execute(statement)
            base.commit()

    return make


def former(*statements: str, logs: tuple[Log, ...] = ()) -> Make:
    """A 1.x database that somebody worked on."""

    def make(path: Path) -> None:
        with contextlib.closing(sqlite3.connect(make_predecessor(path, logs, [DAY]))) as base:
            for statement in statements:
                base.execute(statement)
            base.commit()

    return make


def cut(make: Make, share: float) -> Make:
    """Only the first part of what would be made."""

    def made(path: Path) -> None:
        make(path)
        os.truncate(path, int(path.stat().st_size * share))

    return made


NEVER_ENDING = """WITH RECURSIVE n(date) AS (SELECT 1 UNION ALL SELECT date + 1 FROM n)
    SELECT date, date AS rx, date AS tx, date AS name, date AS id, date AS interface FROM n"""


def views(path: Path) -> None:
    """What looks like vnStat's tables never ends."""
    with contextlib.closing(sqlite3.connect(path)) as base:
        for table in (*TABLES, "info", "interface"):
            base.execute(f"CREATE VIEW {table} AS {NEVER_ENDING}")
        base.commit()


LINES = "date,bytes_sent,bytes_received\n"
BAD: dict[str, Make] = {
    "empty": text(""),
    "nothing but zeros": text(bytes(5000)),
    "a picture": text(b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
    "another text": text("hello\nworld\n"),
    "another table": text("name,value\na,1\n"),
    "not UTF-8": text(LINES.encode() + b"2026-01-01,\xff\xfe,1\n"),
    "a NUL": text(LINES + "2026-01-01,1\0,1\n"),
    "negative": text(LINES + "2026-01-01,-1,1\n"),
    "a float": text(LINES + "2026-01-01,1.5,1\n"),
    "huge": text(LINES + f"2026-01-01,{'9' * 5000},1\n"),
    "beyond a row": text(LINES + f"2026-01-01,{2**63},1\n"),
    "year 9999": text(LINES + "9999-12-31,1,1\n"),
    "year 1": text(LINES + "0001-01-01,1,1\n"),
    "the future": text(LINES + "2027-01-01,1,1\n"),
    "no such day": text(LINES + "2026-02-30,1,1\n"),
    "twice": text(LINES + "2026-01-01,1,1\n2026-01-01,1,1\n"),
    "a short line": text(LINES + "2026-01-01,1\n"),
    "a long line": text(LINES + "2026-01-01,1,1,1\n"),
    "a sum that is none": text("date,bytes_sent,bytes_received,total_bytes\n2026-01-01,10,20,31\n"),
    "an open quote": text(LINES + '"2026-01-01,1,1\n'),
    "a long field": text(LINES + "2" * 300_000 + ",1,1\n"),
    "too many lines": text(LINES + "2026-01-01,1,1\n" * 100_001),
    "too large": text(LINES + " " * (recognising.LARGEST_TEXT + 1)),
    "deep": text('{"days":' + "[" * 1_000_000),
    "deep and whole": text('{"days":' + "[" * 100_000 + "]" * 100_000 + "}"),
    "deep beside": text('{"x":' + "[" * 100_000 + "]" * 100_000 + ',"days":[]}'),
    "cut JSON": cut(body(len), 0.7),
    "another JSON": text('{"a": 1}'),
    "a list": text("[1, 2, 3]"),
    "days that are none": text('{"days": {"2026-01-01": 5}}'),
    "wrong types": text('{"days": [{"date": "2026-01-01", "bytes_sent": "5", "bytes_received": true}]}'),
    "a number with 5000 digits": text(
        '{"days": [{"date": "2026-01-01", "bytes_sent": ' + "9" * 5000 + ', "bytes_received": 1}]}'
    ),
    "NaN": text('{"days": [{"date": "2026-01-01", "bytes_sent": NaN, "bytes_received": 1}]}'),
    "a formula": text('{"days": [{"date": "=1+1", "bytes_sent": 1, "bytes_received": 1}]}'),
    "vnStat 1": body(lambda told: told.update(jsonversion="1")),
    "no interfaces": body(lambda told: told.update(interfaces=[])),
    "interfaces of another kind": body(lambda told: told.update(interfaces={"eth0": 5})),
    "negative rx": body(lambda told: told["interfaces"][0]["traffic"]["day"][0].update(rx=-5)),
    "no rx": body(lambda told: told["interfaces"][0]["traffic"]["day"][0].pop("rx")),
    "month 13": body(lambda told: told["interfaces"][0]["traffic"]["day"][0]["date"].update(month=13)),
    "vnStat's year 9999": body(lambda told: told["interfaces"][0]["traffic"]["year"][0]["date"].update(year=9999)),
    "created in year 1": body(lambda told: told["interfaces"][0]["created"]["date"].update(year=1)),
    "a list of words": body(lambda told: told["interfaces"][0]["traffic"].update(day=["x"])),
    "a cut database": cut(changed(), 0.5),
    "a header alone": text(b"SQLite format 3\x00" + bytes(84)),
    "a damaged page": lambda path: (changed()(path), path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * 60_000)),
    "another program's": lambda path: _other(path, "CREATE TABLE notes (text)"),
    "views that never end": views,
    "half of vnStat's tables": changed("DROP TABLE year"),
    "text for bytes": changed("UPDATE day SET rx = 'many'"),
    "negative bytes": changed("UPDATE day SET rx = -5"),
    "an overflow": changed(
        "INSERT INTO day (interface, date, rx, tx) VALUES (2, '2026-11-19', 9223372036854775807, 1)",
        "INSERT INTO interface SELECT 2, 'wlan0 ', NULL, 1, created, updated, 0, 0, 0, 0 FROM interface",
        "UPDATE day SET interface = 1, date = date || '' WHERE 0",
        "UPDATE hour SET rx = 9223372036854775807",
    ),
    "a date that is none": changed("UPDATE day SET date = 'yesterday'"),
    "a date of a million letters": changed("UPDATE day SET date = hex(zeroblob(600000))"),
    "year 9999 in a database": changed("UPDATE year SET date = '9999-01-01'"),
    "the same day twice": changed("INSERT INTO day (interface, date, rx, tx) VALUES (1, '2026-11-19 00:00:00', 5, 5)"),
    "no date of creation": changed("UPDATE interface SET created = 'x'"),
    "columns that are missing": changed("ALTER TABLE day RENAME COLUMN rx TO received"),
    "1.x with text": former("UPDATE daily_aggregates SET bytes_sent = 'x'"),
    "1.x with a bad time": former(
        "INSERT INTO usage_logs (device_id, timestamp, bytes_sent, bytes_received) VALUES ('x', 'noon', 1, 1)"
    ),
    "1.x with a bad month": former("INSERT INTO monthly_aggregates VALUES ('x', 'May', 1, 1)"),
    "1.x of year 9999": former(logs=(Log(datetime(9999, 12, 31, 23, 59), 1, 1),)),  # noqa: DTZ001 - naive
    "1.x with a negative peak": former("UPDATE daily_aggregates SET peak_speed = -1"),
}


def test_a_cut_csv_brings_whole_days_or_nothing(tmp_path: Path, question: Question) -> None:
    """Wherever our own CSV ends too early, a number that lost digits is never taken for a smaller one."""
    lines = [f"2026-01-0{day},{day * 1111},{day * 22_222},{day * 23_333},{day * 99},,0" for day in (1, 2, 3)]
    whole = "\r\n".join(["date,bytes_sent,bytes_received,total_bytes,peak_speed,coverage,estimated_bytes", *lines, ""])
    file, brought = tmp_path / "cut.csv", set()
    for length in range(whole.index("2026-01-02"), len(whole)):
        file.write_text(whole[:length], encoding="utf-8", newline="")
        with contextlib.suppress(ImportFileError):
            brought.add(preview(question, Wish(file, (), zone_given=False)).received)
    assert brought == {22_222, 3 * 22_222, 6 * 22_222}


def _other(path: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute(sql)
        base.commit()


@pytest.mark.parametrize("name", list(BAD))
def test_bad_content(tmp_path: Path, question: Question, name: str) -> None:
    """One line with the file's name says what is wrong; ledger and file stay as they were, and nothing is left over."""
    file = tmp_path / "input"
    BAD[name](file)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for do in (preview, apply):
        with pytest.raises(ImportFileError) as told:
            do(question, Wish(file, (), zone_given=False))
        assert str(file) in str(told.value)
        assert "\n" not in str(told.value)
        assert len(str(told.value)) < len(str(file)) + 250
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path: content for path, content in after.items() if not path.name.endswith(".lock")} == {
        path: content for path, content in before.items() if not path.name.endswith(".lock")
    }


PLACES: dict[str, Make] = {
    "nothing": lambda _path: None,
    "a folder": lambda path: path.mkdir(),
    "a pipe": os.mkfifo,
    "a link to nowhere": lambda path: path.symlink_to("/nowhere/at/all"),
    "a link to zeros": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path),
    "a device": lambda path: path.symlink_to("/dev/null"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="pipes, links and devices of POSIX")
@pytest.mark.parametrize("name", list(PLACES))
def test_bad_places(tmp_path: Path, question: Question, name: str) -> None:
    """What is no file holds nobody up and is named as what it is."""
    file = tmp_path / "input"
    PLACES[name](file)
    with pytest.raises(ImportFileError, match=r"not a file|no such file|cannot be opened"):
        preview(question, Wish(file, (), zone_given=False))


def test_our_own_ledger_is_no_import(question: Question) -> None:
    """A ledger is told apart: it is restored, not imported."""
    with pytest.raises(ImportFileError, match="PacketBuddy ledger") as told:
        preview(question, Wish(question.home.ledger, (), zone_given=False))
    assert "pb restore" in told.value.hint


def test_a_database_in_the_middle_of_a_change(tmp_path: Path, question: Question) -> None:
    """One whose writer was killed is read as it was before that change, in a copy; it is not touched itself."""
    file = tmp_path / "old.db"
    make_predecessor(file, [], [DAY])
    script = """
import os, sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None)
base.execute("PRAGMA cache_size = 1")
base.execute("BEGIN")
base.execute("UPDATE daily_aggregates SET bytes_sent = 999")
base.execute("CREATE TABLE filler (x)")
for number in range(200):
    base.execute("INSERT INTO filler VALUES (zeroblob(4000))")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script, str(file)], check=False).returncode == 9
    journal = file.with_name("old.db-journal")
    assert journal.stat().st_size > 0
    before = file.read_bytes(), journal.read_bytes()
    plan = preview(question, Wish(file, (), zone_given=False))
    assert (plan.sent, plan.received) == (DAY.sent, DAY.received)
    assert (file.read_bytes(), journal.read_bytes()) == before


MEASURE = """
import resource, sys
from pathlib import Path
from packetbuddy.errors import ImportFileError
from packetbuddy.imports.recognising import recognised
from packetbuddy.imports.source import Asked
from packetbuddy.imports.times import Zoned
from datetime import UTC
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    asked = Asked(Zoned(UTC, 1_795_000_000 * 10**9), "UTC", False, (), frozenset())
    with recognised(Path(sys.argv[1]), asked) as source:
        total = sum(cell.rx for cell in source.cells([]))
except ImportFileError:
    total = -1
print(total, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in KiB there")
@pytest.mark.parametrize("kind", ["objects", "nested", "words", "logs"])
def test_memory_is_bounded(tmp_path: Path, kind: str) -> None:
    """The largest text that is read at all, and a 1.x database of 300,000 logs, cost a bounded amount of memory."""
    file = tmp_path / "input"
    size = recognising.LARGEST_TEXT - 100
    if kind == "logs":
        second = datetime(2026, 10, 1).timestamp()  # noqa: DTZ001 - naive
        make_predecessor(file, (Log(datetime.fromtimestamp(second + n), 1, 1) for n in range(300_000)))  # noqa: DTZ006 - naive
    else:
        part = {"objects": '{"a":1},', "nested": "[],", "words": '"x",'}[kind]
        file.write_text('{"days":[' + part * (size // len(part)) + "0]}")
    done = subprocess.run([sys.executable, "-c", MEASURE, str(file)], capture_output=True, text=True, check=True)
    total, kilobytes = map(int, done.stdout.split())
    assert total == (300_000 if kind == "logs" else -1)
    assert kilobytes < (20_000 if kind == "logs" else 4 * size // 1024)
