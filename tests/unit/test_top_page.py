"""``pb top`` on a whole terminal and as JSON: whatever its size, the page fits; the figures are those of the look."""

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contract.cli_samples import HOW, TOP
from packetbuddy.cli.paper import TRUE_COLOURS, Paper
from packetbuddy.cli.render.drawing import width
from packetbuddy.cli.render.top import top_block, top_lines, top_page
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.quantities import BYTES
from packetbuddy.reports.top import Moved, Talker, Top
from packetbuddy.reports.topbodies import top_body

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
counts = st.builds(Moved, st.integers(0, 1 << 50), st.integers(0, 1 << 50))
talkers = st.builds(
    Talker,
    st.text(max_size=40),
    st.lists(st.integers(1, 1 << 22), max_size=3).map(tuple),
    st.integers(0, 9),
    counts,
    counts,
)
tops = st.builds(
    Top,
    st.just(TOP.at),
    st.just(TOP.began),
    st.floats(0.01, 100),
    st.sampled_from(["TCP", "TCP and UDP"]),
    st.booleans(),
    st.lists(talkers, max_size=30).map(tuple),
    talkers,
    talkers,
    st.none() | counts,
    st.booleans(),
)
papers = st.builds(Paper, st.integers(1, 100), st.sampled_from([0, 16, TRUE_COLOURS]), st.booleans())
hows = st.sampled_from([HOW, *(Presentation(units, style) for units in BYTES for style in ("bytes", "bits"))])


@given(tops, hows, papers, st.integers(1, 60))
def test_it_fits_any_terminal(top: Top, how: Presentation, paper: Paper, rows: int) -> None:
    """Never more lines than rows, never wider than the columns, never nothing, and no control characters of names."""
    lines = [ESCAPES.sub("", line) for line in top_page(top, how, paper, rows, "q quits")]
    assert 0 < len(lines) <= rows
    assert max(map(width, lines)) <= paper.columns
    assert [line for line in lines if not line.isprintable()] == []


def test_the_fastest_stay_the_longest() -> None:
    """The smaller the terminal, the fewer programs and sentences; what has no name stays beside them."""
    said = {rows: "\n".join(top_page(TOP, HOW, Paper(80), rows, "q quits")) for rows in range(1, 30)}
    wanted = {"firefox": 3, "[all links]": 6, "rsync": 7, "idle": 9, "q quits": 11, "sudo pb top": 16}
    assert {word: min(rows for rows in said if word in said[rows]) for word in wanted} == wanted


def test_a_block_has_no_sentences() -> None:
    """One of many each second is a table; the first answer to `--once` explains itself."""
    block, whole = top_block(TOP, HOW, Paper(80)), top_lines(TOP, HOW, Paper(80))
    assert whole[: len(block)] == block
    assert len(whole) > len(block)
    assert "sampled" in block[0]


def test_sentences_are_said_where_they_hold() -> None:
    """Of root, of what came and went, of what was missed, of the links: each only where it is so."""
    calm = TOP._replace(everybody=True, brief=Talker("", (), 0, Moved(), Moved()), missed=False, links=None)
    told = "\n".join(top_lines(calm, HOW, Paper(100)))
    for word in ("sudo", "came and went", "could tell of", "All links"):
        assert word not in told
        assert word in "\n".join(top_lines(TOP, HOW, Paper(100)))
    silent = "\n".join(top_lines(calm._replace(talkers=()), HOW, Paper(100)))
    assert "No program that can be named has talked yet." in silent
    assert "UDP" not in "\n".join(top_lines(TOP._replace(kinds="TCP and UDP"), HOW, Paper(100))).split("sampled")[1]


def test_the_body_has_speeds_and_sums() -> None:
    """Speeds are bytes over the measured time; sums are since the start; an unknown is null."""
    body: dict[str, Any] = dict(top_body(TOP, HOW))
    first = body["programs"][0]
    assert (first["name"], first["pids"], first["connections"]) == ("firefox", [4711], 3)
    assert first["bytes_received_per_second"] == round(8_100_000 / 1.02)
    assert (first["bytes_sent"], first["bytes_received"], first["total_bytes"]) == (2_000_000, 118_000_000, 120_000_000)
    assert first["human_readable"]["sent"] == "206 kB/s"
    assert (body["kinds"], body["sampled"], body["everybody"], body["brief"]["missed"]) == ("TCP", True, False, True)
    assert (body["at"], body["began"]) == ("2026-11-23T21:04:05+05:30", "2026-11-23T21:03:00+05:30")
    assert top_body(TOP._replace(links=None), HOW)["links"] is None
