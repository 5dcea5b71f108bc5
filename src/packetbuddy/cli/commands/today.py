"""``pb today``."""

from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import ask, plans_at_a_glance
from packetbuddy.cli.render.glance import plan_notes
from packetbuddy.cli.render.today import today_lines
from packetbuddy.cli.result import Result
from packetbuddy.reports.bodies import today_body


def arguments(parser: Parser) -> None:
    """Take the data options."""
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for the running day."""
    from packetbuddy.answers.usage import today  # noqa: PLC0415 - `pb today --help` needs no ledger

    asked = ask(context, options)
    answer, plans = today(asked.question), plans_at_a_glance(asked.question)
    return Result(
        today_body(answer, asked.how),
        lambda paper: [*today_lines(answer, asked.how, paper), *plan_notes(plans, asked.how, paper)],
    )
