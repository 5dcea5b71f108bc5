"""A real monitor whose wall clock is set while it runs (libfaketime); its steady clocks go on, as the kernel's do."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.faking import WallClock, requires_faketime
from machine.monitor import Monitor, Moved
from machine.netns import Lab, Wire, requires_netns, wait_until
from packetbuddy.probes.linux_machine import clock_is_synchronized

DAY = 86_400
STEPS = {"an hour back": -3600, "a day ahead": DAY, "forty days ahead": 40 * DAY, "forty days back": -40 * DAY}

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.machine,
    requires_netns,
    requires_faketime,
]


class Clocked(Monitor):
    """A monitor, and the commands beside it, on a wall clock that the test sets."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        super().__init__(wire.host, folder)
        self.wire = wire
        self._clock = WallClock(folder)
        self._environment |= self._clock.environment()

    def set_clock(self, ahead: int) -> None:
        """The wall clock is that many seconds ahead of the real one from now on."""
        self._clock.set(ahead)

    def beats(self) -> None:
        """Return when the heartbeat shows the clock as it is set, and has moved once more since."""
        wait_until(lambda: abs(self._heartbeat() - time.time_ns() - self._clock.ahead * 10**9) < 3 * 10**9, 20)
        before = self._heartbeat()
        wait_until(lambda: self._heartbeat() > before, 20)

    def kernel(self) -> Moved:
        """What the kernel counted since the interface exists."""
        traffic = self.wire.host.settle("eth0")
        return Moved(traffic.rx_bytes, traffic.tx_bytes)

    def lifetime(self) -> Moved:
        """The lifetime total that a person sees; every share it is told with is one."""
        told = self.pb("summary")
        assert told["coverage"] is None or 0 <= told["coverage"] <= 1
        return Moved(told["bytes_received"], told["bytes_sent"])

    def _heartbeat(self) -> int:
        state = self.state()
        return 0 if state is None else int(state["heartbeat_ns"])


@pytest.fixture
def clocked(tmp_path: Path) -> Iterator[Clocked]:
    """A monitor behind a wire whose every byte is known; the namespaces end it."""
    with Lab("clock") as lab:
        yield Clocked(lab.wire(lab.namespace("host"), lab.namespace("router")), tmp_path)


def all_on_today(clocked: Clocked) -> None:
    """Where no time service answers for the clock, everything that a wrong one dated is on the right day now.

    A kernel that calls its clock kept is believed, so there the days cannot be proved, only the sums.
    """
    if clock_is_synchronized() is not True:
        told = clocked.pb("today")
        assert Moved(told["bytes_received"], told["bytes_sent"]) == clocked.kernel()
        assert 0.5 < told["coverage"] <= 1


def test_set_forth_and_back(clocked: Clocked) -> None:
    """An hour, a day, forty days: the heart beats on, every byte is there once, and back in time on the right day."""
    clocked.start()
    clocked.wire.upload(20, 1000)
    clocked.beats()
    for number, ahead in enumerate(STEPS.values(), 1):
        clocked.set_clock(ahead)
        clocked.wire.upload(10 * number, 500)
        clocked.wire.download(number, 900)
        clocked.beats()
        assert clocked.lifetime() == clocked.kernel()
        clocked.set_clock(0)
        clocked.wire.download(3, 100)
        clocked.beats()
        assert clocked.lifetime() == clocked.kernel()
    all_on_today(clocked)
    assert clocked.stop() == 0
    assert clocked.committed() == clocked.kernel()
    clocked.audit()


def test_1970_until_it_is_set(clocked: Clocked) -> None:
    """A machine that starts in 1970 counts there; once its clock is set, today has all of it."""
    clocked.set_clock(60 - int(time.time()))
    clocked.launch()
    wait_until(lambda: clocked.state() is not None, 20)
    clocked.beats()
    clocked.wire.upload(30, 1000)
    assert clocked.lifetime() == clocked.kernel()
    clocked.beats()
    clocked.set_clock(0)
    clocked.wire.upload(7, 1000)
    clocked.beats()
    assert clocked.lifetime() == clocked.kernel()
    all_on_today(clocked)
    assert clocked.stop() == 0
    assert clocked.committed() == clocked.kernel()
    clocked.audit()
