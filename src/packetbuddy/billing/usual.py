"""When a day is far outside the usual."""

from collections.abc import Sequence
from statistics import median

LEAST_DAYS = 14
"""Before so many days are known nothing is unusual."""
TIMES_A_DAY, TIMES_THE_MOST = 3, 1.5
"""Of the usual day, and of the largest of the known ones: a day is unusual beyond both."""


def unusual_from(days: Sequence[int]) -> int | None:
    """Bytes from which a day is far outside of these past ones; ``None`` while too few are known, or nothing moved."""
    if len(days) < LEAST_DAYS or not max(days):
        return None
    return round(max(TIMES_A_DAY * median(days), TIMES_THE_MOST * max(days)))
