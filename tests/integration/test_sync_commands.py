"""``pb devices`` and ``pb sync`` against a real PostgreSQL: what they show, change and refuse."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from integration.postgres import Server
from integration.sync_world import Place, remote_rows, settle
from integration.test_sync_meeting import place
from packetbuddy.cli.main import main
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.devices import sync_lines
from packetbuddy.reports.model import SyncReport

NOW = time.time_ns()


class Person:
    """Somebody at the command line of the first of three devices that met."""

    def __init__(self, places: list[Place], url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.places, self.url, self._capsys = places, url, capsys
        self.environment = {"PACKETBUDDY_HOME": str(places[0].home.root), "NEON_DB_URL": url, "COLUMNS": "80"}

    def says(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output and error of a command."""
        code = main(list(words), self.environment, NOW)
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def gets(self, *words: str) -> Any:
        """The data of a command that went well."""
        code, out, err = self.says(*words, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)["data"]

    def names(self) -> list[str]:
        """Devices as they are listed."""
        return [device["name"] for device in self.gets("devices")["devices"]]


@pytest.fixture
def person(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Person:
    url = server.database("commands")
    places = [place(tmp_path, name) for name in ("kitchen", "laptop", "attic")]
    settle(places, url)
    # The command line knows this machine by its real identity; here it shall be the story's.
    places[0].machine.identity = ""
    return Person(places, url, capsys)


@pytest.fixture(autouse=True)
def _the_storys_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packetbuddy.sync.main._machine", lambda: "")


def test_devices_are_listed(person: Person) -> None:
    """A line for each, with what it moved and how old that is."""
    code, out, err = person.says("devices")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[1] for line in lines] == ["kitchen", "laptop", "attic"]
    assert "this device" in lines[0]
    assert "heard of a moment ago" in lines[1]


def test_a_new_name_is_everybodys(person: Person) -> None:
    """Renamed here, a device has its new name there too, whoever it is."""
    assert person.says("devices", "rename", "attic", "cellar")[0] == 0
    assert person.says("devices", "rename", "this", "hall")[0] == 0
    assert person.names() == ["hall", "laptop", "cellar"]
    settle(person.places[1:], person.url)
    from packetbuddy.answers.roster import devices  # noqa: PLC0415 - only here

    for one in person.places[1:]:  # the renamed one too, who goes by it from its next run on
        assert {row.name for row in devices(one.asking(), None)} == {"hall", "laptop", "cellar"}
    assert devices(person.places[2].asking(), None)[0].name == "cellar"


def test_a_retired_device_keeps_its_history(person: Person) -> None:
    """It is marked and its bytes stay; it comes back by itself when it counts again."""
    before = person.gets("summary", "--device", "all")["total_bytes"]
    assert person.says("devices", "retire", "attic")[0] == 0
    assert [device["retired"] for device in person.gets("devices")["devices"]] == [False, False, True]
    assert person.gets("summary", "--device", "all")["total_bytes"] == before


def test_forgetting_asks_first(person: Person, server: Server) -> None:
    """Without a terminal or ``--yes`` nothing is deleted; with it the device is gone for everybody."""
    code, out, err = person.says("devices", "forget", "attic")
    assert (code, out) == (2, "")
    assert "--yes" in err
    assert len(remote_rows(server, "commands")) == 3
    assert person.says("devices", "forget", "attic", "--yes")[0] == 0
    assert len(remote_rows(server, "commands")) == 2
    assert person.names() == ["kitchen", "laptop"]


WRONG = {
    "nobody": (("devices", "rename", "nobody", "x"), "no device 'nobody'"),
    "no name": (("devices", "rename", "attic"), "rename needs one"),
    "name for nothing": (("devices", "retire", "attic", "x"), "belongs to rename"),
    "a word for all": (("devices", "rename", "attic", "all"), "means something else"),
    "name that steers": (("devices", "rename", "attic", "\x1b[31m"), "cannot be a name"),
    "name of another": (("devices", "rename", "attic", "Laptop"), "another device is called 'Laptop'"),
    "which": (("devices", "retire"), "which device"),
    "all of them": (
        ("devices", "retire", "all"),
        "for one device at a time, not for all. Known: this, kitchen, laptop",
    ),
    "none of them": (("devices", "retire", "attik"), "no device 'attik' is known. Known: this, kitchen, laptop"),
    "itself": (("devices", "forget", "this", "--yes"), "cannot forget itself"),
    "a device for a list": (("devices", "list", "attic"), "alone lists them"),
    "speed of another": (("live", "--once", "--device", "attic"), "this device only"),
    "links of another": (("interfaces", "--device", "attic"), "this device only"),
    "link of all": (("today", "--device", "all", "--interface", "wlan0"), "not their links"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_what_cannot_be_meant_is_told(case: str, person: Person) -> None:
    """One line with what would be right, and nothing changed."""
    words, told = WRONG[case]
    code, out, err = person.says(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert person.names() == ["kitchen", "laptop", "attic"]


def test_a_name_that_two_devices_have_is_not_guessed(
    person: Person, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This machine's own name means this device, unless another one goes by it; no command guesses then."""
    monkeypatch.setattr("packetbuddy.cli.question._host_name", lambda _context: "Cellar")
    mine = person.gets("summary")["total_bytes"]
    assert person.gets("summary", "--device", "cellar")["total_bytes"] == mine
    assert person.gets("live", "--once", "--device", "KITCHEN").keys() == person.gets("live", "--once").keys()
    assert person.says("devices", "rename", "attic", "cellar")[0] == 0
    code, _, err = person.says("live", "--once", "--device", "Cellar")
    assert (code, "this device only" in err) == (2, True)
    server.execute("UPDATE packetbuddy.devices SET name = 'Kitchen', changed = now() WHERE name = 'cellar'", "commands")
    assert person.says("sync", "now")[0] == 0
    for command in ("summary", "today", "month", "live", ""):
        code, out, err = person.says(*command.split(), "--device", "kitchen")
        assert (code, out) == (2, "")
        assert "2 devices are called 'kitchen'" in err


def test_the_speed_now_is_always_this_ones(person: Person) -> None:
    """Bare pb for another device says whose speed it shows."""
    assert "Now, here" in person.says("--device", "attic")[1]
    assert "Now, here" not in person.says()[1]


def test_links_of_this_computer_do_not_explain_anothers_bill(person: Person) -> None:
    """Compared with the ISP's figure, another device's usage is not taken for bytes that did not count here."""
    words = ("reconcile", "--isp", "1 GB", "--from", "2026-03-01", "--to", "2026-03-02")
    for device in ("attic", "all"):
        assert "interfaces" not in person.says(*words, "--device", device)[1]


def test_now_and_status(person: Person) -> None:
    """A run by hand says what it did; status what holds, and a password never shows."""
    code, out, _ = person.says("sync", "now")
    assert code == 0
    assert out.startswith("Synchronised: ")
    status = person.gets("sync", "status")
    assert (status["state"], status["devices"], status["problem"]) == ("ok", 3, None)
    person.environment["NEON_DB_URL"] = "postgresql://me:topsecret@127.0.0.1:1/x"
    code, out, err = person.says("sync", "now")
    assert code == 1
    assert "nobody listens at 127.0.0.1" in err
    status = person.gets("sync", "status")
    assert (status["state"], "nobody listens" in status["problem"]) == ("failing", True)
    assert "topsecret" not in json.dumps(status) + out + err


def test_without_a_url_it_says_how(person: Person) -> None:
    """No database is no failure of the rest: status says off, now says what to set."""
    del person.environment["NEON_DB_URL"]
    assert "Sync is off" in person.says("sync", "status")[1]
    code, _, err = person.says("sync", "now")
    assert code == 1
    assert "NEON_DB_URL" in err


def test_rights_are_printed(person: Person) -> None:
    """``pb sync sql`` gives the database's owner what there is to run."""
    assert "ENABLE ROW LEVEL SECURITY" in person.says("sync", "sql")[1]


@pytest.mark.parametrize("state", ["off", "waiting", "ok", "failing"])
def test_every_state_has_words(state: str) -> None:
    """Each state begins with a sentence, on the narrowest paper too."""
    report = SyncReport(state, "postgresql://***@host/x", None, None, "a problem" if state == "failing" else None, 0)
    for columns in (30, 100):
        lines = sync_lines(report, Paper(columns), now_ns=NOW)
        assert lines[0].startswith("Sync ")
        assert all(len(line) <= columns or " " not in line.strip() for line in lines)
