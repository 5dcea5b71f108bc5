"""When the monitor looks for updates, and when it makes way; the clock and what is started are the test's."""

from pathlib import Path

import pytest

from packetbuddy.monitor import renewal
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.renewal import SOON_SECONDS, Renewal
from packetbuddy.monitor.tuning import Tuning
from packetbuddy.settings.renewing import MAKE_WAY, UNREACHABLE

HOUR = 3600.0


class Clock:
    """A monotonic clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """The time."""
        return self.now


class Checks(Renewal):
    """Writes down when a check would be started, and is told how it ended."""

    starts: list[float]
    code: int | None = None

    def _start(self, now: float) -> None:
        self.starts = [*self.starts, now]
        self._pid = 1

    def _collect(self, now: float) -> int | None:  # noqa: ARG002 - the helper's own face
        if self.code is not None:
            self._pid = None
        return self.code


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(renewal, "time", made)
    return made


def checks(folder: Path, *lines: str, haste: str = "") -> Checks:
    (folder / "config.toml").write_text("\n".join(["[auto_update]", *lines]))
    environment = {"PACKETBUDDY_TEST_HASTE": haste}
    made = Checks(folder, Log(folder / "log"), Tuning(folder / "config.toml"), environment)
    made.starts = []
    return made


def passing(clock: Clock, made: Checks, seconds: float, step: float = 1.0) -> list[float]:
    """Minutes or hours of a loop; returns when checks were started, counted from the beginning."""
    began = clock.now
    while clock.now < began + seconds:
        clock.now += step
        made.mind()
    return [at - began for at in made.starts]


def test_it_looks_soon_after_the_start_and_then_at_its_hours(clock: Clock, tmp_path: Path) -> None:
    """10 s after the start, then every check_interval_hours; never two at once."""
    made = checks(tmp_path)
    made.code = 0
    assert passing(clock, made, 13 * HOUR) == [10, 10 + 6 * HOUR, 10 + 12 * HOUR]
    busy = checks(tmp_path)
    assert len(passing(clock, busy, 13 * HOUR)) == 1


def test_check_on_startup_and_the_interval_are_heeded(clock: Clock, tmp_path: Path) -> None:
    """Without the first one it comes an interval after the start."""
    made = checks(tmp_path, "check_on_startup = false", "check_interval_hours = 1.5")
    made.code = 0
    assert passing(clock, made, 4 * HOUR) == [1.5 * HOUR, 3 * HOUR]


def test_disabled_it_never_looks(clock: Clock, tmp_path: Path) -> None:
    """Not with enabled = false, also once it is changed under the running service; and back."""
    made = checks(tmp_path, "enabled = false")
    made.code = 0
    assert passing(clock, made, 30 * HOUR) == []
    (tmp_path / "config.toml").write_text("")
    assert made._tuning.refresh(force=True)
    assert len(passing(clock, made, 60)) == 1


def test_a_source_that_was_away_is_asked_again_sooner(clock: Clock, tmp_path: Path) -> None:
    """Half an hour later instead of six; nothing is logged, for being offline is no error."""
    made = checks(tmp_path)
    made.code = UNREACHABLE
    first, second, *_ = passing(clock, made, 2 * HOUR)
    assert first == 10
    assert second - first == pytest.approx(SOON_SECONDS, abs=3)
    made._tell_code(UNREACHABLE)
    assert not (tmp_path / "log").exists()
    made._tell_code(1)
    assert "code 1" in (tmp_path / "log").read_text()


def test_it_makes_way_only_when_a_check_says_so(clock: Clock, tmp_path: Path) -> None:
    """Exit code 10, and no other one."""
    for code in (0, 1, UNREACHABLE):
        made = checks(tmp_path)
        made.code = code
        passing(clock, made, 60)
        assert not made.makes_way
    made = checks(tmp_path, haste="first=1 every=2")
    made.code = MAKE_WAY
    assert passing(clock, made, 3)[0] == 1
    assert made.makes_way
