"""``pb summary``."""

from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import ask
from packetbuddy.cli.render.pages import summary_lines
from packetbuddy.cli.result import Result
from packetbuddy.reports.bodies import summary_body


def arguments(parser: Parser) -> None:
    """Take the data options."""
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for everything since tracking began."""
    from packetbuddy.answers.usage import summary  # noqa: PLC0415 - `--help` needs no ledger

    asked = ask(context, options)
    answer = summary(asked.question)
    return Result(summary_body(answer, asked.how), lambda paper: summary_lines(answer, asked.how, paper))
