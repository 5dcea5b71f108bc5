"""The background service under traffic: killed, halted, failing; it comes back by itself, and no byte is lost."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machine.monitor import Chatter, Monitor, delete_at_once, moved
from machine.netns import Namespace, Wire, requires_netns, wait_until
from packetbuddy.services.locks import Owner, owner
from unit.calm import Stopwatch

pytestmark = [pytest.mark.machine, requires_netns]

BACK_SECONDS = 10.0
IMPATIENT = """#!/bin/sh
if [ "$1" = 50 ]; then
  until [ -e {halted} ]; do {sleep} 0.1; done
  set -- 1
fi
exec {sleep} "$1"
"""
"""A sleep whose fifty seconds are one, and begin when the monitor is halted: no other one is looked at so soon."""


class Service(Monitor):
    """The same home, kept by ``pb service`` in the background of the namespace."""

    def who(self) -> Owner | None:
        """The monitor that lives."""
        return owner(self.home.lock)

    def pid(self) -> int:
        """Its number."""
        found = self.who()
        assert found is not None
        return found.pid

    def supervisor(self) -> Owner | None:
        """What keeps it."""
        return owner(self.home.supervisor_pid)

    def await_another(self, pid: int, seconds: float) -> None:
        """Return when another monitor has the lock and has committed a look, within that time."""
        now, watch = time.time_ns(), Stopwatch()

        def counts() -> bool:
            found, state = self.who(), self.state()
            return found is not None and found.pid != pid and state is not None and state["heartbeat_ns"] > now

        wait_until(counts, 60)
        assert watch.seconds < seconds


@pytest.fixture
def service(host: Namespace, tmp_path: Path) -> Iterator[Service]:
    service = Service(host, tmp_path)
    yield service
    if service.home.root.exists():
        service.pb("service", "stop")


def test_killed_it_is_back_within_ten_seconds(wire: Wire, service: Service) -> None:
    """After kill -9 under traffic another monitor counts within 10 s, and the sum is the kernel's to the byte."""
    service.pb("service", "start")
    with Chatter(wire) as chatter:
        for _ in range(2):
            chatter.going()
            pid = service.pid()
            os.kill(pid, signal.SIGKILL)
            service.await_another(pid, BACK_SECONDS)
            chatter.going()
    expected = moved(wire.host.settle("eth0"))
    assert service.shown() == expected
    service.pb("service", "stop")
    assert (service.committed(), service.shown()) == (expected, expected)


def test_halted_it_is_healed_by_its_supervisor(
    wire: Wire, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP under traffic: by itself another monitor counts after two looks of the supervisor, exactly."""
    stubs, halted = tmp_path / "stubs", tmp_path / "halted"
    stubs.mkdir()
    (stubs / "sleep").write_text(IMPATIENT.format(halted=halted, sleep=shutil.which("sleep")))
    (stubs / "sleep").chmod(0o700)
    monkeypatch.setitem(service._environment, "PATH", f"{stubs}:{os.environ['PATH']}")
    service.pb("service", "start")
    with Chatter(wire) as chatter:
        chatter.going()
        pid = service.pid()
        os.kill(pid, signal.SIGSTOP)
        halted.touch()
        chatter.going()
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), 60)
        halted.unlink()
        service.await_another(pid, BACK_SECONDS)
        chatter.going()
    expected = moved(wire.host.settle("eth0"))
    service.pb("service", "stop")
    assert (service.committed(), service.shown()) == (expected, expected)
    assert any("the monitor hangs" in line for line in service.log())


def test_a_start_that_crashes_is_no_tight_loop_and_is_explained(service: Service) -> None:
    """A monitor that crashes at once is tried after longer and longer pauses; status says why; a start heals."""
    launcher = service.home.launcher
    launcher.parent.mkdir()
    launcher.write_text("#!/bin/sh\necho 'ImportError: no module of that name' >&2\nexit 1\n")
    launcher.chmod(0o700)
    began = time.monotonic()
    command = [sys.executable, "-m", "packetbuddy", "service", "start"]
    with service.errors.open("wb") as errors:
        assert service.space.start(command, env=service._environment, stderr=errors).wait(30) == 1
    tries = sum("ended with code 1" in line for line in service.log())
    assert tries <= time.monotonic() - began
    assert "ImportError" in service.errors.read_text()
    status = service.pb("service", "status")
    assert (status["state"], status["last_failure"].split(":")[0]) == ("restarting", "ImportError")
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m packetbuddy "$@"\n')
    service.pb("service", "start")
    status = service.pb("service", "status")
    assert (status["state"], status["last_failure"]) == ("running", None)


def test_a_deleted_home_leaves_nothing(service: Service) -> None:
    """When the home is deleted under a running service, monitor and supervisor leave, and nothing makes it again."""
    service.pb("service", "start")
    monitor, supervisor = service.who(), service.supervisor()
    assert monitor is not None
    assert supervisor is not None
    delete_at_once(service.home.root)
    for pid in (monitor.pid, supervisor.pid):
        wait_until(lambda: not Path(f"/proc/{pid}").exists())  # noqa: B023 - awaited within the turn
    assert not service.home.root.exists()
