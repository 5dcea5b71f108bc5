"""``pb live`` on a whole terminal: whatever its size, the board fits; the graph's bars are what moved."""

import re

from hypothesis import given
from hypothesis import strategies as st

from contract.cli_samples import BOARD, HOW, LIVE, TODAY
from packetbuddy.cli.paper import TRUE_COLOURS, Paper
from packetbuddy.cli.render.board import Board, board_lines
from packetbuddy.cli.render.drawing import width
from packetbuddy.cli.render.graph import FALLING, LEAST_ROWS, RISING, Point, graph
from packetbuddy.cli.render.numerals import SHAPES, numerals
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Speed
from packetbuddy.reports.quantities import BYTES

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
rates = st.floats(0, 1e12) | st.sampled_from([0.0, 0.4, 1.0, 999.6, 1e15])
points = st.lists(st.builds(Point, rates, rates), max_size=120)
papers = st.builds(Paper, st.integers(1, 100), st.sampled_from([0, 16, 256, TRUE_COLOURS]), st.booleans())
hows = st.sampled_from([HOW, *(Presentation(units, style) for units in BYTES for style in ("bytes", "bits"))])
boards = st.builds(
    Board,
    st.builds(
        lambda sent, received, names: LIVE._replace(
            sent=sent, received=received, interfaces=tuple(Speed(name, sent, received) for name in names)
        ),
        rates,
        rates,
        st.lists(st.text(max_size=15), max_size=3),
    ),
    points,
    st.sampled_from([None, TODAY]),
    st.just(BOARD.plans),
    st.sampled_from([None, BOARD.health]),
    st.sampled_from(["", "the ledger is locked by another\x1b[2J program for a while now"]),
    st.just("q quits"),
)


@given(boards, hows, papers, st.integers(1, 60))
def test_it_fits_any_terminal(board: Board, how: Presentation, paper: Paper, rows: int) -> None:
    """Never more lines than rows, never wider than the columns, never nothing, and no control characters of names."""
    lines = [ESCAPES.sub("", line) for line in board_lines(board, how, paper, rows)]
    assert 0 < len(lines) <= rows
    assert max(map(width, lines)) <= paper.columns
    assert [line for line in lines if not line.isprintable()] == []
    assert not paper.ascii_only or "│" not in "".join(lines)


def test_the_most_wanted_stays_the_longest() -> None:
    """The smaller the terminal, the less is told, and the speed is what is left."""
    said = {rows: "\n".join(board_lines(BOARD, HOW, Paper(80), rows)) for rows in range(1, 25)}
    wanted = {"8.61": 1, "Today": 2, "Home": 3, "Link": 4, "Service": 5, "┼": 11, "q quits": 12}
    assert {word: min(rows for rows in said if word in said[rows]) for word in wanted} == wanted
    assert "8.61" not in said[24]
    assert numerals("8.61")[0] in said[24]


def heights(lines: list[str], shapes: str, room: int) -> list[int]:
    """Filled eighths of each column."""
    cells = [line.partition("│")[2].ljust(room) for line in lines]
    return [sum(shapes.index(row[column]) for row in cells) for column in range(room)]


@given(
    st.lists(st.builds(Point, st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=40),
    st.integers(5, 30),
)
def test_bars_are_what_moved(shown: list[Point], rows: int) -> None:
    """Each column is as high as its speed on the labelled scale, to an eighth of a row; what moved at all is seen."""
    lines = graph(shown, Presentation(), Paper(70), rows)
    axis = next(number for number, line in enumerate(lines) if "┼" in line)
    assert len(lines) == rows
    assert all(width(line) <= 70 for line in lines)
    number, unit = lines[0].partition("│")[0].split()
    step = float(number) * {"kB/s": 1e3, "MB/s": 1e6, "GB/s": 1e9}[unit] / axis
    drawn = heights(lines[:axis], RISING, len(lines[axis].partition("┼")[2]))
    wanted = [max(round(point.received / step * 8), int(point.received > 0)) for point in shown]
    assert drawn[len(drawn) - len(wanted) :] == wanted


def test_both_directions_have_one_scale() -> None:
    """As many bytes up as down are as many rows, and the ends of the scale say how many that is."""
    lines = graph([Point(4e6, 2e6)], Presentation(), Paper(40), 8)
    assert lines[0].startswith("4.00 MB/s")
    assert [line[-1] for line in lines[:-1]] == ["█", "█", "█", "█", "─", "█", "█"]
    assert lines[-2].startswith("2.00 MB/s")


def test_shapes_have_all_eighths() -> None:
    """A cell that is empty is blank, and a full one is full, in both directions."""
    assert (RISING[0], RISING[8], FALLING[0], FALLING[8], len(RISING), len(FALLING)) == (" ", "█", " ", "█", 9, 9)
    assert len(graph([], Presentation(), Paper(40), LEAST_ROWS)) == LEAST_ROWS


def test_figures_are_told_apart() -> None:
    """Every digit has a shape of its own, three lines high and equally wide."""
    drawn = {digit: tuple(numerals(digit)) for digit in SHAPES}
    assert len(set(drawn.values())) == 11
    assert {tuple(map(len, lines)) for lines in drawn.values()} == {(3, 3, 3), (1, 1, 1)}
    assert numerals("1.0") == ["▄█    █▀█", " █    █ █", "▀▀▀ ▀ ▀▀▀"]


def test_the_fastest_link_is_named() -> None:
    """With several the one that moves most, and how many there are; alone only its name; without one, what to do."""
    speeds = (Speed("eth0", 1, 1), Speed("wl\x1b[31m", 5e6, 1e6), Speed("x", 0, 0))
    told = board_lines(BOARD._replace(live=LIVE._replace(interfaces=speeds)), HOW, Paper(80), 24)
    assert any("wl?[31m · 6.00 MB/s · the fastest of 3" in line for line in told)
    nothing = board_lines(BOARD._replace(live=LIVE._replace(interfaces=())), HOW, Paper(80), 24)
    assert any("no interface counts at the moment" in line for line in nothing)
