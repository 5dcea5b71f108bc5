"""The questions of setup, with a script of answers in the person's place, at a real PostgreSQL."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from integration.postgres import Server
from packetbuddy.errors import SettingsError
from packetbuddy.installing import database, plan
from packetbuddy.installing.settling import main, make_config
from packetbuddy.settings.database import database_url, sync_enabled
from packetbuddy.settings.load import load
from packetbuddy.settings.places import Home
from unit.ports import free_port

SECRET = "s3cret"  # noqa: S105 - nobody's


class Script:
    """A person who answers what is written here and then nothing; ``asked`` holds the questions."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return self._answers.pop(0) if self._answers else ""

    def ask_hidden(self, question: str) -> str:
        return self.ask(question)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="module")
def port(server: Server) -> int:
    """Where a database is that somebody may make tables in."""
    if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'setup'"):
        server.execute(f"CREATE ROLE setup LOGIN PASSWORD '{SECRET}'")
        server.execute("CREATE DATABASE setup OWNER setup")
    return server.port


def url(port: int, host: str = "127.0.0.1") -> str:
    return f"postgresql://setup:{SECRET}@{host}:{port}/setup"


def known(home: Home) -> str | None:
    return load(home.config).sync.url


def test_config_is_made_once(home: Home) -> None:
    """New with all defaults and for its owner only; a file that is there stays as it is."""
    assert make_config(home) is True
    assert home.config.stat().st_mode & 0o777 == 0o600
    home.config.write_text("[api]\nport = 1\n")
    assert make_config(home) is False
    assert load(home.config).api.port == 1


def test_nobody_there_means_no_question(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal everything has an answer, and each step says it."""
    assert main(home, {}, None) == 0
    said = capsys.readouterr().out
    assert [re.split(r"(?<=:) ", line)[0] for line in said.splitlines()] == ["Settings:", "Cloud sync:", "Data plan:"]
    assert known(home) is None
    assert load(home.config).plans == ()


def test_the_variable_is_copied_and_said(home: Home, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    """NEON_DB_URL goes into config.toml, 0600; the words hold the place and never the password."""
    assert main(home, {"NEON_DB_URL": f" {url(port)} "}, None) == 0
    said = capsys.readouterr().out
    assert known(home) == url(port)
    assert home.config.stat().st_mode & 0o777 == 0o600
    assert "NEON_DB_URL is copied into config.toml" in said
    assert f"postgresql://***@127.0.0.1:{port}/setup" in said
    assert SECRET not in said


def test_a_database_that_is_away_is_kept_for_later(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal an unreachable database is told and kept."""
    assert main(home, {"PACKETBUDDY_DB_URL": url(free_port())}, None) == 0
    assert "nobody listens at 127.0.0.1; the URL is kept for later" in capsys.readouterr().out
    assert known(home) is not None


def test_a_variable_that_is_no_database_is_left_out(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, not shown, and nothing is written."""
    assert main(home, {"NEON_DB_URL": f"mysql://me:{SECRET}@host"}, None) == 0
    said = capsys.readouterr().out
    assert "NEON_DB_URL holds no database URL" in said
    assert SECRET not in said
    assert known(home) is None


def test_both_questions_answered(home: Home, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Yes, a URL that answers, a size and a day: all four are in config.toml, no secret on the screen."""
    person = Script("y", url(port), "100 GB", "5")
    assert main(home, {}, person) == 0
    assert person.asked == [database.ENABLE, database.URL, plan.CAP, plan.STARTS]
    assert known(home) == url(port)
    (made,) = load(home.config).plans
    assert (made.cap, made.cycle.kind, made.cycle.starts) == (100 * 10**9, "monthly", 5)
    assert "[[plan]]" in home.config.read_text("utf-8")
    assert SECRET not in capsys.readouterr().out


def test_enter_means_no(home: Home) -> None:
    """Who only presses Enter has no sync and no plan; so has who leaves the terminal."""
    assert main(home, {}, Script()) == 0
    assert (known(home), load(home.config).plans) == (None, ())


def test_answers_that_mean_nothing_are_asked_again(home: Home, port: int) -> None:
    """Neither yes nor no, no URL, no size, no day: each question comes again until its answer makes sense."""
    person = Script("maybe", "YES", "hello", url(port), "lots", "50", "50 GB a month", "x", "32", "31")
    assert main(home, {}, person) == 0
    assert known(home) == url(port)
    assert load(home.config).plans[0].cycle.starts == 31
    assert [person.asked.count(one) for one in (database.ENABLE, database.URL, plan.CAP, plan.STARTS)] == [2, 2, 3, 3]


@pytest.mark.parametrize(("keep", "kept"), [("y", True), ("n", False), ("", False)])
def test_unreachable_is_said_and_asked_about(home: Home, keep: str, kept: bool) -> None:
    """A database that does not answer is kept only when the person says so; else the URL is asked for again."""
    person = Script("y", url(free_port()), keep)
    assert main(home, {}, person) == 0
    assert (known(home) is not None) is kept
    assert database.KEEP in person.asked
    assert person.asked.count(database.URL) == (1 if kept else 2)


def test_enter_takes_the_variables_url(home: Home, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    """With NEON_DB_URL set and a person there, it is offered, masked; it is asked again when it does not answer."""
    assert main(home, {"NEON_DB_URL": url(port)}, Script("y")) == 0
    assert known(home) == url(port)
    assert "press Enter to use it" in capsys.readouterr().out


def test_again_asks_nothing_that_is_known(home: Home, port: int) -> None:
    """What config.toml says already is kept: the second time there is no question, without a terminal neither."""
    main(home, {}, Script("y", url(port), "10 GB"))
    before = home.config.read_bytes()
    person = Script("n", "1 GB")
    assert main(home, {}, person) == 0
    assert person.asked == []
    assert main(home, {"NEON_DB_URL": url(port)}, None) == 0
    assert home.config.read_bytes() == before


def test_another_variable_replaces_the_url(home: Home, port: int) -> None:
    """Without a terminal a new NEON_DB_URL is what the person wants now; with one, no means as before."""
    main(home, {"NEON_DB_URL": url(port)}, None)
    main(home, {"NEON_DB_URL": url(port, "localhost")}, Script("n"))
    assert known(home) == url(port)
    main(home, {"NEON_DB_URL": url(port, "localhost")}, None)
    assert known(home) == url(port, "localhost")


def test_sync_that_was_turned_off_stays_off(home: Home, port: int) -> None:
    """``enabled = false`` is respected: no question, no copy."""
    home.config.write_text("[sync]\nenabled = false\n")
    person = Script()
    assert main(home, {"NEON_DB_URL": url(port)}, person) == 0
    assert person.asked == [plan.CAP]
    assert known(home) is None


def test_a_mistake_in_config_is_told_and_left(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with a mistake is not touched and stops nothing."""
    home.config.write_text("[api]\nprot = 1\n")
    assert main(home, {}, Script("y")) == 0
    assert "nearest: api.port" in capsys.readouterr().out
    assert home.config.read_text("utf-8") == "[api]\nprot = 1\n"


def test_a_config_that_cannot_be_made_is_told(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    """A home that went away: one line, exit code 1."""
    gone = Home(home.root / "gone")
    with pytest.raises(SettingsError, match="cannot be written"):
        make_config(gone)
    assert main(gone, {}, None) == 1
    assert capsys.readouterr().err.startswith("setup: ")


@pytest.mark.skipif(os.name != "posix", reason="a pipe that nobody reads is POSIX's")
def test_nobody_who_reads_on_is_told_in_one_line(tmp_path: Path) -> None:
    """`setup.sh | head` closes the output in the middle: no traceback, and exit code 1."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "packetbuddy.installing", str(tmp_path)]
    with open(writer, "wb") as closed:  # noqa: PTH123 - a descriptor
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "setup: output: Broken pipe\n")


def test_ctrl_c_is_no_failure(home: Home) -> None:
    """It ends with 130, and what was settled before stays."""

    class Leaving(Script):
        def ask(self, question: str) -> str:
            raise KeyboardInterrupt(question)

    assert main(home, {}, Leaving()) == 130
    assert home.config.exists()


BAD = {
    "password": (
        "postgresql://setup:wr0ng@127.0.0.1:{port}/setup",
        "the database refuses user or password; check the URL",
    ),
    "database": (f"postgresql://setup:{SECRET}@127.0.0.1:{{port}}/nothere", "the server has no such database; check"),
    "rights": (
        f"postgresql://setup:{SECRET}@127.0.0.1:{{port}}/postgres",
        "this role may not do that in the database; let",
    ),
    "host": (f"postgresql://setup:{SECRET}@nowhere.invalid/setup", "the host nowhere.invalid is not known"),
    "a socket": (f"postgresql://setup:{SECRET}@%2Fnowhere/setup", ""),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_what_is_wrong_is_said_before_it_is_taken(case: str, port: int) -> None:
    """A URL that would not do for meeting is told in the words of sync, and its password is in none of them."""
    text, told = BAD[case]
    said = database.tried(text.format(port=port))
    assert said
    assert told in said
    assert [word for word in (SECRET, "wr0ng", "\n", "sync:") if word in said] == []


def test_a_machine_without_libpq_is_told_so() -> None:
    """Where no wheel brings PostgreSQL's library along, that is said instead of a traceback."""
    hidden = "import sys; sys.modules['psycopg'] = None; from packetbuddy.sync.trial import main"
    asked = "sys.exit(main({'PACKETBUDDY_DB_URL': 'postgresql://h/d'}))"
    command = [sys.executable, "-c", f"{hidden}; {asked}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "PostgreSQL's library libpq is not on this machine; install it (Debian: apt install libpq5)\n"


def test_what_was_taken_is_there_for_devices(home: Home, port: int, server: Server) -> None:
    """The tables are made while it is tried, and the settings mean that sync is on."""
    server.execute("DROP SCHEMA IF EXISTS packetbuddy CASCADE", "setup")
    assert main(home, {}, Script("y", url(port))) == 0
    assert server.execute("SELECT count(*) FROM packetbuddy.devices", "setup") == [(0,)]
    settings = load(home.config)
    assert (sync_enabled(settings, {}), database_url(settings, {})) == (True, url(port))
