"""Speeds over time: download above the line, upload below, on one scale from zero."""

from collections.abc import Sequence
from itertools import accumulate, repeat
from operator import mul
from typing import NamedTuple

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import fitted, marks, paint, width
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.quantities import BITS, BYTES, speed

LEAST_ROWS, MOST_ROWS = 5, 26
"""Two above, one below, the line, and the times; beyond that a bar says nothing more."""
ROUND = tuple(tens * part for tens in (1, 10, 100) for part in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8))
"""Steps of a row, so that the scale ends not far above what is shown."""
RISING, FALLING = " ▁▂▃▄▅▆▇█", " ▔▔▀▀▀▀██"
"""A cell that is filled from below, and from above, by eighths."""
RISING_PLAIN, FALLING_PLAIN = " _.-~=+*#", " ''''===="


class Point(NamedTuple):
    """Bytes a second."""

    received: float
    sent: float


class _Scale(NamedTuple):
    """Rows above and below the line, and bytes a second of a row."""

    above: int
    below: int
    step: float


def graph(points: Sequence[Point], how: Presentation, paper: Paper, rows: int) -> list[str]:
    """``rows`` lines of ``paper.columns``: a column a second, the newest at the right, with the scale's ends."""
    below = max(1, (rows - 2) // 3)
    above = rows - 2 - below
    scale = _Scale(above, below, _step(points, above, below, how))
    top, bottom = (speed(scale.step * each, how.units, how.speed) for each in (above, below))
    margin = max(width(top), width(bottom))
    room = paper.columns - margin - 2
    labels = {0: top, above: "0", rows - 2: bottom}
    bars = _bars(points[-room:], scale, room, paper)
    lines = [
        paint(paper, fitted(labels.get(row, ""), margin, right=True) + " ", "soft") + bar
        for row, bar in enumerate(bars)
    ]
    return [*lines, paint(paper, " " * (margin + 2) + f"{room} s ago".ljust(room - 3) + "now", "soft")]


def _bars(shown: Sequence[Point], scale: _Scale, room: int, paper: Paper) -> list[str]:
    """The rows from top to bottom, the line among them."""
    flat, upright, *_, corner = list(marks(paper).box[:7])
    rising, falling = (RISING_PLAIN, FALLING_PLAIN) if paper.ascii_only else (RISING, FALLING)
    received, sent = ([getattr(point, name) / scale.step for point in shown] for name in Point._fields)
    up = [_row(received, place, rising, room) for place in range(scale.above - 1, -1, -1)]
    down = [_row(sent, place, falling, room) for place in range(scale.below)]
    edge = paint(paper, upright, "soft")
    return [
        *(edge + paint(paper, row, "download") for row in up),
        paint(paper, corner + flat * room, "soft"),
        *(edge + paint(paper, row, "upload") for row in down),
    ]


def _row(values: Sequence[float], place: int, shapes: str, room: int) -> str:
    """The cells that are ``place`` rows away from the line; what moved at all is seen beside it."""
    eighths = (min(8, max(0, round((value - place) * 8), int(not place and value > 0))) for value in values)
    return "".join(shapes[each] for each in eighths).rjust(room).rstrip()


def _step(points: Sequence[Point], above: int, below: int, how: Presentation) -> float:
    """The roundest speed of a row that has room for all points."""
    bits = how.speed == "bits"
    ladder, factor = (BITS, 8) if bits else (BYTES[how.units], 1)
    highest = [max(point.received / above, point.sent / below) for point in points]
    wanted = max([ladder.base, *(factor * each for each in highest)])
    sizes = accumulate(repeat(ladder.base), mul, initial=1)
    steps = (size * number for size in sizes for number in ROUND)
    return next(step for step in steps if step >= wanted) / factor
