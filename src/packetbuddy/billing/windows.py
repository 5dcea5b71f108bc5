"""Off-peak windows by the clock on the wall, also over midnight. Minutes are those of the local day, 0 to 1439."""

from collections.abc import Sequence
from typing import NamedTuple

DAY = 1440


class Window(NamedTuple):
    """``start`` ≤ minute < ``end``; an ``end`` before ``start`` lies on the next day."""

    start: int
    end: int


def is_off_peak(windows: Sequence[Window], minute: int) -> bool:
    """Whether a minute of the day lies in any of the windows."""
    return any(
        window.start <= minute < window.end
        if window.start < window.end
        else minute >= window.start or minute < window.end
        for window in windows
    )


def minutes_to_change(windows: Sequence[Window], minute: int) -> int | None:
    """Minutes until another answer of :func:`is_off_peak`; ``None`` where it is the same all day."""
    now = is_off_peak(windows, minute)
    edges = sorted((edge - minute) % DAY for window in windows for edge in window)
    return next((ahead for ahead in edges if is_off_peak(windows, (minute + ahead) % DAY) != now), None)
