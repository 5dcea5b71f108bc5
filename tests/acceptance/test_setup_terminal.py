"""Setup with somebody at the terminal."""

import os
import re
import socket
import sys
from pathlib import Path

import pytest

from acceptance.newcomers import ROOT, Sitting, arriving
from machine.netns import requires_netns
from packetbuddy.settings.sample import default_text

pytestmark = [pytest.mark.acceptance, pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")]

SECRET = "sésame & open/?"  # noqa: S105 - nobody's
COVERAGE = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
CONTROL_C, CONTROL_D = "\x03", "\x04"
STEPS = ["Python", "Version", "Settings", "Cloud sync", "Data plan", "Registered", "Started", "Auto-start", "Ledger"]
STEPS += ["Command", "Dashboard", "Look"]


@pytest.mark.machine
@requires_netns
def test_both_questions_are_answered(tmp_path: Path, wheels: Path) -> None:
    """In a terminal, from inside another environment: sync to a database that answers, a plan, each step a line.

    What is typed for the database is never on the screen or in the log; the version stands on the system's Python.
    """
    with arriving(tmp_path, wheels, clone=ROOT, python=Path(sys.prefix), extra=COVERAGE) as person:
        database = person.wire.host.socket(socket.SOCK_STREAM, bind="127.0.0.1")
        database.listen(5)
        place = f"127.0.0.1:{database.getsockname()[1]}/neondb?sslmode=require"
        sitting = Sitting(person.command("bash", person.script), person.environment())
        sitting.answer("Enable cloud sync? (y/n) [n]: ", "y")
        sitting.answer("NeonDB URL: ", f"postgresql://me:{SECRET}@{place}".replace(" ", "%20"))
        sitting.answer("Data plan", "100 GB")
        sitting.answer("on which day", "5")
        assert sitting.ends() == 0, sitting.screen

        home = person.home / ".packetbuddy"
        assert [step for step in STEPS if len(re.findall(rf"^{step}: ", sitting.screen, re.MULTILINE)) != 1] == []
        assert f"postgresql://***@{place}" in sitting.screen
        assert "http://127.0.0.1:7373/dashboard" in sitting.screen
        log = (home / "setup.log").read_text("utf-8")
        assert [word for word in ("sésame", "open/?") if word in sitting.screen + log] == []
        assert "sésame" in (home / "config.toml").read_text("utf-8")
        assert (home / "config.toml").stat().st_mode & 0o777 == 0o600
        assert person.pb("config", "get", "plan.cap")["value"] == ["100 GB"]
        assert person.counts_once()
        base = (home / "versions/current/bin/python").resolve()
        assert not base.is_relative_to(ROOT)

        again = Sitting(person.command("bash", person.script), person.environment())
        assert again.ends() == 0, again.screen
        assert "Already installed" in again.screen
        assert f"postgresql://***@{place}, as before" in again.screen
        assert person.counts_once()


def test_leaving_the_questions(tmp_path: Path) -> None:
    """Ctrl-D at a question, the hidden one too, is an empty answer; Ctrl-C ends with 130; config.toml stays whole."""
    command = [sys.executable, "-m", "packetbuddy.installing", str(tmp_path), "--ask"]
    sitting = Sitting(command, {**os.environ, "NEON_DB_URL": ""})
    sitting.answer("Enable cloud sync? (y/n) [n]: ", "y")
    sitting.press("NeonDB URL: ", CONTROL_D)
    sitting.press("Data plan", CONTROL_D)
    assert sitting.ends() == 0, sitting.screen
    text = (tmp_path / "config.toml").read_text("utf-8")
    leaving = Sitting(command, {**os.environ, "NEON_DB_URL": ""})
    leaving.press("Enable cloud sync? (y/n) [n]: ", CONTROL_C)
    assert leaving.ends() == 130, leaving.screen
    assert (tmp_path / "config.toml").read_text("utf-8") == text == default_text()
