"""``pb live [--once] [--plain]``."""

import os
import sys
from argparse import Namespace
from collections import deque
from collections.abc import Iterator

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import Asked, ask_of_this
from packetbuddy.cli.render.live import live_line, live_lines
from packetbuddy.cli.result import Outcome, Result, said
from packetbuddy.reports.bodies import live_body
from packetbuddy.reports.model import Live

SECONDS = 1.0
REMEMBERED = 100
"""Seconds that the longest sparkline shows."""
WITHOUT_PAGES = frozenset({"", "dumb", "unknown"})
"""Terminals that can only write on."""


def arguments(parser: Parser) -> None:
    """Take ``--once``, ``--plain`` and the data options."""
    parser.add_argument("--once", action="store_true", help="one measurement instead of one each second")
    parser.add_argument("--plain", action="store_true", help="a line each second, as in a pipe")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Outcome:
    """Measure once, or each second until told to leave: on the whole terminal where there is one."""
    asked = ask_of_this(context, options)
    if options.once:
        return _once(asked)
    if options.json or options.plain or not _whole_terminal(context):
        return _stream(asked)
    from packetbuddy.cli.watching import watch  # noqa: PLC0415 - most terminals are not taken

    watch(asked, context.paper, sys.stdin.fileno() if sys.stdin is not None and sys.stdin.isatty() else None)
    return said()


def _whole_terminal(context: Context) -> bool:
    """Whether stdout is a terminal that can show pages, and is this process's own now; on Windows lines do."""
    pages = context.environment.get("TERM", "") not in WITHOUT_PAGES
    return pages and sys.platform != "win32" and sys.stdout.isatty() and _in_front(sys.stdout.fileno())


def _in_front(terminal: int) -> bool:
    """Not a job in the background, and not another session's terminal."""
    try:
        return os.getpgrp() == os.tcgetpgrp(terminal)
    except OSError:
        return False


def _once(asked: Asked) -> Result:
    from packetbuddy.answers.live import live  # noqa: PLC0415 - `--help` needs no counters

    answer = live(asked.question, SECONDS)
    return Result(live_body(answer, asked.how), lambda paper: live_lines(answer, asked.how, paper))


def _stream(asked: Asked) -> Iterator[Result]:
    """One measurement after the other over the same counters, so that no byte falls between two lines."""
    from packetbuddy.answers.live import Measurement  # noqa: PLC0415 - same
    from packetbuddy.probes import open_probe  # noqa: PLC0415 - same

    probe = open_probe()
    try:
        measurement = Measurement(asked.question, probe)
        totals: deque[float] = deque(maxlen=REMEMBERED)
        while True:
            answer = measurement.measure(SECONDS)
            totals.append(answer.total)
            yield _line(answer, tuple(totals), asked)
    finally:
        probe.close()


def _line(answer: Live, totals: tuple[float, ...], asked: Asked) -> Result:
    return Result(live_body(answer, asked.how), lambda paper: [live_line(answer, totals, asked.how, paper)])
