import io
import os

import pytest

from packetbuddy.cli.paper import TRUE_COLOURS, Paper, paper_for


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal without a size of its own."""

    def isatty(self) -> bool:
        return True


def terminal(encoding: str = "utf-8") -> Terminal:
    return Terminal(io.BytesIO(), encoding=encoding)


def pipe(encoding: str = "utf-8") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize(
    ("environment", "colours"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, TRUE_COLOURS),
        ({"TERM": "xterm-256color"}, 256),
        ({"TERM": "xterm"}, 16),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, 0),
        ({"TERM": "xterm", "NO_COLOR": "1"}, 0),
        ({"TERM": "xterm", "NO_COLOR": "1", "FORCE_COLOR": "1"}, 0),
        ({"TERM": "xterm", "NO_COLOR": ""}, 16),
    ],
)
def test_terminals_have_the_colours_they_say(environment: dict[str, str], colours: int) -> None:
    """Colours follow TERM and COLORTERM; NO_COLOR wins over everything."""
    assert paper_for(terminal(), environment).colours == colours


def test_a_pipe_is_plain() -> None:
    """A pipe has no colours unless forced, and a width of its own."""
    assert paper_for(pipe(), {"TERM": "xterm", "COLORTERM": "truecolor"}) == Paper(80, 0)
    assert paper_for(pipe(), {"FORCE_COLOR": "1", "TERM": "xterm-256color"}).colours == 256


@pytest.mark.parametrize(
    ("columns", "width"),
    [("60", 60), ("200", 100), ("5", 30), ("0", 80), ("", 80), ("x", 80), ("-7", 80), ("9" * 9, 80)],
)
def test_columns_are_kept_readable(columns: str, width: int) -> None:
    """COLUMNS counts where it is a number, within what can be read."""
    assert paper_for(terminal(), {"COLUMNS": columns}).columns == width


@pytest.mark.parametrize(
    ("encoding", "environment", "ascii_only"),
    [
        ("utf-8", {}, False),
        ("UTF8", {}, False),
        ("latin-1", {}, True),
        ("ascii", {}, True),
        ("cp1252", {}, True),
        ("utf-8", {"PACKETBUDDY_ASCII": "1"}, True),
        ("utf-8", {"PACKETBUDDY_ASCII": "0"}, False),
    ],
)
def test_ascii_where_nothing_else_can_be_written(
    encoding: str, environment: dict[str, str], *, ascii_only: bool
) -> None:
    """Only streams that speak Unicode get boxes and arrows; it can be asked for too."""
    assert paper_for(pipe(encoding), environment).ascii_only == ascii_only


def test_a_real_terminal_tells_its_width() -> None:
    """The width is asked of the terminal itself."""
    pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb"), os.fdopen(follower, "w") as stream:
        termios.tcsetwinsize(stream.fileno(), (24, 72))
        assert paper_for(stream, {}).columns == 72
