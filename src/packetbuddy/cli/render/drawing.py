"""Colours, marks, boxes and widths: everything that depends on what the paper can hold."""

from collections.abc import Sequence
from typing import NamedTuple

from packetbuddy.cli.paper import TRUE_COLOURS, Paper

COLOURS = {
    "download": ("38;2;74;163;255", "38;5;75", "94"),
    "upload": ("38;2;255;180;84", "38;5;215", "93"),
    "good": ("32", "32", "32"),
    "warning": ("33", "33", "33"),
    "bad": ("31", "31", "31"),
    "soft": ("2", "2", "2"),
    "strong": ("1", "1", "1"),
}
"""Escape codes for 2²⁴, 256 and 16 colours. Download and upload are the product's two colours; see LOOK."""


class Marks(NamedTuple):
    """The characters that carry meaning."""

    down: str
    up: str
    download: str
    upload: str
    estimated: str
    unobserved: str
    running: str
    dot: str
    yes: str
    no: str
    sparks: str
    box: str


FULL = Marks("↓ ", "↑ ", "█", "▓", "░", "◌", "…", " · ", "●", "○", "▁▂▃▄▅▆▇█", "─│┌┬┐├┼┤└┴┘")
PLAIN = Marks("", "", "#", "=", ":", "?", "...", ", ", "*", "-", "_.-~=+*#", "-|+++++++++")


def marks(paper: Paper) -> Marks:
    """The marks that the paper can hold."""
    return PLAIN if paper.ascii_only else FULL


def paint(paper: Paper, text: str, role: str) -> str:
    """``text`` in the role's colour, or as it is on paper without colours or with an empty role."""
    if not (paper.colours and role and text):
        return text
    choice = 0 if paper.colours == TRUE_COLOURS else 1 if paper.colours == 256 else 2
    return f"\x1b[{COLOURS[role][choice]}m{text}\x1b[0m"


def clean(text: str) -> str:
    """Text from outside (names, reasons) without control characters that could steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def plain(text: str, paper: Paper) -> str:
    """The same, and without what a paper that holds only ASCII cannot show."""
    safe = clean(text)
    return safe.encode("ascii", "replace").decode() if paper.ascii_only else safe


def width(text: str) -> int:
    """Columns that ``text`` (without escape codes) takes."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - names beyond ASCII are rare

    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in text)


def fitted(text: str, columns: int, *, right: bool = False) -> str:
    """``text`` padded, or cut with an ellipsis, to exactly ``columns``."""
    if width(text) > columns:
        ellipsis = "~" if text.isascii() else "…"
        while text and width(text) >= columns:
            text = text[:-1]
        text += ellipsis[:columns]
    space = " " * (columns - width(text))
    return space + text if right else text + space


def wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """A sentence in lines of at most ``columns``."""
    if width(text) + len(indent) <= columns:
        return [indent + text]
    from textwrap import wrap  # noqa: PLC0415 - most sentences fit

    return wrap(text, columns, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def aligned(rows: Sequence[tuple[str, str]], names: int, paper: Paper) -> list[str]:
    """A quiet name of ``names`` columns and its words on each row; long words go on below themselves."""
    lines = []
    for name, words in rows:
        first, *rest = wrapped(words, paper.columns - names)
        lines += [paint(paper, fitted(name, names), "soft") + first, *(" " * names + each for each in rest)]
    return lines


class Cell(NamedTuple):
    """Text and its role."""

    text: str
    role: str = ""


def boxed(paper: Paper, header: tuple[str, str], rows: Sequence[tuple[Cell, Cell]]) -> list[str]:
    """A box of two columns: words left, amounts right-aligned, as wide as its content."""
    flat, upright, *corners = list(marks(paper).box)
    all_rows = [(Cell(header[0], "strong"), Cell(header[1], "strong")), *rows]
    widths = [max(width(row[side].text) for row in all_rows) for side in (0, 1)]

    def rule(left: str, middle: str, end: str) -> str:
        return left + middle.join(flat * (each + 2) for each in widths) + end

    def line(row: tuple[Cell, Cell]) -> str:
        words = paint(paper, fitted(row[0].text, widths[0]), row[0].role)
        figure = paint(paper, fitted(row[1].text, widths[1], right=True), row[1].role)
        return f"{upright} {words} {upright} {figure} {upright}"

    body = [line(row) for row in all_rows]
    return [rule(*corners[:3]), body[0], rule(*corners[3:6]), *body[1:], rule(*corners[6:])]
