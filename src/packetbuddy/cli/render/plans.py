"""Plans and reconciliations as lines."""

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import aligned, clean, marks, paint, wrapped
from packetbuddy.cli.render.words import WHOLE, money_words, percent, short_day
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.plans import Gauge, PlanRow, Plans
from packetbuddy.reports.planwords import forecast_words, left_words, meaning, percent_words, used_words
from packetbuddy.reports.quantities import short

NO_PLAN = (
    "There is no plan yet. Name your cap and see what is left, whether it lasts, and how much a day is fine:",
    '  pb plan set cap "100 GB" starts 1',
)
ROLES = {"over": "bad", "fast": "warning", "on_pace": "good", "running": "good"}
STATES = {
    "unknown": "not known",
    "over": "used up",
    "fast": "too fast",
    "on_pace": "on pace",
    "running": "running",
    "early": "too early to say",
    "no_cap": "no cap",
    "not_begun": "not begun",
}
WIDEST_BAR = 60


def plans_lines(plans: Plans, how: Presentation, paper: Paper) -> list[str]:
    """Each plan with its bar, its figures and what they mean."""
    if not plans.rows:
        return [line for sentence in NO_PLAN for line in wrapped(sentence, paper.columns)]
    lines: list[str] = []
    for row in plans.rows:
        lines += ([""] if lines else []) + _plan(row, how, paper)
    return lines


def check_lines(plans: Plans, how: Presentation, paper: Paper) -> list[str]:
    """A line for each plan: whether anything is left of it."""
    return [
        line for row in plans.rows for line in wrapped(f"{clean(row.gauge.name)}: {_checked(row, how)}", paper.columns)
    ]


def _checked(row: PlanRow, how: Presentation) -> str:
    if row.state == "unknown":
        return meaning(row, how.units)
    if row.state in {"not_begun", "no_cap"}:
        return STATES[row.state]
    percentage = f"{used_words(row.gauge, how.units)} used, {percent_words(row.gauge.percent or 0)}"
    return f"{percentage}; nothing is left" if row.state == "over" else percentage


def _plan(row: PlanRow, how: Presentation, paper: Paper) -> list[str]:
    gauge, dot = row.gauge, marks(paper).dot
    state = paint(paper, STATES[row.state], ROLES.get(row.state, "soft"))
    return [
        f"{paint(paper, clean(gauge.name), 'strong')}{dot}{state}",
        *(paint(paper, line, "soft") for line in wrapped(_when(gauge, paper), paper.columns)),
        *_bar(gauge, row, paper),
        *aligned(_facts(row, how, paper), 11, paper),
        *wrapped(meaning(row, how.units), paper.columns),
    ]


def _when(gauge: Gauge, paper: Paper) -> str:
    since = f"from {short_day(gauge.start)}"
    if gauge.end is None:
        return since
    if gauge.end == gauge.start:
        return short_day(gauge.start)
    return f"{short_day(gauge.start)} to {short_day(gauge.end)}{marks(paper).dot}{left_words(gauge)}"


def _bar(gauge: Gauge, row: PlanRow, paper: Paper) -> list[str]:
    """What is used, filled, and an upright where the cycle's time is now."""
    if gauge.percent is None or not gauge.begun:
        return []
    sign, columns = marks(paper), min(WIDEST_BAR, paper.columns - 10)
    full = min(columns, int(columns * gauge.percent / 100))
    full = max(full, 1) if gauge.used else full
    cells = [*sign.download * full, *sign.estimated * (columns - full)]
    if gauge.passed is not None:
        cells[min(columns - 1, int(columns * gauge.passed))] = "|"
    role = ROLES.get(row.state, "")
    filled, rest = "".join(cells[:full]), "".join(cells[full:])
    return [f"{paint(paper, filled, role)}{paint(paper, rest, 'soft')} {percent_words(gauge.percent)}"]


def _facts(row: PlanRow, how: Presentation, paper: Paper) -> list[tuple[str, str]]:
    gauge, units = row.gauge, how.units
    if row.state == "unknown":
        return []
    facts = [("Used", used_words(gauge, units)), ("Today", short(gauge.used_today, units))] if gauge.begun else []
    facts += [(clean(device), short(used, units)) for device, used in row.shares]
    if gauge.left is not None and gauge.begun:
        facts.append(("Left", short(gauge.left, units)))
    if gauge.already_used:
        facts.append(("Before", f"{short(gauge.already_used, units)} of it, as already_used says"))
    if gauge.carried:
        facts.append(("Carried", f"{short(gauge.carried, units)} from the cycle before"))
    if row.forecast is not None:
        facts.append(("Forecast", forecast_words(row, units)))
    if gauge.cost is not None:
        facts.append(("Cost", money_words(gauge.cost, how.currency, paper)))
    if gauge.coverage is not None and gauge.coverage < WHOLE:
        facts.append(("Observed", f"{percent(gauge.coverage)} of the time"))
    return facts
