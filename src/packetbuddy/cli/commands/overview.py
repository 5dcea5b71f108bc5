"""Bare ``pb``: today, this month, the plans, the speed now, the service."""

from argparse import Namespace

from packetbuddy.cli.context import Context
from packetbuddy.cli.parser import Parser, add_data_options
from packetbuddy.cli.question import ask, plans_at_a_glance
from packetbuddy.cli.result import Result
from packetbuddy.settings.address import address_of, dashboard_url

MEASURED_SECONDS = 0.25
"""Long enough for a fair speed, short enough not to be waited for."""


def arguments(parser: Parser) -> None:
    """Take the data options."""
    add_data_options(parser)


def run(context: Context, options: Namespace) -> Result:
    """Ask for all of it."""
    from packetbuddy.answers.health import health  # noqa: PLC0415 - each command loads what it needs
    from packetbuddy.answers.live import live  # noqa: PLC0415 - same
    from packetbuddy.answers.usage import days, today  # noqa: PLC0415 - same
    from packetbuddy.cli.render.live import overview_lines  # noqa: PLC0415 - same
    from packetbuddy.reports.bodies import health_body, live_body, month_body, today_body  # noqa: PLC0415 - same
    from packetbuddy.reports.planbodies import plans_body  # noqa: PLC0415 - same

    asked = ask(context, options)
    question, how = asked.question, asked.how
    day, month = today(question), days(question, asked.today.replace(day=1), asked.today)
    plans = plans_at_a_glance(question)
    here = question._replace(device="this")
    state, now = health(question), live(here, MEASURED_SECONDS)
    url = dashboard_url(address_of(question.settings.api))
    data = {
        "today": today_body(day, how),
        "month": month_body(month, how),
        "plans": plans_body(plans, how)["plans"],
        "live": live_body(now, how),
        "health": health_body(state),
        "dashboard": url,
    }
    label = "Now" if question.device == "this" else "Now, here"
    answers = (day, month, now, state)
    return Result(data, lambda paper: overview_lines(answers, how, paper, plans=plans, dashboard=url, now=label))
