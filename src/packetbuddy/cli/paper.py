"""What text is drawn on: how wide it is, how many colours it has, what it can hold, and where its reader lives."""

import os
import sys
from collections.abc import Mapping
from typing import NamedTuple, TextIO

TRUE_COLOURS = 1 << 24
WIDEST = 100
"""Lines stay readable on a wide terminal."""
NARROWEST = 30
WIDTH_OF_A_PIPE = 80


class Paper(NamedTuple):
    """Columns, number of colours (0, 16, 256 or 2²⁴), and whether only ASCII may be written.

    ``place``: whose way of writing money is wanted, such as ``de_DE``; empty: nobody's in particular.
    """

    columns: int = WIDTH_OF_A_PIPE
    colours: int = 0
    ascii_only: bool = False
    place: str = ""


def paper_for(stream: TextIO, environment: Mapping[str, str]) -> Paper:
    """What ``stream`` can show, and the environment wants: NO_COLOR, FORCE_COLOR, TERM, COLORTERM, COLUMNS, LC_ALL."""
    terminal = stream.isatty()
    return Paper(
        columns=max(NARROWEST, min(WIDEST, _columns(stream, environment, terminal=terminal))),
        colours=_colours(environment, terminal=terminal),
        ascii_only=environment.get("PACKETBUDDY_ASCII", "0") not in {"", "0"} or not _speaks_unicode(stream),
        place=_place(environment),
    )


def _place(environment: Mapping[str, str]) -> str:
    """``de_DE`` of ``de_DE.UTF-8@euro``, for money."""
    told = next(filter(None, (environment.get(name) for name in ("LC_ALL", "LC_MONETARY", "LANG"))), "")
    place = told.partition(".")[0].partition("@")[0]
    return "" if place in {"C", "POSIX"} else place


def _columns(stream: TextIO, environment: Mapping[str, str], *, terminal: bool) -> int:
    told = environment.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and 0 < len(told) < 6 and int(told) > 0:
        return int(told)
    if not terminal:
        return WIDTH_OF_A_PIPE
    try:
        return os.get_terminal_size(stream.fileno()).columns or WIDTH_OF_A_PIPE
    except (OSError, ValueError):
        return WIDTH_OF_A_PIPE


def _colours(environment: Mapping[str, str], *, terminal: bool) -> int:
    term = environment.get("TERM", "")
    forced = environment.get("FORCE_COLOR", "") not in {"", "0"}
    if environment.get("NO_COLOR") or not (forced or (terminal and term != "dumb" and _draws_escapes(environment))):
        return 0
    if environment.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or "WT_SESSION" in environment:
        return TRUE_COLOURS
    return 256 if "256" in term else 16


def _draws_escapes(environment: Mapping[str, str]) -> bool:
    """Whether the terminal understands escape sequences; the old Windows console does not by itself."""
    if sys.platform != "win32":
        return True
    return not {"WT_SESSION", "ANSICON", "CONEMUANSI", "TERM"}.isdisjoint(environment)


def _speaks_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "ascii").lower().replace("-", "").replace("_", "").startswith("utf")
