import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering.epochs import RELEASE_NS, SETTLED, STEP_NS, Epoch, Move, base_of, settle, stepped, trusted
from packetbuddy.metering.readings import SECOND, Instant

NOW = RELEASE_NS + 90 * 86_400 * SECOND
DAY = 86_400 * SECOND
UP = 5_000 * SECOND


def at(base: int, *, synchronized: bool | None = None, elapsed: int = UP) -> Instant:
    return Instant(base + elapsed, elapsed, elapsed, synchronized)


bases = st.builds(
    lambda anchor, away: anchor + away,
    st.sampled_from([0, RELEASE_NS - UP, NOW, NOW + 40 * DAY, NOW - 3600 * SECOND]),
    st.integers(-2 * STEP_NS, 2 * STEP_NS),
)
told = st.lists(bases, max_size=6).map(lambda found: tuple(Epoch(n, base) for n, base in enumerate(found, 1)))


def test_a_base_is_wall_minus_elapsed() -> None:
    """The base does not change while time passes, and is the wall clock at the start of the elapsed one."""
    assert base_of(Instant(1000, 400, 300, None)) == 600
    assert base_of(at(NOW)) == base_of(at(NOW, elapsed=9 * UP)) == NOW
    assert (STEP_NS, RELEASE_NS, SETTLED) == (60 * SECOND, 1_793_000_000 * SECOND, 0)


@pytest.mark.parametrize(("by", "answer"), [(0, False), (STEP_NS, False), (STEP_NS + 1, True), (-STEP_NS - 1, True)])
def test_a_step_is_more_than_a_minute(by: int, answer: bool) -> None:
    """A minute either way is drift; more is a step, however much time passed between the looks."""
    assert stepped(at(NOW), at(NOW + by, elapsed=3 * UP)) is answer
    assert stepped(at(NOW + by), at(NOW)) is answer


@pytest.mark.parametrize(
    ("synchronized", "wall", "answer"),
    [
        (True, RELEASE_NS, True),
        (True, RELEASE_NS - 1, False),
        (False, NOW, False),
        (None, NOW, False),
    ],
)
def test_a_clock_is_trusted_when_a_service_keeps_it(synchronized: bool | None, wall: int, answer: bool) -> None:
    """Trusted means kept by a time service and not before this program existed; unknown is not trusted."""
    assert trusted(Instant(wall, UP, UP, synchronized)) is answer


def test_a_trusted_clock_settles_every_epoch() -> None:
    """Each epoch moves by how far its clock was off; one within a minute stays where it is, to the nanosecond."""
    epochs = (Epoch(1, NOW - 30 * SECOND), Epoch(4, NOW + 40 * DAY), Epoch(5, 0), Epoch(6, NOW - STEP_NS))
    moves = settle(epochs, at(NOW, synchronized=True))
    assert moves == (Move(1, 0), Move(4, -40 * DAY), Move(5, NOW), Move(6, 0))
    assert settle((Epoch(7, NOW + STEP_NS + 1),), at(NOW, synchronized=True)) == (Move(7, -STEP_NS - 1),)


def test_forty_days_ahead_and_back() -> None:
    """A clock that went away and came back proves what lies between to be wrong, also several settings of it."""
    epochs = (Epoch(1, NOW), Epoch(2, NOW + 40 * DAY), Epoch(3, NOW + 10 * DAY))
    assert settle(epochs[:1], at(NOW + 40 * DAY)) == ()
    assert settle(epochs[:2], at(NOW)) == (Move(2, -40 * DAY),)
    assert settle(epochs, at(NOW + SECOND)) == (Move(2, SECOND - 40 * DAY), Move(3, SECOND - 10 * DAY))


def test_1970_then_set() -> None:
    """A clock before the release was wrong as soon as it shows a time after it; the set clock's own epoch stays."""
    epochs = (Epoch(1, 0), Epoch(2, NOW))
    assert settle(epochs[:1], at(NOW)) == (Move(1, NOW),)
    assert settle(epochs, at(NOW)) == (Move(1, NOW),)
    assert settle(epochs[:1], at(DAY)) == ()
    edge = Epoch(3, RELEASE_NS - UP)
    assert settle((edge,), at(NOW)) == ()
    assert settle((edge._replace(base_ns=edge.base_ns - 1),), at(NOW)) == (Move(3, NOW - edge.base_ns + 1),)


def test_while_the_clock_is_before_the_release_nothing_is_known() -> None:
    """A clock at 1970 proves nothing, not even that it came back; at the release itself it may."""
    epochs = (Epoch(1, 0), Epoch(2, NOW))
    assert settle(epochs, at(0)) == ()
    assert settle(epochs, Instant(RELEASE_NS - 1, UP, UP, True)) == ()
    release = Instant(RELEASE_NS, UP, UP, None)
    assert settle((Epoch(1, 0),), release) == (Move(1, RELEASE_NS - UP),)


def test_an_hour_back_for_good_stays() -> None:
    """Two settings of which neither is known to be wrong: nothing moves, what cannot be known stays as it is."""
    assert settle((Epoch(1, NOW), Epoch(2, NOW - 3600 * SECOND)), at(NOW - 3600 * SECOND)) == ()
    assert settle((Epoch(1, NOW),), at(NOW - 3600 * SECOND)) == ()


@given(told, bases, st.sampled_from([True, False, None]))
def test_settling_is_safe(epochs: tuple[Epoch, ...], base: int, synchronized: bool | None) -> None:
    """An epoch with the present base never moves; every move ends at the present base; each epoch settles once."""
    now = at(base, synchronized=synchronized)
    moves = settle(epochs, now)
    by_number = {epoch.number: epoch for epoch in epochs}
    assert len({move.number for move in moves}) == len(moves)
    for move in moves:
        away = abs(by_number[move.number].base_ns - base)
        assert move.offset_ns == (0 if away <= STEP_NS else base - by_number[move.number].base_ns)
        assert away > STEP_NS or trusted(now)
    if trusted(now):
        assert {move.number for move in moves} == set(by_number)


@given(told, bases)
def test_settling_twice_settles_nothing_more(epochs: tuple[Epoch, ...], base: int) -> None:
    """What is left after settling stays, as long as the clock is not set again."""
    moves = {move.number for move in settle(epochs, at(base))}
    assert settle(tuple(epoch for epoch in epochs if epoch.number not in moves), at(base)) == ()
