"""Setup in the home of a PacketBuddy 1.x that runs."""

import contextlib
import shlex
import sqlite3
import sys
from datetime import date
from pathlib import Path

import pytest

from acceptance.newcomers import Newcomer, ended_when_told
from integration.predecessor_making import DayRow, make_predecessor, make_server
from machine.netns import requires_netns, wait_until
from unit.calm import Stopwatch

pytestmark = [pytest.mark.acceptance, pytest.mark.machine, pytest.mark.timeout(900), requires_netns]

DAYS = [DayRow(date(2025, 3, 1), 1_000_000, 20_000_000), DayRow(date(2025, 3, 30), 7, 9)]
CONFIG = '[monitoring]\npoll_interval = 1\nmax_delta_bytes = 1000000000\n[database]\nneon_url = ""\n'
"""As 1.x wrote it: keys that nobody needs any more are read over."""


def _logged(database: Path) -> tuple[int, int]:
    """What the rows of its log hold; 1.x writes one each moment."""
    query = "SELECT coalesce(sum(bytes_sent), 0), coalesce(sum(bytes_received), 0) FROM usage_logs"
    with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as base:
        sent, received = base.execute(query).fetchone()
    return sent, received


def test_the_days_of_1x_come_along(newcomer: Newcomer, version: Path, tmp_path: Path) -> None:
    """It is stopped, its database set aside, its settings kept; the line that is told brings its days, once."""
    person, home = newcomer, newcomer.home / ".packetbuddy"
    person.has(version)
    ledger = make_predecessor(home / "packetbuddy.db", days=DAYS)
    (home / "config.toml").write_text(CONFIG)
    clone = make_server(tmp_path / "1.x")
    former = person.wire.host.start([sys.executable, "-m", "src.api.server"], cwd=clone, env=person.environment())
    wait_until(lambda: _logged(ledger) > (0, 0))

    watch = Stopwatch()
    said = person.setup()
    assert ended_when_told(former, watch)
    (kept,) = (home / "backups").glob("packetbuddy-1.x-*.db")
    assert f"PacketBuddy 1.x was stopped; its database is kept as {kept}." in said
    assert (home / "config.toml").read_text() == CONFIG
    assert person.today() == (0, 0)
    counted = (person.wire.upload(20), person.wire.download(30))

    (offered,) = (line.partition("pb import ")[2] for line in said.splitlines() if "pb import " in line)
    told = person.pb("import", *shlex.split(offered), "--apply")
    assert told["kind"] == "PacketBuddy 1.x"
    assert [(day["bytes_sent"], day["bytes_received"]) for day in _days(person) if day["total_bytes"]] == [
        (row.sent, row.received) for row in DAYS
    ]
    logged = _logged(kept)
    assert person.today() == (logged[0] + counted[0], logged[1] + counted[1])

    assert "1.x" not in person.setup()
    assert person.pb("import", str(kept))["new"]["total_bytes"] == 0
    assert person.counts_once()


def _days(person: Newcomer) -> list[dict[str, int]]:
    return list(person.pb("month", "2025-03")["days"])
