"""``pb export`` and ``GET /api/export``: the same bytes, files that are whole or as they were, refusals in words."""

import json
import os
import pty
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.api_serving import HOUR, NOON, Moved, Served, write_ledger
from packetbuddy.api import exporting, large
from packetbuddy.cli.main import main as pb
from packetbuddy.cli.progress import progress
from packetbuddy.cli.writing import write_aside
from packetbuddy.errors import PacketBuddyError, WrongUsageError

DAY = 24 * HOUR
MOVES = [
    Moved(NOON - 400 * DAY, 10_000, 90_000),
    Moved(NOON - 330 * DAY, 70_000, 500_000),
    Moved(NOON - 7 * DAY - 3 * HOUR, 7, 5),
    Moved(NOON - 2 * HOUR, 125_829_120, 524_288_000),
]
NAME = os.uname().nodename
ALL, ONE_DAY = "2025-10-19-to-2026-11-23", "--from 2026-11-16 --to 2026-11-16"
Output = pytest.CaptureFixture[bytes]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("home")
    write_ledger(root, MOVES)
    with Served(root) as server:
        yield server


def ask(served: Served, *arguments: str) -> int:
    return pb(["export", *arguments], served.environment, served.now_ns)


@pytest.mark.parametrize(
    ("query", "arguments", "media", "name"),
    [
        ("", "", "application/json", f"{ALL}.json"),
        ("?format=json", "--format json", "application/json", f"{ALL}.json"),
        ("?format=csv", "--format csv", "text/csv", f"{ALL}.csv"),
        ("?format=markdown&year=2025", "--format markdown --year 2025", "text/markdown", "2025-10-19-to-2025-12-31.md"),
        ("?format=toon&interface=eth0", "--llm --interface eth0", "application/toml", f"{ALL}.toon"),
        ("?format=toon&dialect=official", "--dialect official", "text/toon", f"{ALL}.toon"),
        ("?format=csv&from=2026-11-16&to=2026-11-16", f"--format csv {ONE_DAY}", "text/csv", "2026-11-16.csv"),
        ("?format=html", "--format html --output -", "text/html", "2026.html"),
        ("?format=html&year=2025&redact=1", "--format html --year 2025 --redact --output -", "text/html", "2025.html"),
    ],
)
def test_the_same_bytes_everywhere(
    served: Served, capsysbinary: Output, query: str, arguments: str, media: str, name: str
) -> None:
    """For one instant the API's file is the command's, to the byte; it says what it is and what it is called."""
    answer = served.get(f"/api/export{query}")
    assert ask(served, *arguments.split()) == 0
    assert capsysbinary.readouterr().out == answer.body
    assert answer.status == 200
    assert answer.headers["content-type"].partition(";")[0] == media
    assert answer.headers["content-disposition"] == f'attachment; filename="packetbuddy-{name}"'
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize("format_", ["csv", "json", "html", "markdown", "toon"])
def test_redacted_files_name_no_machine(served: Served, capsysbinary: Output, format_: str) -> None:
    """With ``--redact`` the machine's name is in none of them; without, in those that tell it."""
    options = ["--format", format_, "--output", "-"]
    assert ask(served, *options) == 0
    told = NAME.encode() in capsysbinary.readouterr().out.replace(b"\\", b"")
    assert told == (format_ != "csv")
    assert ask(served, *options, "--redact") == 0
    assert f'"{NAME}"'.encode() not in capsysbinary.readouterr().out


def test_head_tells_the_size_and_sends_nothing(served: Served) -> None:
    """HEAD has the headers of the file."""
    whole, head = served.get("/api/export?format=csv"), served.get("/api/export?format=csv", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.body))


def test_where_there_is_no_room_that_is_said(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that cannot be kept until it is sent is refused in words instead of being cut short."""
    monkeypatch.setattr(exporting, "LARGE_BYTES", 1000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    answer = served.get("/api/export")
    assert (answer.status, answer.code) == (503, "unavailable")
    assert "could not be written" in answer.json["error"]["message"]


def test_few_large_files_are_sent_at_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the places for long answers, a large export is told to come again; a small one is not."""
    monkeypatch.setattr(large, "MOST_LARGE", 0)
    monkeypatch.setattr(large, "LARGE_BYTES", 20_000)
    assert served.get("/api/export?format=json").code == "busy"
    assert served.get("/api/export?format=csv").status == 200


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("format=pdf", "format"),
        ("format=html&from=2026-01-01", "whole year"),
        ("format=csv&dialect=official", "dialect"),
        ("format=toon&dialect=other", "dialect"),
        ("year=2026&to=2026-01-01", "year"),
        ("year=0", "year"),
        ("year=9999", "year"),
        ("year=20.5e1", "whole number"),
        ("from=2026-02-30", "from"),
        ("from=2026-02-02&to=2026-01-01", "Swap"),
        ("from=9999-01-01", "year must be"),
        ("interface=none", "interface"),
        ("redact=perhaps", "redact"),
    ],
)
def test_the_api_refuses_in_words(served: Served, query: str, word: str) -> None:
    """What cannot be meant is 422 with what would be right."""
    answer = served.get(f"/api/export?{query}")
    assert (answer.status, answer.code) == (422, "invalid")
    assert word in answer.body.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        "--format pdf",
        "--format html --from 2026-01-01",
        "--format csv --dialect official",
        "--llm --format csv",
        "--year 2026 --to 2026-01-01",
        "--year 0",
        "--year twenty",
        "--from 2026-02-30",
        "--from 2026-02-02 --to 2026-01-01",
        "--format csv --json",
        "--output=",
        "--output /no/such/folder/x.csv",
        "--interface none",
        "--device nobody",
    ],
)
def test_the_command_refuses_in_one_line(served: Served, capsysbinary: Output, arguments: str) -> None:
    """What cannot be meant is wrong usage, told in one line, and nothing is written."""
    assert ask(served, *arguments.split()) == 2
    out, err = capsysbinary.readouterr()
    assert (out, err.count(b"\n"), err[:4]) == (b"", 1, b"pb: ")


def test_before_the_first_count(tmp_path: Path, capsysbinary: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a ledger it fails with what to do, and makes no file, not even an empty one."""
    monkeypatch.chdir(tmp_path)
    for arguments in (["--format", "csv"], ["--format", "html"], ["--output", "x.json"]):
        assert pb(["export", *arguments], {"PACKETBUDDY_HOME": str(tmp_path / "home")}, NOON) == 1
        assert b"nothing has been counted yet" in capsysbinary.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_page_goes_into_a_file_of_its_year(
    served: Served, capsysbinary: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HTML goes where one is, its path is printed; a folder takes the usual name, an ending names the format."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert ask(served, "--format", "html") == 0
    assert capsysbinary.readouterr().out == b"packetbuddy-2026.html\n"
    assert (tmp_path / "packetbuddy-2026.html").read_bytes() == served.get("/api/export?format=html").body
    assert ask(served, "--format", "toon", "--output", "folder") == 0
    for name in ("year.csv", "year.MD", "year.toon", "year.json", "year.htm"):
        assert ask(served, "--output", name) == 0
    assert b"\nyear.htm\n" in capsysbinary.readouterr().out
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["packetbuddy-2025-10-19-to-2026-11-23.toon"]
    assert (tmp_path / "year.csv").read_bytes() == served.get("/api/export?format=csv").body
    assert (tmp_path / "year.MD").read_bytes() == served.get("/api/export?format=markdown").body


def test_json_envelopes(served: Served, capsysbinary: Output, tmp_path: Path) -> None:
    """With ``--json`` stdout is one JSON value: the endpoint's body, or where the file is."""
    assert ask(served, "--json") == 0
    envelope = json.loads(capsysbinary.readouterr().out)
    assert (envelope["schema"], envelope["command"]) == (1, "export")
    assert envelope["data"] == served.get("/api/export").json
    target = tmp_path / "x.csv"
    assert ask(served, "--json", "--output", str(target)) == 0
    data = json.loads(capsysbinary.readouterr().out)["data"]
    assert data == {"path": str(target), "format": "csv", "size_bytes": target.stat().st_size}


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    """A new file is made as others are; one that is there keeps its mode, and a link leads to what is replaced."""
    target, link = tmp_path / "a.csv", tmp_path / "link.csv"
    before = os.umask(0o027)
    try:
        assert write_aside(target, ["ä", "b"]) == 3
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    target.chmod(0o604)
    link.symlink_to(target)
    write_aside(link, ["new"])
    assert link.is_symlink()
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("new", 0o604)
    with pytest.raises(WrongUsageError, match="is a folder"):
        write_aside(tmp_path, ["x"])


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, OSError])
def test_what_was_there_stays_when_writing_fails(tmp_path: Path, error: type[BaseException]) -> None:
    """Interrupted or failed in the middle, the old file is as it was and nothing lies beside it."""
    target = tmp_path / "a.csv"
    target.write_text("old")

    def pieces() -> Iterator[str]:
        yield "new"
        raise error

    with pytest.raises(PacketBuddyError if error is OSError else error):
        write_aside(target, pieces())
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_links_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    """A link in a circle is an error in words and stays; one to a name that is free makes that file."""
    circle, link = tmp_path / "circle", tmp_path / "link"
    circle.symlink_to(circle)
    link.symlink_to("free.csv")
    with pytest.raises(PacketBuddyError, match="circle could not be written"):
        write_aside(circle, ["text"])
    assert circle.is_symlink()
    assert write_aside(link, ["text"]) == 4
    assert ((tmp_path / "free.csv").read_text(), link.is_symlink()) == ("text", True)


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    """What is no file is not replaced by one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    reader.start()
    assert write_aside(pipe, ["one", "two"]) == 6
    reader.join()
    assert heard == ["onetwo"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_any_locale_gets_utf8(served: Served) -> None:
    """In a terminal of another encoding the file is what it is everywhere: UTF-8, line ends untouched."""
    environment = {**os.environ, **served.environment, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    for format_ in ("csv", "markdown"):
        command = [sys.executable, "-m", "packetbuddy", "export", "--format", format_, "--year", "2025"]
        done = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"")
        assert (b"\r\n" if format_ == "csv" else "₹".encode()) in done.stdout


def test_only_the_dialect_loads_its_library(served: Served) -> None:
    """Neither plain commands nor the other formats load the official library, and the templates only the page does."""
    code = (
        "import os, sys, time; from packetbuddy.cli.main import main;"
        "main(sys.argv[1:], os.environ, time.time_ns()); print(*sys.modules, file=sys.stderr)"
    )
    loaded = {}
    for name, arguments in {
        "today": ["today"],
        "csv": ["export", "--format", "csv"],
        "toon": ["export", "--llm"],
        "html": ["export", "--format", "html", "--output", "-"],
        "official": ["export", "--dialect", "official"],
    }.items():
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env={**os.environ, **served.environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        loaded[name] = set(done.stderr.split())
    assert [name for name, modules in loaded.items() if "toon_format" in modules] == ["official"]
    assert [name for name, modules in loaded.items() if "packetbuddy.exports.template" in modules] == ["html"]
    assert not any(name.startswith("packetbuddy.exports") for name in loaded["today"])


def test_progress_is_for_people_who_watch() -> None:
    """On a terminal a line that is gone at the end, after half a second; in a pipe, or beside the text, nothing."""
    ours, theirs = pty.openpty()
    now = [0.0]
    with os.fdopen(theirs, "w") as terminal, open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        for stream, beside in ((terminal, nowhere), (terminal, terminal), (nowhere, None)):
            with progress(stream, lambda: now[0], beside=beside) as told:
                for part in (0.1, 0.5, 0.55, 0.9):
                    now[0] += 0.05 if part == 0.55 else 0.3
                    told(part)
        terminal.flush()
        shown = ""
        while not shown.endswith("\r" + " " * 38 + "\r"):  # a terminal hands on what was written in its own time
            shown += os.read(ours, 10_000).decode()
    os.close(ours)
    assert [word for word in ("10 %", "50 %", "55 %", "90 %") if word in shown] == ["50 %", "90 %"]
    assert shown.count("50 %") == 1
