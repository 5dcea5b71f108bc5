"""Rules 5 to 8 of DESIGN 3 by example: what is believed, where bytes go in time, and which speeds count."""

import pytest

from packetbuddy.metering.books import Event, Policy, Span
from packetbuddy.metering.readings import SECOND
from unit.looks import GB, WALL, Ledger, at, begun, eth, moved


@pytest.mark.parametrize(
    ("rx", "elapsed", "believed"),
    [
        (1000 * GB, 1001.0, True),
        (1000 * GB + 1, 1001.0, False),
        (1000 * GB + 1, 1010.0, False),
        (1100 * GB, 1011.0, True),
        (1100 * GB + 1, 1011.0, False),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_what_no_line_can_carry_is_doubted(rx: int, elapsed: float, *, believed: bool, side: int) -> None:
    """Held against at least ten seconds, either direction; a doubt is told, not counted, and never forgotten."""
    new = eth(1000 + rx, 500, 2) if side == 0 else eth(1000, 500 + rx, 2)
    ledger = begun()
    outcome = ledger.look(at(elapsed), new)
    assert (len(outcome.spans), len(outcome.doubts)) == ((1, 0) if believed else (0, 1))
    baseline = outcome.baselines[2]
    booked = baseline.counters.rx_bytes - baseline.origin_rx, baseline.counters.tx_bytes - baseline.origin_tx
    assert booked == ((rx, 0) if side == 0 else (0, rx))
    if not believed:
        told = f"{booked[0]} bytes in and {booked[1]} out are not believed, not counted"
        assert outcome.events == (Event(outcome.at.wall_ns, "doubt", "eth0", told),)
        assert (outcome.doubts[0].limit, outcome.doubts[0].span.rx) == (100 * GB, booked[0])
    after = eth(new.counters.rx_bytes + 7, new.counters.tx_bytes, 3)
    assert moved(ledger.look(at(elapsed + 1), after)) == [(7, 0)]


def test_a_set_rate_decides_alone() -> None:
    """``max_rate`` replaces what the link says, and the limit is stored with the doubt."""
    ledger = Ledger(policy=Policy(3 * SECOND, 100))
    ledger.look(at(1000.0), eth(0))
    assert len(ledger.look(at(1001.0), eth(1000, packets=2)).spans) == 1
    assert ledger.look(at(1002.0), eth(2001, packets=3)).doubts[0].limit == 100


def test_a_night_of_sleep_with_many_bytes_is_no_doubt() -> None:
    """A doubt divides by the time that passed, sleep included."""
    outcome = begun().look(at(1000.0 + 36_000, slept=36_099.0), eth(1000 * 1000 * GB, 500, 2))
    assert len(outcome.spans) == 1


@pytest.mark.parametrize(
    ("elapsed", "slept", "start", "estimated", "speed"),
    [
        (1003.0, 0.0, 0.0, False, 3.0),
        (1003.001, 0.0, 0.0, True, 0.0),
        (1003.0, 2.0, 0.0, False, 3.0),
        (1005.5, 2.5, 2.5, False, 0.0),
        (1600.0, 597.0, 597.0, False, 0.0),
        (1600.0, 596.0, 0.0, True, 0.0),
        (1000.5, 0.0, 0.0, False, 0.5),
        (1000.499, 0.0, 0.0, False, 0.0),
        (1000.0, 0.0, 0.0, False, 0.0),
    ],
)
def test_where_bytes_go_and_when_there_is_a_speed(
    elapsed: float, slept: float, start: float, speed: float, *, estimated: bool
) -> None:
    """Up to three awake polls exact, after a sleep put behind the resume, else spread; speed over about a poll."""
    outcome = begun().look(at(elapsed, slept=100.0 + slept), eth(1300, 507, 2))
    span = outcome.spans[0]
    assert span.end_ns == outcome.at.wall_ns
    assert span.start_ns - WALL == int(start * SECOND)
    assert (span.estimated, span.speed_ns) == (estimated, int(speed * SECOND))


@pytest.mark.parametrize("off", [-3600, -61, 61, 40 * 86_400])
def test_a_step_of_the_wall_clock_moves_no_byte(off: int) -> None:
    """A span ends at the wall clock's now and begins the elapsed time before it, however the wall was set."""
    outcome = begun().look(at(1001.0, off=off), eth(1300, 507, 2))
    end = WALL + (off + 1) * SECOND
    assert outcome.spans == (Span(2, "eth0", True, 300, 7, end - SECOND, end, False, SECOND),)
    assert (outcome.stepped, outcome.urgent, outcome.since_ns) == (True, True, end - SECOND)


def test_a_small_step_is_drift() -> None:
    """A minute is no step and not urgent."""
    outcome = begun().look(at(1001.0, off=60), eth(1300, 507, 2))
    assert (outcome.stepped, outcome.urgent) == (False, False)


def test_clocks_that_fall_make_no_negative_span() -> None:
    """Steady clocks that go backwards within a certain boot (a broken machine) give spans of no length."""
    outcome = begun().look(at(999.0, slept=100.0), eth(1300, 507, 2))
    assert outcome.spans[0].start_ns == outcome.spans[0].end_ns == outcome.since_ns == WALL - SECOND
    asleep = begun().look(at(1005.0, slept=160.0), eth(1300, 507, 2))
    assert asleep.spans[0].start_ns == asleep.spans[0].end_ns
