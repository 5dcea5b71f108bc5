"""How facts are gathered where a whole installation is not needed to see it."""

import os
import stat
import sys
from pathlib import Path

import pytest

from packetbuddy.doctor.looks import books, launcher, machine, monitor, place, python
from packetbuddy.errors import HomeError, LedgerReadOnlyError, ProbeError, ServiceError
from packetbuddy.probes.face import Probe
from packetbuddy.probes.neighbours import Counting
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home

STAMP = "2026-11-23T08:00:00Z"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.root.mkdir(mode=0o700)
    return made


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([], ""),
        (["info PacketBuddy 2 is counting"], ""),
        (["error one", "info PacketBuddy 2 is counting"], ""),
        (["info PacketBuddy 2 is counting", "error one", "info other"], "error one"),
        (["error one", "error two", "info supervisor: waits"], "error two"),
        (["Traceback", "info supervisor: the program is gone"], "info supervisor: the program is gone"),
    ],
)
def test_last_words_are_those_since_the_last_start(lines: list[str], last: str, home: Home) -> None:
    """The last error, else the supervisor's last word; what stands before a start that worked is over."""
    home.stderr_log.write_text("".join(f"{STAMP} {line}\n" for line in lines), "utf-8")
    assert monitor.look(home, {}).last_words == (f"{STAMP} {last}" if last else "")


def test_neighbours_of_other_homes_are_none_of_ours(home: Home, tmp_path: Path) -> None:
    """Only a process whose own view of the file system has this folder there counts into it."""
    (tmp_path / ".packetbuddy").symlink_to(home.root)
    ours = Counting(os.getpid(), str(home.root), "/")
    assert monitor._counts_here(ours, home)
    assert monitor._counts_here(ours._replace(asked="", user_home=str(tmp_path)), home)
    assert not monitor._counts_here(ours._replace(asked=None), home)
    assert not monitor._counts_here(ours._replace(asked=str(tmp_path)), home)
    assert not monitor._counts_here(ours._replace(pid=2**22 + 1), home) or sys.platform != "linux"


def test_what_the_system_does_not_tell_is_not_made_up(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """No list of processes, no service manager, no listeners, no counters: each is an own answer."""

    def silent(*_: object, **_more: object) -> None:
        raise ProbeError("it does not tell")

    def refusing(*_: object, **_more: object) -> None:
        raise ServiceError("none here")

    monkeypatch.setattr(monitor, "counting", silent)
    monkeypatch.setattr(monitor, "service_for", refusing)
    monkeypatch.setattr(monitor, "registered_with", refusing)
    monkeypatch.setattr(machine, "listeners", silent)
    told = monitor.look(home, {})
    assert (told.others, told.managed, told.held) == ((), False, False)
    assert monitor.look_at_service(home, {}).problem == "none here"
    assert machine.look_at_port(parse({})).listeners is None
    assert machine.look(parse({}), silent).problem == "it does not tell"  # type: ignore[arg-type]


class Mute:
    """A probe that opens and then says nothing."""

    closed = False

    def look(self) -> None:
        raise ProbeError("no answer")

    def close(self) -> None:
        Mute.closed = True


def test_a_probe_that_fails_is_closed(home: Home) -> None:
    """Its words are the finding."""

    def opened() -> Probe:
        return Mute()  # type: ignore[return-value]

    assert machine.look(parse({}), opened).problem == "no answer"
    assert Mute.closed
    assert home.root.is_dir()


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_rights_are_told_for_the_folder_and_its_files(home: Home) -> None:
    """Whatever others may do with the home, the settings, the ledger with its companions, the backups; no links."""
    for name in ("config.toml", "packetbuddy.db", "packetbuddy.db-wal", "other.txt"):
        (home.root / name).touch(0o644)
    home.device_id.symlink_to("config.toml")
    home.backups.mkdir(0o700)
    told = place.look(home, {}, home.root)
    names = ("config.toml", "packetbuddy.db", "packetbuddy.db-wal")
    assert told.open_to_others == tuple(str(home.root / name) for name in names)
    home.root.chmod(0o1777)
    assert str(home.root) not in place.look(home, {}, home.root).open_to_others
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o1777


def test_a_place_that_cannot_be_looked_at(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refusal of the system has an answer of its own."""

    def denied(*_: object, **_more: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(books, "examine", denied)
    assert isinstance(books.look(home).problem, LedgerReadOnlyError)
    monkeypatch.setattr(books, "daily_backups", denied)
    assert books.look_at_backups(home) is None
    monkeypatch.setattr(monitor, "last_lines", denied)
    monkeypatch.setattr(monitor, "living_owner", lambda _: (_ for _ in ()).throw(HomeError("cannot read")))
    assert (monitor.look(home, {}).last_words, monitor.look(home, {}).signed_lives) == ("", False)
    monkeypatch.setattr(python, "cache_from_source", lambda name: f"{name}/\0")
    assert python.look().uncompiled
    monkeypatch.setattr(Path, "stat", denied)
    assert place.look(home, {}, home.root).kind == "closed"


def test_an_interpreter_that_does_not_answer_is_broken(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs is ended after its time."""
    current = home.versions / "current"
    (current / "bin").mkdir(parents=True)
    script = current / "bin" / "python"
    script.write_text("#!/bin/sh\nexec sleep 60\n", "utf-8")
    script.chmod(0o700)
    monkeypatch.setattr(launcher, "TRY_SECONDS", 0.2)
    assert launcher.look(home, {}, home.root).interpreter_state == "broken"


def test_the_interpreter_that_runs_this_is_not_asked_again(home: Home) -> None:
    """It is the installed one, and it runs."""
    home.versions.mkdir()
    (home.versions / "current").symlink_to(sys.prefix)
    assert launcher.look(home, {}, home.root).interpreter_state == "fine"


def test_the_pointer_to_the_version_may_be_a_file(home: Home) -> None:
    """On Windows a file names the current version; one that names nothing there is a dead end."""
    home.versions.mkdir()
    (home.versions / "2.0.0-x").symlink_to(sys.prefix)
    (home.versions / "current").write_text("2.0.0-x\r\n", "utf-8")
    found = launcher.look(home, {}, home.root)
    assert (found.current_state, found.interpreter_state) == ("fine", "fine")
    (home.versions / "current").write_bytes(b"2.0.1-y")
    assert launcher.look(home, {}, home.root).current_state == "broken"
    (home.versions / "current").write_bytes(b"\xff\xfe")
    assert launcher.look(home, {}, home.root).current_state == "broken"


def test_an_unknown_zone_still_gives_times(home: Home) -> None:
    """In the zone of this machine."""
    assert machine.zone_of(parse({"display": {"timezone": "Mars/Phobos"}}), {"TZ": "Asia/Tokyo"}, 0) is not None
    assert home.root.exists()
