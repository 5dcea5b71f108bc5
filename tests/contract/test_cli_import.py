"""What ``pb import`` says: a preview, an import, the list, and taking it back."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from integration.ledgers import Counting, Machine, at
from integration.vnstat_making import make_vnstat
from packetbuddy.cli.main import main

NOW = at(2026, 11, 25, 10)
SAVED = datetime(2026, 11, 20, 12)  # noqa: DTZ001 - naive, as in files
SEEN = [(SAVED - timedelta(days=day, hours=1), 10**9, 10**8) for day in range(5)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a short history, and a vnStat database in its backups."""
    root = tmp_path / "home"
    (root / "backups").mkdir(parents=True)
    with Counting(root, Machine(NOW)) as counting:
        counting.tick(rx=5, tx=5)
    make_vnstat(root / "backups/vnstat.db", {"wlan0": SEEN}, SAVED)
    return root


def pb(home: Path, *arguments: str) -> int:
    """One command line."""
    return main(arguments, {"PACKETBUDDY_HOME": str(home), "TZ": "UTC", "COLUMNS": "100"}, NOW + 10**9)


def test_from_preview_to_undo(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each step says what is so then and what to do next; a file of the home is found by its name there."""
    assert pb(home, "import", "backups/vnstat.db") == 0
    assert capsys.readouterr().out.splitlines() == [
        "vnstat.db: vnStat 2.10, wlan0",
        "In the file 5.00 GB down, 500 MB up",
        "New here    5.00 GB down, 500 MB up",
        "On          5 days, Mon 16 Nov 2026 to Fri 20 Nov 2026",
        "Its local times are read as those of UTC.",
        "Nothing was changed yet: the same with --apply imports it.",
    ]
    assert pb(home, "import", "--list") == 0
    assert capsys.readouterr().out == "Nothing was imported yet.\n"
    assert pb(home, "import", "backups/vnstat.db", "--apply") == 0
    assert "Imported as number 1. `pb import --undo 1` takes it back." in capsys.readouterr().out
    assert pb(home, "import", "backups/vnstat.db", "--apply") == 0
    assert "There is nothing new in it; nothing was changed." in capsys.readouterr().out
    assert pb(home, "import", "--list") == 0
    assert capsys.readouterr().out.startswith(
        "#1: 5.00 GB down, 500 MB up from vnstat.db (vnStat 2.10, wlan0), imported"
    )
    assert pb(home, "why", "2026-11-18") == 0
    told = capsys.readouterr().out
    assert "Imported\n  #1: 1.00 GB down, 100 MB up from vnstat.db" in told
    assert "not here now" not in told
    assert pb(home, "interfaces") == 0
    assert "import 1" in capsys.readouterr().out
    assert pb(home, "import", "--undo", "#1") == 0
    assert "taken back" in capsys.readouterr().out
    assert pb(home, "interfaces") == 0
    assert "import 1" not in capsys.readouterr().out


def test_for_programs(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON tells what the file is, its bytes, what is new and what was done."""
    assert pb(home, "import", "backups/vnstat.db", "--apply", "--json") == 0
    told = json.loads(capsys.readouterr().out)["data"]
    assert (told["applied"], told["number"], told["kind"], told["zone"]) == (True, 1, "vnStat", "UTC")
    assert (told["new"]["bytes_received"], told["new"]["days"], told["left_out_bytes"]) == (5 * 10**9, 5, 0)
    assert (told["new"]["first_day"], told["new"]["last_day"]) == ("2026-11-16", "2026-11-20")
    assert pb(home, "why", "2026-11-18", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["data"]["imports"]
    assert (row["number"], row["file"], row["bytes_received"], row["undone_at"]) == (1, "vnstat.db", 10**9, None)
    assert pb(home, "import", "--undo", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["data"]["import"]["undone_at"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "import takes a FILE"),
        (("x", "--list"), "import takes a FILE"),
        (("--list", "--apply"), "--list takes nothing else"),
        (("--undo", "x"), "not the number of an import"),
        (("--undo", "7"), "no import number 7"),
        (("--undo", "1", "--zone", "UTC"), "--undo takes nothing else"),
    ],
)
def test_wrong_usage(home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str) -> None:
    """What cannot be meant is told in one line, with exit code 2."""
    assert pb(home, "import", *arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nowhere.db",), "there is no such file"),
        (("backups/vnstat.db", "--zone", "Mars/Olympus"), "Mars/Olympus"),
        (("backups/vnstat.db", "--interface", "eth9"), "no interface 'eth9'"),
    ],
)
def test_failures(home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str) -> None:
    """What cannot be done is told in one line, with exit code 1."""
    assert pb(home, "import", *arguments) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_real_export_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    """What one ledger exports another one imports: the same days, bytes and highest speeds when that one exports."""
    first, second = tmp_path / "first", tmp_path / "second"
    for root, begin in ((first, at(2026, 10, 1, 8)), (second, NOW)):
        root.mkdir()
        with Counting(root, Machine(begin)) as counting:
            for hour in range(2, 24 * 20, 7) if root is first else ():
                counting.use(begin + hour * 3600 * 10**9, rx=hour * 1001, tx=hour * 13)
    file = tmp_path / "export"
    assert pb(first, "export", "--format", form, "--output", str(file)) == 0
    assert pb(second, "import", str(file), "--apply") == 0
    told = []
    for root in (first, second):
        capsys.readouterr()
        assert pb(root, "export", "--format", "json", "--from", "2026-10-01", "--to", "2026-10-31") == 0
        days = json.loads(capsys.readouterr().out)["days"]
        keys = ("date", "bytes_sent", "bytes_received", "total_bytes", "peak_speed")
        told.append([[day[key] for key in keys] for day in days if day["total_bytes"]])
    assert told[0] == told[1]
    assert len(told[0]) == 21


def test_an_export_of_another_zone(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Our JSON says whose days it holds; it is not read as if they were ours until that is said."""
    file = tmp_path / "export.json"
    file.write_text(json.dumps({
        "meta": {"timezone": "Asia/Kolkata"},
        "days": [{"date": "2026-10-01", "bytes_sent": 5, "bytes_received": 7}],
    }))  # fmt: skip
    assert pb(home, "import", str(file)) == 1
    assert "its days are those of Asia/Kolkata" in capsys.readouterr().err
    assert pb(home, "import", str(file), "--zone", "Asia/Kolkata") == 0
    assert "7 B down, 5 B up" in capsys.readouterr().out


def test_observation_is_told_since_it_began(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Imported days are tracked, but nobody says that they were observed; their hours are in no heat map."""
    assert pb(home, "summary") == 0
    assert "of the time\n" in capsys.readouterr().out
    (home / "days.csv").write_text("date,bytes_sent,bytes_received\n2026-11-01,5,7\n", "utf-8")
    assert pb(home, "import", "days.csv", "--apply") == 0
    capsys.readouterr()
    assert pb(home, "summary") == 0
    told = capsys.readouterr().out
    assert "Since Sun 1 Nov 2026" in told
    assert "of the time since Wed 25 Nov 2026\n" in told
    assert pb(home, "export", "--format", "html", "--output", "-") == 0
    assert "Your hours" not in capsys.readouterr().out


def test_names_of_files_cannot_steer_a_terminal(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a file is called, what is said of it, now and later, is plain text on one line."""
    name = "a\x1b[31m\nb.csv"
    (home / name).write_text("date,bytes_sent,bytes_received\n2026-11-01,5,7\n", "utf-8")
    for arguments in ((name,), (name, "--apply"), ("--list",), ("--undo", "1"), ("--list",)):
        assert pb(home, "import", *arguments) == 0
        told = capsys.readouterr().out
        assert "\x1b" not in told
        assert "a?[31m?b.csv" in told
    for arguments in (("backup", str(home / "b\x1b[2J.db")), ("restore", str(home / "b\x1b[2J.db"))):
        assert pb(home, *arguments) == 0
        assert "b?[2J.db" in capsys.readouterr().out


def test_another_zone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Named with --zone, local times become other instants, and days are told in that zone."""
    assert pb(home, "import", "backups/vnstat.db", "--zone", "Asia/Kolkata", "--json") == 0
    told = json.loads(capsys.readouterr().out)["data"]
    assert (told["zone"], told["new"]["days"]) == ("Asia/Kolkata", 5)
