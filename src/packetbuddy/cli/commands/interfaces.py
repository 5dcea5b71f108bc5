"""``pb interfaces``."""

from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import ask_of_this
from packetbuddy.cli.render.details import interfaces_lines
from packetbuddy.cli.result import Result
from packetbuddy.reports.bodies import interfaces_body


def arguments(parser: Parser) -> None:
    """Take the data options."""
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for every interface."""
    from packetbuddy.answers.interfaces import interfaces  # noqa: PLC0415 - `--help` needs no ledger

    asked = ask_of_this(context, options)
    rows = interfaces(asked.question)
    return Result(interfaces_body(rows), lambda paper: interfaces_lines(rows, asked.how, paper))
