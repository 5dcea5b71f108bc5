"""What today, this month and everything cost: the usages that are priced."""

from datetime import date, timedelta

from packetbuddy.answers.open import Question, local
from packetbuddy.answers.plans import gauges
from packetbuddy.answers.usage import days, summary, today
from packetbuddy.reports.model import Costs


def costs(question: Question) -> Costs:
    """The usages of the running day, its month and the lifetime, and the cost of the running cycles."""
    first = local(question, question.now_ns).date().replace(day=1)
    running = tuple((row.gauge.name, row.gauge.cost) for row in gauges(question).rows)
    return Costs(today(question).usage, days(question, first, _last(first)).summary, summary(question).usage, running)


def _last(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
