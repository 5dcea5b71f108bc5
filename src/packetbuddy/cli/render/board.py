"""``pb live`` on a whole terminal: as much as fits, the speed first."""

from collections.abc import Sequence
from typing import NamedTuple

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import aligned, clean, fitted, marks, paint, width
from packetbuddy.cli.render.glance import plan_rows
from packetbuddy.cli.render.graph import LEAST_ROWS, MOST_ROWS, Point, graph
from packetbuddy.cli.render.live import service_words, today_words
from packetbuddy.cli.render.numerals import numerals
from packetbuddy.cli.render.words import short_day
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Health, Live, Speed, Today
from packetbuddy.reports.plans import NO_PLANS, Plans
from packetbuddy.reports.quantities import speed

NAMES = 12
"""Columns of the quiet names before the sentences."""
NARROWEST_GRAPH, TITLED = 30, 40
ROOMY_ROWS, ROOMY_COLUMNS = 18, 56
"""From here on the figures are large, and there is air between the parts."""


class Board(NamedTuple):
    """What is to be shown. ``today`` and ``health`` are ``None`` before anything is counted; ``trouble`` says why."""

    live: Live
    points: Sequence[Point]
    today: Today | None = None
    plans: Plans = NO_PLANS
    health: Health | None = None
    trouble: str = ""
    ending: str = "q quits"


def board_lines(board: Board, how: Presentation, paper: Paper, rows: int) -> list[str]:
    """At most ``rows`` lines of at most ``paper.columns``."""
    roomy = rows >= ROOMY_ROWS and paper.columns >= ROOMY_COLUMNS
    air = [""] if roomy else []
    head = [*_title(board, paper), *air] if rows >= 8 and paper.columns >= TITLED else []
    figures = _large(board.live, how, paper) if roomy and not paper.ascii_only else _small(board.live, how, paper)
    foot = (
        [*air, paint(paper, fitted(board.ending, min(len(board.ending), paper.columns)), "soft")] if rows >= 12 else []
    )
    room = rows - len(head) - len(figures) - len(foot)
    kept = _told(board, how, paper, room - 2 * len(air))
    drawn = _drawn(board, how, paper, room - len(kept) - 2 * len(air))
    return [*head, *figures, *(air if drawn else []), *drawn, *air, *kept, *foot][:rows]


def _title(board: Board, paper: Paper) -> list[str]:
    at = board.live.at
    when = fitted(f"{short_day(at.date())}  {at:%H:%M:%S}", paper.columns - 12, right=True)
    return [paint(paper, "PacketBuddy ", "strong") + paint(paper, when, "soft")]


def _large(live: Live, how: Presentation, paper: Paper) -> list[str]:
    """Both speeds side by side, their words above them and their units beside them."""
    half = paper.columns // 2
    sides = [
        _side(f"{marks(paper).down}Download", live.received, how, paper._replace(columns=half), "download"),
        _side(f"{marks(paper).up}Upload", live.sent, how, paper._replace(columns=half), "upload"),
    ]
    return ["".join(parts) for parts in zip(*sides, strict=True)]


def _side(word: str, bytes_per_second: float, how: Presentation, paper: Paper, role: str) -> list[str]:
    figure, _, unit = speed(bytes_per_second, how.units, how.speed).partition(" ")
    lines = numerals(figure)
    lines[-1] += f" {unit}"
    texts = [fitted(line, paper.columns) for line in (word, *lines)]
    return [paint(paper, text.rstrip() if role == "upload" else text, role) for text in texts]


def _small(live: Live, how: Presentation, paper: Paper) -> list[str]:
    """Both speeds on one line where they fit, else on two."""
    sign = marks(paper)
    down = f"{sign.down or 'down '}{speed(live.received, how.units, how.speed)}"
    up = f"{sign.up or 'up '}{speed(live.sent, how.units, how.speed)}"
    if width(down) + width(up) + 3 <= paper.columns:
        return [f"{paint(paper, down, 'download')}   {paint(paper, up, 'upload')}"]
    return [
        paint(paper, fitted(text, paper.columns).rstrip(), role) for text, role in ((down, "download"), (up, "upload"))
    ]


def _drawn(board: Board, how: Presentation, paper: Paper, rows: int) -> list[str]:
    """The graph, where there is room for one."""
    if rows < LEAST_ROWS or paper.columns < NARROWEST_GRAPH:
        return []
    return graph(board.points, how, paper, min(rows, MOST_ROWS))


def _told(board: Board, how: Presentation, paper: Paper, room: int) -> list[str]:
    """What else there is to say, the most wanted first: whole where a graph still fits beside it, else a line each."""
    rows = [("", clean(board.trouble))] if board.trouble else []
    if board.today is not None:
        rows.append(("Today", today_words(board.today, how, paper)))
    rows += plan_rows(board.plans, how, paper)
    rows.append(("Link", _link(board.live.interfaces, how, paper)))
    if board.health is not None:
        rows.append(("Service", service_words(board.health)))
    whole = aligned(rows, NAMES, paper) if paper.columns >= NARROWEST_GRAPH else []
    if whole and len(whole) <= max(len(rows), room - LEAST_ROWS):
        return whole[: max(0, room)]
    names = NAMES if paper.columns >= 40 else 0
    cut = [
        paint(paper, fitted(name, names), "soft") + fitted(words, paper.columns - names).rstrip()
        for name, words in rows
    ]
    return cut[: max(0, room)]


def _link(speeds: Sequence[Speed], how: Presentation, paper: Paper) -> str:
    """The interface that moves most, and how many others count beside it."""
    if not speeds:
        return "no interface counts at the moment; `pb interfaces` says why"
    top = max(speeds, key=lambda one: one.sent + one.received)
    if len(speeds) == 1:
        return clean(top.interface)
    share = speed(top.sent + top.received, how.units, how.speed)
    others = f"the fastest of {len(speeds)}"
    return marks(paper).dot.join((clean(top.interface), share, others))
