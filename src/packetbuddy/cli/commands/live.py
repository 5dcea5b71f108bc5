"""``pb live [--once] [--plain]``."""

from argparse import Namespace
from collections import deque
from collections.abc import Iterator

from packetbuddy.cli.context import Context
from packetbuddy.cli.front import whole_terminal
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import Asked, ask_of_this
from packetbuddy.cli.render.live import live_line, live_lines
from packetbuddy.cli.result import Outcome, Result, said
from packetbuddy.reports.bodies import live_body
from packetbuddy.reports.model import Live

SECONDS = 1.0
REMEMBERED = 100
"""Seconds that the longest sparkline shows."""


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
    if options.json or options.plain or not whole_terminal(context):
        return _stream(asked)
    return _whole(asked, context.paper)


def _whole(asked: Asked, paper: Paper) -> Result:
    from packetbuddy.cli.liveview import live_view  # noqa: PLC0415 - most terminals are not taken
    from packetbuddy.cli.watching import watch  # noqa: PLC0415 - same

    with live_view(asked) as view:
        watch(view, paper)
    return said()


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
