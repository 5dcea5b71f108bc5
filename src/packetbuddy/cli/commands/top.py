"""``pb top [--once] [--plain]``: asked for, never stored, and no part of the service."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from packetbuddy.cli.context import Context
from packetbuddy.cli.front import whole_terminal
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.parser import Parser
from packetbuddy.cli.question import Asked, ask
from packetbuddy.cli.render.top import top_block, top_lines, top_page
from packetbuddy.cli.result import Outcome, Result, said
from packetbuddy.reports.topbodies import top_body

if TYPE_CHECKING:
    from packetbuddy.answers.top import Listening
    from packetbuddy.reports.top import Top

SECONDS, FIRST_SECONDS = 1.0, 0.25
ALL_LINKS = Namespace(device="this", interface=None)
"""A conversation is a program's, not a link's."""


def arguments(parser: Parser) -> None:
    """Take ``--once`` and ``--plain``."""
    parser.add_argument("--once", action="store_true", help="one measurement instead of one each second")
    parser.add_argument("--plain", action="store_true", help="a block of lines each second, as in a pipe")


def run(context: Context, options: Namespace) -> Outcome:
    """Measure once, or each second until told to leave: on the whole terminal where there is one.

    Raises:
        ProbeError: this system does not tell which program talks.
    """
    asked = ask(context, ALL_LINKS)
    if options.once:
        return _once(asked)
    if options.json or options.plain or not whole_terminal(context):
        return _stream(asked)
    return _whole(asked, context.paper)


def _once(asked: Asked) -> Result:
    from packetbuddy.answers.top import listening  # noqa: PLC0415 - `--help` listens to nobody

    with listening(asked.question) as ear:
        top = ear.measure(SECONDS)
    return Result(top_body(top, asked.how), lambda paper: top_lines(top, asked.how, paper))


def _stream(asked: Asked) -> Iterator[Result]:
    """One measurement after the other, so that no byte falls between two."""
    from packetbuddy.answers.top import listening  # noqa: PLC0415 - same

    with listening(asked.question) as ear:
        while True:
            yield _block(ear.measure(SECONDS), asked)


def _block(top: "Top", asked: Asked) -> Result:
    return Result(top_body(top, asked.how), lambda paper: [*top_block(top, asked.how, paper), ""])


def _whole(asked: Asked, paper: Paper) -> Result:
    from packetbuddy.answers.top import listening  # noqa: PLC0415 - same
    from packetbuddy.cli.watching import watch  # noqa: PLC0415 - same

    with listening(asked.question) as ear:
        watch(_View(ear, asked), paper)
    return said()


class _View:
    """A page of programs, anew with each look."""

    def __init__(self, ear: "Listening", asked: Asked) -> None:
        self._ear, self._how = ear, asked.how
        self._top = ear.measure(FIRST_SECONDS)

    def look(self) -> None:
        """Who talked since the last time."""
        self._top = self._ear.measure(0)

    def lines(self, paper: Paper, rows: int, ending: str) -> Sequence[str]:
        """As many as fit."""
        return top_page(self._top, self._how, paper, rows, ending)
