"""`pb doctor` as programs and people read it: the shape of its JSON, its exit codes, its paper."""

import json
import os
import sys
from pathlib import Path

import pytest

from contract.asking import Ask, asker
from packetbuddy.doctor.diagnosis import CHECKS
from packetbuddy.doctor.findings import LEVELS

NOW = 1_795_500_000 * 10**9
SECRET = "geheim"  # noqa: S105 - the secret that must not be found
PAGE = Path(__file__).parents[2] / "docs/how-to/troubleshooting.md"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ask(home: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    return asker("doctor", home, capsys, now_ns=NOW)


def test_the_shape_of_its_json(ask: Ask, home: Path) -> None:
    """One envelope; findings have four texts each, links say whether and why they count; every check is named."""
    home.mkdir(mode=0o700)
    found = ask("--json")
    assert json.loads(found.out)["command"] == "doctor"
    data = found.data
    assert set(data) == {"state", "looked_at", "findings", "seen", "links"}
    assert data["looked_at"] == list(CHECKS)
    for each in data["findings"]:
        assert list(each) == ["check", "level", "text", "remedy"]
        assert each["level"] in LEVELS
        assert all(isinstance(value, str) and value for value in each.values())
    assert {"name", "kind", "counted", "uncertain", "reason"} == set(data["links"][0])
    assert all(isinstance(each, str) for each in data["seen"])
    assert data["state"] == "broken"
    assert found.code == 1


def test_it_writes_nothing_where_nothing_is(ask: Ask, home: Path) -> None:
    """Without a home it says so, fails, and makes none."""
    found = ask()
    assert (found.code, found.err) == (1, "")
    assert f"Thereisno{home}" in "".join(found.out.split())  # a long path is broken where the line ends
    assert not home.exists()


def test_it_answers_where_every_other_command_fails(ask: Ask, home: Path) -> None:
    """Settings that are no text, a ledger that is none, a folder for a lock: each is a finding, none a failure."""
    home.mkdir(mode=0o700)
    (home / "config.toml").write_bytes(b"\xff\xfe\x00")
    (home / "packetbuddy.db").write_bytes(bytes(range(256)) * 64)
    (home / "monitor.lock").mkdir()
    (home / "stderr.log").mkdir()
    (home / "backups").write_text("a file", "utf-8")
    (home / "versions").symlink_to("nowhere")
    found = ask("--json")
    assert (found.code, found.err) == (1, "")
    checks = {each["check"] for each in found.data["findings"] if each["level"] == "broken"}
    assert {"settings", "ledger", "monitor"} <= checks


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes are POSIX's")
def test_named_pipes_hold_nobody_up(ask: Ask, home: Path) -> None:
    """In the place of every file that is read: each is a finding, none is waited for."""
    (home / "backups").mkdir(mode=0o700, parents=True)
    for name in (
        "config.toml", "packetbuddy.db", "monitor.lock", "supervisor.pid", "stderr.log", "device_id",
        "backups/packetbuddy-2026-11-23.db", "versions",
    ):  # fmt: skip
        os.mkfifo(home / name, 0o600)
    found = ask("--json")
    assert (found.code, found.err) == (1, "")
    assert {"settings", "ledger", "backups"} <= {each["check"] for each in found.data["findings"]}


def test_no_secret_is_ever_said(ask: Ask, home: Path) -> None:
    """URLs with passwords, good and bad ones, from file and environment, appear nowhere."""
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(f'[sync]\nurl = "postgresql://a:{SECRET}@b/c"\nnonsense = 1\n', "utf-8")
    urls = {"NEON_DB_URL": f"postgresql://a:{SECRET}@d/e", "PACKETBUDDY_DB_URL": f"ftp:/{SECRET}"}
    for words in ((), ("--json",)):
        found = ask(*words, **urls)
        assert "NEON_DB_URL" in found.out
        assert SECRET not in found.out + found.err


def test_its_paper(ask: Ask, home: Path) -> None:
    """60 columns hold it, without colours where none are wanted, in ASCII where that is asked for."""
    home.mkdir(mode=0o755)
    found = ask(COLUMNS="60", NO_COLOR="1", FORCE_COLOR="1", PACKETBUDDY_ASCII="1")
    assert found.out.isascii()
    assert "\x1b" not in found.out
    assert max(map(len, found.out.splitlines())) <= 60
    assert "\x1b[" in ask(FORCE_COLOR="1").out


def test_every_check_is_explained() -> None:
    """The troubleshooting page has a section for each check that a finding may name."""
    page = PAGE.read_text("utf-8")
    assert [name for name in (*CHECKS, "zone", "doubts") if f"\n### `{name}`" not in page] == []


@pytest.mark.skipif(sys.platform == "win32", reason="TZ is POSIX's")
def test_a_nonsense_tz_is_told_beside_the_answer(tmp_path: Path) -> None:
    """Commands that show days say on stderr what is wrong with TZ, unless the settings name a zone, which wins."""
    from contract.test_cli_process import run  # noqa: PLC0415 - a process has its own TZ

    said = run(["today"], tmp_path, TZ="Mars/Phobos").stderr.splitlines()
    assert said[0].startswith("pb: TZ is 'Mars/Phobos', which names no time zone here")
    assert "TZ" not in run(["today"], tmp_path, TZ="Asia/Kolkata").stderr
    (tmp_path / "config.toml").write_text('[display]\ntimezone = "Asia/Tokyo"\n', "utf-8")
    assert "TZ" not in run(["today"], tmp_path, TZ="Mars/Phobos").stderr
