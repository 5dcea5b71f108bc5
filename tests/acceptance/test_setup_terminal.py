"""Setup with somebody at the terminal."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from acceptance.newcomers import ROOT, Newcomer, Sitting, arriving
from integration.postgres import Server
from machine.netns import requires_netns, wait_until
from packetbuddy.settings.sample import default_text

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX"),
]

SECRET = "sésame%20&%20open%2F"  # noqa: S105 - nobody's
COVERAGE = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
CONTROL_C, CONTROL_D = "\x03", "\x04"
STEPS = ["Python", "Version", "Settings", "Cloud sync", "Data plan", "Registered", "Started", "Auto-start", "Ledger"]
STEPS += ["Command", "Dashboard", "Look"]


@pytest.mark.machine
@requires_netns
def test_both_questions_are_answered(tmp_path: Path, wheels: Path, server: Server) -> None:
    """In a terminal, from inside another environment: a database that is tried, a plan, each step a line.

    What is typed for the database is never on the screen or in the log; the version stands on the system's Python; the
    service that was started synchronises by itself, and what it counts is in the database to the byte.
    """
    with arriving(tmp_path, wheels, clone=ROOT, python=Path(sys.prefix), extra=COVERAGE) as person:
        server.database("neondb")
        socket = quote(str(server.folder), safe="")  # a namespace's loopback is its own
        place = f"{socket}:{server.port}/neondb?sslmode=disable"
        sitting = Sitting(person.command("bash", person.script), person.environment())
        sitting.answer("Enable cloud sync? (y/n) [n]: ", "y")
        sitting.answer("NeonDB URL: ", f"postgresql://postgres:{SECRET}@{place}")
        sitting.answer("Data plan", "100 GB")
        sitting.answer("on which day", "5")
        assert sitting.ends() == 0, sitting.screen

        home = person.home / ".packetbuddy"
        assert [step for step in STEPS if len(re.findall(rf"^{step}: ", sitting.screen, re.MULTILINE)) != 1] == []
        assert f"postgresql://***@{place}" in sitting.screen
        assert "http://127.0.0.1:7373/dashboard" in sitting.screen
        log = (home / "setup.log").read_text("utf-8")
        assert [word for word in ("sésame", "open%2F") if word in sitting.screen + log] == []
        assert "sésame" in (home / "config.toml").read_text("utf-8")
        assert (home / "config.toml").stat().st_mode & 0o777 == 0o600
        assert person.pb("config", "get", "plan.cap")["value"] == ["100 GB"]
        wait_until(lambda: person.pb("sync", "status")["state"] == "ok", 40)
        moved = (person.wire.upload(7), person.wire.download(9))
        wait_until(lambda: person.stored() == moved, 90)  # it writes every 30 s
        wait_until(lambda: _synchronised(person), 60)
        taken_up = "SELECT device::text, sum(tx)::bigint, sum(rx)::bigint FROM packetbuddy.days GROUP BY device"
        assert server.execute(taken_up, "neondb") == [(person.pb("devices")["devices"][0]["id"], *moved)]
        assert person.counts_once()
        base = (home / "versions/current/bin/python").resolve()
        assert not base.is_relative_to(ROOT)

        again = Sitting(person.command("bash", person.script), person.environment())
        assert again.ends() == 0, again.screen
        assert "Already installed" in again.screen
        assert f"postgresql://***@{place}, as before" in again.screen
        assert person.counts_once()


def _synchronised(person: Newcomer) -> bool:
    """Whether that was done now; else another run was at work, which is told."""
    command = person.command(str(person.launcher), "sync", "now")
    done = subprocess.run(command, env=person.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "another run is at work" in done.stderr, done.stderr
    return done.returncode == 0


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
