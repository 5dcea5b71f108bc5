"""``pb month [YYYY-MM] [--cycle]``."""

from argparse import Namespace
from datetime import date

from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import last_of_month, parse_month
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import Asked, ask
from packetbuddy.cli.render.pages import days_lines, month_title, range_title
from packetbuddy.cli.result import Result
from packetbuddy.reports.bodies import month_body, range_body


def arguments(parser: Parser) -> None:
    """Take a month, whether the plan's cycle is meant, and the data options."""
    parser.add_argument("month", nargs="?", metavar="YYYY-MM", help="which month (default: this one)")
    parser.add_argument("--cycle", action="store_true", help="the plan's cycle that begins in that month, or this one")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for every day of the month, or of the cycle."""
    from packetbuddy.answers.usage import days  # noqa: PLC0415 - `--help` needs no ledger

    first = parse_month(options.month, "the month") if options.month is not None else None
    asked = ask(context, options)
    if options.cycle:
        return _cycle(asked, None if first is None else last_of_month(first))
    first = first or asked.today.replace(day=1)
    answer = days(asked.question, first, last_of_month(first))
    title = month_title(answer)
    return Result(
        month_body(answer, asked.how),
        lambda paper: days_lines(answer, asked.how, paper, title=title, today=asked.today),
    )


def _cycle(asked: Asked, day: date | None) -> Result:
    """The cycle that holds a day (today); its body is that of ``range``."""
    from packetbuddy.answers.plans import cycle_days  # noqa: PLC0415 - `--help` needs no ledger
    from packetbuddy.answers.usage import days  # noqa: PLC0415 - same

    answer = days(asked.question, *cycle_days(asked.question, day))
    title = range_title(answer)
    return Result(
        range_body(answer, asked.how),
        lambda paper: days_lines(answer, asked.how, paper, title=title, today=asked.today),
    )
