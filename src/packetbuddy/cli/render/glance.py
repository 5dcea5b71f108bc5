"""The plans' running cycles in a line each, for pages that are about something else."""

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import clean, fitted, marks, wrapped
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.plans import Gauge, Plans
from packetbuddy.reports.planwords import advice_words, day_words, left_words, notes, sentences, used_words

NAME = 11
"""Columns of a plan's name where it stands before its figures."""


def plan_rows(plans: Plans, how: Presentation, paper: Paper) -> list[tuple[str, str]]:
    """Name and words of each plan."""
    return [(fitted(clean(row.gauge.name), NAME).rstrip(), _words(row.gauge, how, paper)) for row in plans.rows]


def plan_notes(plans: Plans, how: Presentation, paper: Paper) -> list[str]:
    """A sentence for each plan."""
    return [
        line
        for row in plans.rows
        for line in wrapped(f"{clean(row.gauge.name)}: {_words(row.gauge, how, paper)}", paper.columns)
    ]


def _words(gauge: Gauge, how: Presentation, paper: Paper) -> str:
    if not gauge.known:
        return sentences(notes(gauge))
    if not gauge.begun:
        return f"begins on {day_words(gauge.start, gauge.today)}"
    left = "nothing is left" if gauge.left == 0 else ""
    parts = (used_words(gauge, how.units), left, left_words(gauge), advice_words(gauge, how.units))
    return marks(paper).dot.join(part for part in parts if part)
