import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.windows import DAY, Window, is_off_peak, minutes_to_change

MINUTES = st.integers(0, DAY - 1)
WINDOWS = st.lists(
    st.builds(Window, MINUTES, st.integers(0, DAY)).filter(lambda window: window.start != window.end), max_size=4
)
NIGHT = (Window(23 * 60, 7 * 60),)


@pytest.mark.parametrize(
    ("minute", "free"), [(0, True), (419, True), (420, False), (720, False), (1379, False), (1380, True), (1439, True)]
)
def test_a_night_over_midnight(minute: int, free: bool) -> None:
    """23:00-07:00 holds its first minute and not its end, on both sides of midnight."""
    assert is_off_peak(NIGHT, minute) is free


@pytest.mark.parametrize(("minute", "free"), [(0, False), (60, True), (419, True), (420, False)])
def test_a_window_within_the_day(minute: int, free: bool) -> None:
    """01:00-07:00 is not mistaken for its opposite."""
    assert is_off_peak((Window(60, 420),), minute) is free


def test_windows_unite() -> None:
    """A minute in any of several windows is off-peak; no window, no off-peak."""
    both = (Window(0, 60), Window(1200, 1440))
    assert [is_off_peak(both, minute) for minute in (0, 59, 60, 1199, 1200, 1439)] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    assert not is_off_peak((), 0)


@given(WINDOWS, MINUTES)
def test_the_next_change_is_the_next(windows: list[Window], minute: int) -> None:
    """Up to the change everything is as now, at the change it is not; ``None`` where all minutes are alike."""
    now = is_off_peak(windows, minute)
    ahead = minutes_to_change(windows, minute)
    same = [is_off_peak(windows, (minute + step) % DAY) == now for step in range(DAY)]
    assert ahead == (None if all(same) else same.index(False))


def test_the_whole_day_never_changes() -> None:
    """Two halves that make a whole day have no edge between them."""
    assert minutes_to_change((Window(0, 720), Window(720, 1440)), 700) is None
    assert minutes_to_change(NIGHT, 1380) == 8 * 60
    assert minutes_to_change(NIGHT, 1379) == 1
