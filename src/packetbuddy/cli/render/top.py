"""Which programs talk now: a row each, on a page of its own or a block a second."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import clean, fitted, marks, paint, width, wrapped
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.quantities import short, speed
from packetbuddy.reports.top import Moved, Talker, Top

WITH_SINCE = 56
"""Columns from which there is room for what moved since the first look."""
WITH_TITLE = 30
"""Columns from which there is room for sentences."""
FIGURE = 13
SHORTEST_NAME, LONGEST_NAME = 8, 32
FEWEST_ROWS = 4
"""So many programs are wanted beside the sentences that explain them."""


class _Row(NamedTuple):
    """A name, three figures, and the role of the name and of the last figure."""

    name: str
    down: str
    up: str
    since: str
    role: str = "soft"


def top_lines(top: Top, how: Presentation, paper: Paper) -> list[str]:
    """All of it, with what it means."""
    return [*_head(top, paper), *_table([*_programs(top, how), *_others(top, how)], paper), *_notes(top, paper)]


def top_block(top: Top, how: Presentation, paper: Paper) -> list[str]:
    """The same without sentences, for one of many."""
    return [*_head(top, paper), *_table([*_programs(top, how), *_others(top, how)], paper)]


def top_page(top: Top, how: Presentation, paper: Paper, rows: int, ending: str) -> list[str]:
    """At most ``rows`` lines: as many programs as fit, the fastest first, then what belongs to none."""
    head, others, notes = _head(top, paper)[:1], list(_others(top, how)), _notes(top, paper)
    if paper.columns < WITH_TITLE:
        head, notes = [], []
    foot = ["", paint(paper, fitted(ending, min(len(ending), paper.columns)), "soft")]
    fixed = len(head) + 1 + len(others)
    if rows < fixed + len(notes) + len(foot) + FEWEST_ROWS:
        notes = []
    if rows < fixed + len(foot) + FEWEST_ROWS:
        foot = []
    programs = list(_programs(top, how))[: max(1, rows - fixed - len(notes) - len(foot))]
    return [*head, *_table([*programs, *others], paper), *notes, *foot][:rows]


def _head(top: Top, paper: Paper) -> list[str]:
    words = marks(paper).dot.join(("Programs that talk now", f"{top.kinds}, sampled", f"{top.at:%H:%M:%S}"))
    return [paint(paper, line, "strong") for line in wrapped(words, paper.columns)]


def _programs(top: Top, how: Presentation) -> Iterator[_Row]:
    for talker in top.talkers:
        count = f" ({len(talker.pids)})" if len(talker.pids) > 1 else ""
        yield _row(f"{clean(talker.name)}{count}", talker, top, how)


def _others(top: Top, how: Presentation) -> Iterator[_Row]:
    """What belongs to no program that can be named, and all that the links moved. No program's row has a bracket."""
    for talker, name in ((top.unnamed, "[not named]"), (top.brief, "[came and went]")):
        if talker.since.total:
            yield _row(name, talker, top, how)._replace(role="soft")
    if top.links is not None:
        yield _row("[all links]", Talker("", (), 0, top.links, Moved()), top, how)._replace(since="", role="soft")


def _row(name: str, talker: Talker, top: Top, how: Presentation) -> _Row:
    down, up = (speed(each / top.seconds, how.units, how.speed) for each in (talker.now.received, talker.now.sent))
    return _Row(name, down, up, short(talker.since.total, how.units), "")


def _table(rows: Sequence[_Row], paper: Paper) -> list[str]:
    sign = marks(paper)
    header = _Row("Program", f"{sign.down}Download", f"{sign.up}Upload", "Since start")
    figures = 3 if paper.columns >= WITH_SINCE else max(0, min(2, (paper.columns - SHORTEST_NAME) // FIGURE))
    room = min(LONGEST_NAME, paper.columns - figures * FIGURE)
    names = min(room, max(SHORTEST_NAME, *(width(row.name) for row in [header, *rows])))
    return [_line(row, names, figures, paper) for row in [header, *rows]]


def _line(row: _Row, names: int, figures: int, paper: Paper) -> str:
    """As many figures as there is room for."""
    cells = ((row.down, "download"), (row.up, "upload"), (row.since, row.role))[:figures]
    shown = [paint(paper, fitted(text, FIGURE, right=True), role) for text, role in cells if text]
    return paint(paper, fitted(row.name, names) if shown else fitted(row.name, names).rstrip(), row.role) + "".join(
        shown
    )


def _notes(top: Top, paper: Paper) -> list[str]:
    """What the rows do not say."""
    notes = [] if top.talkers else ["No program that can be named has talked yet."]
    if not top.everybody:
        notes.append("Without root only your own programs have names; `sudo pb top` names all.")
    if top.brief.since.total:
        notes.append("Connections that came and went between two looks are counted, but nobody knows whose they were.")
    if top.missed:
        notes.append("There were more of these than the system could tell of.")
    if top.links is not None:
        beyond = (
            "headers, other network namespaces" if "UDP" in top.kinds else "UDP (calls, HTTP/3), headers, containers"
        )
        notes.append(f"All links hold more than the programs: {beyond}.")
    return [paint(paper, line, "soft") for note in notes for line in wrapped(note, paper.columns)]
