"""Each command's face: what it asks, what it prints as text and as JSON, and what it refuses.

The answers come from a stand-in, so that only the command line is judged here; real ledgers are asked elsewhere.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contract.cli_samples import (
    GOLDEN,
    HEALTH,
    HOURS,
    INTERFACES,
    LIVE,
    MONDAY,
    MONTH,
    RANGE,
    SUMMARY,
    WHY,
)
from packetbuddy.cli.main import main
from packetbuddy.errors import LedgerMissingError

NOW = int(datetime(2026, 11, 23, 18, 25, tzinfo=UTC).timestamp()) * 10**9
CONFIG = '[display]\nunits = "windows"\ntimezone = "Asia/Kolkata"\n[cost]\nrate_per_gb = 7.50\ncurrency = "INR"\n'


class Answers:
    """Canned answers, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.measurements = 3

    def giving(self, name: str, answer: object) -> Callable[..., Any]:
        """A function of the answers room."""

        def ask(*arguments: Any, **keywords: Any) -> Any:
            self.asked.append((name, arguments, keywords))
            return answer

        return ask

    def live(self, *arguments: Any) -> Any:
        """A measurement; the last one is where Ctrl-C comes."""
        self.asked.append(("live", arguments, {}))
        if sum(name == "live" for name, _, _ in self.asked) > self.measurements:
            raise KeyboardInterrupt
        return LIVE


class Measuring:
    """The stand-in for measurements one after the other."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def measure(self, seconds: float) -> Any:
        return self.answers.live(seconds)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    told = Answers()
    rooms: dict[str, dict[str, Any]] = {
        "usage": {"today": GOLDEN, "days": MONTH, "groups": HOURS, "summary": SUMMARY},
        "interfaces": {"interfaces": INTERFACES},
        "why": {"why": WHY},
        "amend": {
            "decide_doubt": WHY.doubts[0]._replace(state="accepted"),
            "correct": WHY.corrections[0],
            "undo_correction": WHY.corrections[1],
        },
        "health": {"health": HEALTH},
    }
    for room, functions in rooms.items():
        module = ModuleType(f"packetbuddy.answers.{room}")
        for name, answer in functions.items():
            setattr(module, name, told.giving(name, answer))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    module = ModuleType("packetbuddy.answers.live")
    module.live = told.live  # type: ignore[attr-defined]
    module.Measurement = lambda *_: Measuring(told)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return told


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    return {"PACKETBUDDY_HOME": str(tmp_path), "COLUMNS": "60"}


COMMANDS = {
    "today": ["today"],
    "month": ["month", "2026-11"],
    "range": ["range", "--from", "2026-11-01", "--to", "2026-11-30"],
    "usage": ["usage", "--by", "hour"],
    "summary": ["summary"],
    "live": ["live", "--once"],
    "interfaces": ["interfaces"],
    "why": ["why", "2026-11-23"],
    "correct": ["correct", "today", "--undo"],
    "overview": [],
}


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_json_is_one_envelope(
    name: str, answers: Answers, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json stdout holds exactly one value: schema, command, data."""
    assert main([*COMMANDS[name], "--json"], environment, NOW) == 0
    out, err = capsys.readouterr()
    envelope = json.loads(out)
    assert list(envelope) == ["schema", "command", "data"]
    assert (envelope["schema"], envelope["command"], err) == (1, name, "")
    assert envelope["data"]
    assert answers.asked


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_text_is_for_people(
    name: str, answers: Answers, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without --json there is text on stdout that fits the paper, and nothing on stderr."""
    assert main(COMMANDS[name], environment, NOW) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out
    assert max(len(line) for line in out.splitlines()) <= 60
    assert answers.asked


@pytest.mark.usefixtures("answers")
def test_today_end_to_end(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """The published figures, with the settings' units and price, in text and as JSON."""
    main(["today"], environment, NOW)
    text = capsys.readouterr().out
    main(["today", "--json"], environment, NOW)
    data = json.loads(capsys.readouterr().out)["data"]
    assert text.startswith("📊 Today's Usage\n")
    for words in ("120.00 MB", "500.00 MB", "620.00 MB", "₹4.88"):
        assert words in text
    assert data["human_readable"]["total"] == "620.00 MB"
    assert data["cost"]["total"]["cost_formatted"] == "₹4.88"


def test_today_is_the_day_of_the_settings_zone(answers: Answers, environment: dict[str, str]) -> None:
    """18:25 UTC is 23:55 in Kolkata: still Monday; a question carries instant, zone and interface."""
    main(["month", "--interface", "eth0"], environment, NOW)
    main(["month"], environment, NOW + 6 * 60 * 10**9 + 7 * 86400 * 10**9)
    question = answers.asked[0][1][0]
    assert (question.now_ns, question.interface, question.zone_name) == (NOW, "eth0", "Asia/Kolkata")
    assert answers.asked[0][1][1:] == (date(2026, 11, 1), date(2026, 11, 30))
    assert answers.asked[1][1][1:] == (date(2026, 12, 1), date(2026, 12, 31))


def test_ranges_and_groups_are_handed_on(answers: Answers, environment: dict[str, str]) -> None:
    """Dates and counts reach the answers as values."""
    main(["range", "--from", "yesterday"], environment, NOW)
    main(["usage", "--by", "week", "--from", "2026-01-01", "--to", "today", "--top", "20"], environment, NOW)
    main(["usage"], environment, NOW)
    assert answers.asked[0][1][1:] == (date(2026, 11, 22), MONDAY)
    assert answers.asked[1][2] == {"by": "week", "first": date(2026, 1, 1), "last": MONDAY, "top": 20}
    assert answers.asked[2][2] == {"by": "day", "first": None, "last": None, "top": None}


def test_doubts_are_decided(answers: Answers, environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """--accept and --reject decide one doubt by its number and say what became of it."""
    assert main(["why", "today", "--accept", "3"], environment, NOW) == 0
    assert main(["why", "today", "--reject", "#4"], environment, NOW) == 0
    assert [(each[1][1:], each[2]) for each in answers.asked] == [((3,), {"accept": True}), ((4,), {"accept": False})]
    assert "#3 accepted" in capsys.readouterr().out


def test_a_day_is_corrected(answers: Answers, environment: dict[str, str]) -> None:
    """Sizes are read in the units that the tables show, to the byte, with the reason."""
    line = ["correct", "2026-11-22", "--sent", "1.5 MB", "--received", "2 GiB", "--reason", " the router "]
    assert main(line, environment, NOW) == 0
    name, arguments, keywords = answers.asked[0]
    assert (name, arguments[1]) == ("correct", date(2026, 11, 22))
    assert keywords == {"sent": 3 * 2**19, "received": 2**31, "reason": "the router"}


def test_live_streams_until_interrupted(
    answers: Answers, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line a measurement, each complete JSON with --json; Ctrl-C ends it quietly with 130."""
    assert main(["live", "--json"], environment, NOW) == 130
    out, err = capsys.readouterr()
    assert [json.loads(line)["data"]["total_bytes_per_second"] for line in out.splitlines()] == [9_022_000] * 3
    assert err == ""
    answers.asked.clear()
    assert main(["live"], environment, NOW) == 130
    lines = capsys.readouterr().out.splitlines()
    assert [line[-1] for line in lines] == ["█"] * 3
    assert len(lines[2]) == len(lines[0]) + 2


@pytest.mark.parametrize("device", ["this", "all", "the-id"])
def test_known_devices_are_this_one(device: str, answers: Answers, environment: dict[str, str]) -> None:
    """There is one device so far: this, all and its identity mean it."""
    Path(environment["PACKETBUDDY_HOME"], "device_id").write_text("the-id\n", encoding="utf-8")
    assert main(["today", "--device", device], environment, NOW) == 0
    assert answers.asked


WRONG = {
    "month that does not exist": (["month", "2026-13"], "2026-13"),
    "range backwards": (["range", "--from", "today", "--to", "yesterday"], "after --to"),
    "range of a century": (["range", "--from", "1970-01-01", "--to", "2070-01-01"], "50 years"),
    "range without start": (["range"], "--from"),
    "groups of a century": (["usage", "--from", "1970-01-01", "--to", "2070-01-01"], "50 years"),
    "groups by moons": (["usage", "--by", "moon"], "Did you mean 'month'?"),
    "top of none": (["usage", "--top", "0"], "--top"),
    "top of minus one": (["usage", "--top=-1"], "--top"),
    "top of words": (["usage", "--top", "ten"], "--top"),
    "two decisions": (["why", "--accept", "1", "--reject", "1"], "not allowed with"),
    "doubt by name": (["why", "--accept", "all"], "number"),
    "date in words": (["why", "someday"], "someday"),
    "negative size": (["correct", "today", "--sent=-1 GB", "--received", "0", "--reason", "x"], "--sent"),
    "absurd size": (["correct", "today", "--sent", "9 EB", "--received", "0", "--reason", "x"], "more than a day"),
    "no reason": (["correct", "today", "--sent", "1", "--received", "1", "--reason", " "], "--reason"),
    "half a correction": (["correct", "today", "--sent", "1 GB"], "--received, --reason missing"),
    "undo with sizes": (["correct", "today", "--undo", "--sent", "1"], "--undo"),
    "future correction": (["correct", "2026-11-24", "--sent", "1", "--received", "1", "--reason", "x"], "has not been"),
    "unknown option": (["today", "--jsn"], "Did you mean '--json'?"),
    "unknown command": (["tody"], "Did you mean 'today'?"),
    "unknown option of pb": (["--jsn"], "Did you mean '--json'?"),
    "empty command": ([""], "there is no command"),
    "superfluous argument": (["today", "now"], "does not know 'now'"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_wrong_usage_is_one_clear_line(
    case: str, answers: Answers, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be meant ends with 2 and one line on stderr that names it; nothing is asked or printed."""
    arguments, words = WRONG[case]
    assert main(arguments, environment, NOW) == 2
    out, err = capsys.readouterr()
    assert (out, answers.asked) == ("", [])
    assert err.startswith("pb: ")
    assert err.count("\n") == 1
    assert words in err


@pytest.mark.parametrize("name", [name for name in sorted(COMMANDS) if name != "overview"])
def test_every_command_explains_itself(
    name: str, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """--help needs no home, no ledger, and ends well."""
    assert main([name, "--help"], environment, NOW) == 0
    assert f"usage: pb {name}" in capsys.readouterr().out


def test_no_ledger_is_said_in_words(
    answers: Answers, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything was counted there are no zeros, but what to do."""

    def missing(*_arguments: object) -> None:
        raise LedgerMissingError("no file")

    monkeypatch.setattr(sys.modules["packetbuddy.answers.usage"], "today", missing)
    assert main(["today"], environment, NOW) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "pb: nothing has been counted yet. `pb service start` starts counting\n"
    assert answers.asked == []


@pytest.mark.usefixtures("answers")
def test_a_mistake_in_the_settings_is_told(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A broken config.toml ends the command with its file and key."""
    Path(environment["PACKETBUDDY_HOME"], "config.toml").write_text('[display]\nunits = "feet"\n', encoding="utf-8")
    assert main(["today"], environment, NOW) == 1
    err = capsys.readouterr().err
    assert "config.toml" in err
    assert "units" in err


@pytest.mark.usefixtures("answers")
def test_an_internal_error_is_one_line(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect shows no traceback unless asked for."""

    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("first\nsecond \x1b[31m")

    monkeypatch.setattr(sys.modules["packetbuddy.answers.usage"], "today", broken)
    assert main(["today"], environment, NOW) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith("pb: internal error: ZeroDivisionError: first second")
    assert "\x1b" not in err
    assert main(["today"], {**environment, "PACKETBUDDY_DEBUG": "1"}, NOW) == 1
    assert "Traceback" in capsys.readouterr().err


def test_range_sample_is_complete() -> None:
    """The sample spans two months, as the snapshot of a range wants."""
    assert RANGE.first.month != RANGE.last.month
