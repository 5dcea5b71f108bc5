"""The monitor's memory and imports are a promise to every user, all day: they gate."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine.netns import wait_until

MOST_RSS_KB = 20 * 1024

MODULES = Path(__file__).with_name("monitor_modules.txt")
"""All of the standard library that the monitor loads on Linux with CPython 3.11, beyond what a bare interpreter has."""

ROOMS = ("billing", "errors", "metering", "probes", "settings", "storage", "monitor")

LIST_MODULES = """
import sys
before = set(sys.modules)
import packetbuddy.monitor.main
from packetbuddy.probes import open_probe
probe = open_probe()
probe.look()
probe.on_battery()
probe.close()
print("\\n".join(sorted(set(sys.modules) - before)))
"""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the promise is stated for Linux")


def unwatched() -> dict[str, str]:
    """The environment without coverage's settings: its memory and modules are not the monitor's."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


def rss_kb(pid: int) -> int:
    """Resident memory of a process, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0])


@contextlib.contextmanager
def monitor(home: Path, *, config: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A real monitor with a home of its own, stopped in the end."""
    home.mkdir(mode=0o700)
    (home / "config.toml").write_text(config, encoding="utf-8")
    environment = {**unwatched(), "PACKETBUDDY_HOME": str(home)}
    command = [sys.executable, "-m", "packetbuddy", "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until((home / "packetbuddy.db-wal").exists)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@linux_only
@pytest.mark.acceptance
def test_memory_after_start_upkeep_and_an_error(tmp_path: Path) -> None:
    """A monitor that started, went through an upkeep and logged a mistake stays within 20 MB."""
    home = tmp_path / "home"
    with monitor(home) as process:
        environment = {**os.environ, "PACKETBUDDY_HOME": str(home)}
        subprocess.run([sys.executable, "-m", "packetbuddy.upkeep", str(home)], env=environment, check=True)
        assert list((home / "backups").glob("packetbuddy-*.db"))
        (home / "config.toml").write_text("[monitoring]\npoll_interval = 'soon'\n", encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "poll_interval" in (home / "stderr.log").read_text(encoding="utf-8"))
        assert rss_kb(process.pid) <= MOST_RSS_KB


@linux_only
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="which modules pull in which differs between versions")
def test_exact_set_of_modules() -> None:
    """The monitor loads its own rooms and the listed modules of the standard library, nothing else."""
    command = [sys.executable, "-I", "-c", LIST_MODULES]
    loaded = set(subprocess.run(command, env=unwatched(), capture_output=True, text=True, check=True).stdout.split())
    ours = {name for name in loaded if name.partition(".")[0] == "packetbuddy"}
    assert {name.split(".")[1] for name in ours if "." in name} == set(ROOMS)
    assert sorted(loaded - ours) == MODULES.read_text(encoding="ascii").split()
