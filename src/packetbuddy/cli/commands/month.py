"""``pb month [YYYY-MM]``."""

from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import last_of_month, parse_month
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import ask
from packetbuddy.cli.render.pages import days_lines, month_title
from packetbuddy.cli.result import Result
from packetbuddy.reports.bodies import month_body


def arguments(parser: Parser) -> None:
    """Take a month and the data options."""
    parser.add_argument("month", nargs="?", metavar="YYYY-MM", help="which month (default: this one)")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for every day of the month."""
    from packetbuddy.answers.usage import days  # noqa: PLC0415 - `--help` needs no ledger

    first = parse_month(options.month, "the month") if options.month is not None else None
    asked = ask(context, options)
    first = first or asked.today.replace(day=1)
    answer = days(asked.question, first, last_of_month(first))
    title = month_title(answer)
    return Result(
        month_body(answer, asked.how),
        lambda paper: days_lines(answer, asked.how, paper, title=title, today=asked.today),
    )
