"""Bars of bytes and sparklines. Two colours carry meaning, and shapes repeat it where there are none."""

from collections.abc import Sequence
from typing import NamedTuple

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import fitted, marks, paint, width
from packetbuddy.cli.render.words import WHOLE, cost_words
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Usage
from packetbuddy.reports.quantities import amount

WIDE = 84
"""From here on both directions and the cost have columns of their own."""
NARROWEST_BAR = 8
WIDEST_BAR = 50


class Row(NamedTuple):
    """One bar: its label, its usage, and whether its time has not ended yet."""

    label: str
    usage: Usage
    running: bool = False


def chart(rows: Sequence[Row], total: Row, how: Presentation, paper: Paper) -> list[str]:
    """A line per row with figures and a bar on one zero-based scale, the total, and a legend of what occurs."""
    columns = _figures([*rows, total], how, paper)
    figures = ["  ".join(cells) for cells in zip(*columns, strict=True)]
    marking = len(marks(paper).running)
    room = min(WIDEST_BAR, paper.columns - width(figures[0]) - marking - 5)
    scale = max((row.usage.total for row in rows), default=0)
    lines = [
        f"{figure} {_mark(row, paper)} {_bar(row, scale, room, paper)}".rstrip()
        for figure, row in zip(figures, rows, strict=False)
    ]
    rule = paint(paper, marks(paper).box[0] * width(figures[0]), "soft")
    return [*lines, rule, paint(paper, figures[-1], "strong"), *_legend(rows, paper)]


def sparkline(values: Sequence[float], columns: int, paper: Paper) -> str:
    """The last ``columns`` values as little bars from zero to their highest."""
    sparks = marks(paper).sparks
    shown = values[-columns:] if columns > 0 else []
    top = max(shown, default=0) or 1
    return "".join(sparks[min(len(sparks) - 1, int(value / top * len(sparks)))] for value in shown)


def bar_cells(usage: Usage, cells: int) -> tuple[int, int, int, int]:
    """How ``cells`` are shared: download measured, download estimated, upload measured, upload estimated.

    What is there has at least one cell; the sum is ``cells``, which is at least 1 where there are bytes.
    """
    total = usage.total or 1
    up = round(cells * usage.sent / total)
    up = max(up, 1) if usage.sent and cells > 1 else up
    up = min(up, cells - 1) if usage.received and cells > 1 else up
    down = cells - up
    share = min(usage.estimated / total, 1.0)
    guessed_down, guessed_up = round(down * share), round(up * share)
    if usage.estimated and not guessed_down + guessed_up:
        guessed_down, guessed_up = (1, 0) if down else (0, 1)
    return down - guessed_down, guessed_down, up - guessed_up, guessed_up


def _figures(rows: Sequence[Row], how: Presentation, paper: Paper) -> list[list[str]]:
    """Columns of equally wide cells: label, both directions and cost where there is room, total."""
    sign = marks(paper)
    columns = [_column([row.label for row in rows], right=False)]
    totals = _column([_total(row.usage, how) for row in rows])
    if paper.columns < WIDE:
        return [*columns, totals]
    there = [row.usage if has_data(row.usage) else None for row in rows]
    columns.append(_column([f"{sign.down}{amount(each.received, how.units)}" if each else "" for each in there]))
    columns.append(_column([f"{sign.up}{amount(each.sent, how.units)}" if each else "" for each in there]))
    costs = _column([cost_words(each, how, paper) if each else "" for each in there])
    return [*columns, totals, *([costs] if costs[0] else [])]


def _column(cells: Sequence[str], *, right: bool = True) -> list[str]:
    columns = max(width(cell) for cell in cells)
    return [fitted(cell, columns, right=right) for cell in cells]


def has_data(usage: Usage) -> bool:
    """Whether any of the time was observed or any byte counted: "no data" is not "no bytes"."""
    return bool(usage.total or usage.coverage)


def _total(usage: Usage, how: Presentation) -> str:
    return amount(usage.total, how.units) if has_data(usage) else "-"


def _mark(row: Row, paper: Paper) -> str:
    return marks(paper).unobserved if _partly_unobserved(row) else " "


def _partly_unobserved(row: Row) -> bool:
    return row.usage.coverage is not None and row.usage.coverage < WHOLE


def _bar(row: Row, scale: int, room: int, paper: Paper) -> str:
    sign = marks(paper)
    if row.usage.coverage == 0 and not row.usage.total:
        return paint(paper, "not observed", "soft")
    if not row.usage.total:
        return ""
    if room < NARROWEST_BAR:
        return sign.running if row.running else ""
    cells = max(1, round(room * row.usage.total / scale))
    parts = zip(
        bar_cells(row.usage, cells),
        (sign.download, sign.estimated, sign.upload, sign.estimated),
        ("download", "download", "upload", "upload"),
        strict=True,
    )
    bar = "".join(paint(paper, shape * count, role) for count, shape, role in parts)
    return bar + paint(paper, sign.running, "soft") if row.running else bar


def _legend(rows: Sequence[Row], paper: Paper) -> list[str]:
    """What the shapes mean that occur: the two directions, and the honest marks."""
    sign = marks(paper)
    drawn = any(row.usage.total for row in rows)
    entries = [(sign.download, "download", "download"), (sign.upload, "upload", "upload")] if drawn else []
    if any(row.usage.estimated for row in rows):
        entries.append((sign.estimated, "time estimated", ""))
    if any(_partly_unobserved(row) for row in rows):
        entries.append((sign.unobserved, "partly not observed", ""))
    if any(row.running and row.usage.total for row in rows):
        entries.append((sign.running, "so far", "soft"))
    return _flowing(entries, paper) if entries else []


def _flowing(entries: Sequence[tuple[str, str, str]], paper: Paper) -> list[str]:
    lines: list[list[str]] = [[]]
    used = 0
    for shape, word, role in entries:
        needed = width(f"{shape} {word}  ")
        if lines[-1] and used + needed - 2 > paper.columns:
            lines.append([])
            used = 0
        lines[-1].append(f"{paint(paper, shape, role)} {paint(paper, word, 'soft')}")
        used += needed
    return ["  ".join(line) for line in lines]
