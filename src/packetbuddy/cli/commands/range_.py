"""``pb range --from DATE --to DATE``."""

from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.dates import check_range, parse_day
from packetbuddy.cli.parser import DAY_WORDS, Parser, add_data_options
from packetbuddy.cli.question import ask
from packetbuddy.cli.render.pages import days_lines, range_title
from packetbuddy.cli.result import Result
from packetbuddy.reports.bodies import range_body


def arguments(parser: Parser) -> None:
    """Take both ends and the data options."""
    parser.add_argument("--from", dest="first", metavar="DATE", required=True, help=f"first day: {DAY_WORDS}")
    parser.add_argument("--to", dest="last", metavar="DATE", default="today", help="last day (default: today)")
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for every day between the dates, both included."""
    from packetbuddy.answers.usage import days  # noqa: PLC0415 - `--help` needs no ledger

    asked = ask(context, options)
    first = parse_day(options.first, asked.today, "--from")
    last = parse_day(options.last, asked.today, "--to")
    check_range(first, last)
    answer = days(asked.question, first, last)
    title = range_title(answer)
    return Result(
        range_body(answer, asked.how),
        lambda paper: days_lines(answer, asked.how, paper, title=title, today=asked.today),
    )
