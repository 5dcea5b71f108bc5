"""A real vnstatd counts real traffic in a namespace; its database becomes usage to the byte of its own report."""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from machine.monitor import Monitor, Moved
from machine.netns import Namespace, Wire, requires_netns, wait_until

pytestmark = [
    pytest.mark.machine,
    requires_netns,
    pytest.mark.skipif(shutil.which("vnstatd") is None, reason="vnstatd is not installed (Debian: vnstat)"),
]
SETTINGS = """
DatabaseDir "{folder}"
UpdateInterval 20
PollInterval 2
SaveInterval 1
BandwidthDetection 0
MaxBandwidth 0
CheckDiskSpace 0
UseLogging 0
DaemonUser ""
DaemonGroup ""
"""
IN_UTC = {**os.environ, "TZ": "UTC"}


class Daemon:
    """vnStat's daemon in a namespace, with a database of its own."""

    def __init__(self, space: Namespace, folder: Path) -> None:
        folder.mkdir()
        self.space, self.settings, self.database = space, folder / "vnstat.conf", folder / "vnstat.db"
        self.settings.write_text(SETTINGS.format(folder=folder), encoding="utf-8")
        command = ["vnstatd", "--config", str(self.settings), "--nodaemon", "--alwaysadd"]
        self.process = space.start(command, env=IN_UTC, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(lambda: self.database.exists() and bool(self.told()), 20)

    def stop(self) -> None:
        """End it; it saves what it knows."""
        self.process.terminate()
        self.process.wait(20)

    def saved(self, received: int) -> None:
        """Return when its database holds more than so many received bytes; it is asked to save again and again."""

        def done() -> bool:
            self.process.send_signal(signal.SIGHUP)
            return bool(self.told().get("total", {"rx": 0})["rx"] > received)

        wait_until(done, 90)

    def told(self) -> dict[str, Any]:
        """Its own report of eth0, empty while it has none."""
        command = ["vnstat", "--config", str(self.settings), "--json", "-i", "eth0"]
        done = subprocess.run(command, env=IN_UTC, capture_output=True, text=True, check=False)
        try:
            return dict(json.loads(done.stdout)["interfaces"][0]["traffic"])
        except (ValueError, KeyError, IndexError):
            return {}


@pytest.fixture
def daemon(host: Namespace, wire: Wire, tmp_path: Path) -> Iterator[Daemon]:
    assert wire.host is host
    made = Daemon(host, tmp_path / "vnstat")
    yield made
    made.stop()


def test_its_own_totals_per_day_and_month(wire: Wire, host: Namespace, daemon: Daemon, tmp_path: Path) -> None:
    """Each day and month that it tells reads the same after the import, and nothing is added by a second one."""
    before = daemon.told()["total"]
    wire.upload(300)
    wire.download(500)
    wire.stream_down(3_000_000)
    wire.host.settle("eth0")
    daemon.saved(before["rx"] + 3_000_000)
    daemon.stop()
    told = daemon.told()
    monitor = Monitor(host, tmp_path)
    monitor.start()
    plan = monitor.pb("import", str(daemon.database), "--interface", "eth0", "--zone", "UTC", "--apply")
    assert (plan["bytes_received"], plan["bytes_sent"]) == (told["total"]["rx"], told["total"]["tx"])
    assert plan["left_out_bytes"] == 0
    sql = """SELECT rx, tx FROM days JOIN interfaces ON interfaces.id = interface
        WHERE interfaces.name = 'import 1' AND day = ?"""
    for row in told["day"]:
        (stored,) = monitor.query(sql, row["timestamp"] // 86_400)
        assert (stored["rx"], stored["tx"]) == (row["rx"], row["tx"])
    assert sum(row["rx"] for row in told["month"]) == plan["new"]["bytes_received"]
    again = monitor.pb("import", str(daemon.database), "--interface", "eth0", "--zone", "UTC", "--apply")
    assert (again["number"], again["new"]["total_bytes"]) == (None, 0)
    total = moved_of(told) + monitor.committed("eth0")
    assert monitor.stop() == 0
    assert monitor.committed() == total
    monitor.audit()


def moved_of(told: dict[str, Any]) -> Moved:
    """Its total."""
    return Moved(told["total"]["rx"], told["total"]["tx"])
