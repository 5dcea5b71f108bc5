"""What an import would bring or brought, as lines and as a body."""

from collections.abc import Sequence
from pathlib import Path

from packetbuddy.cli.importing import Plan
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.details import import_words
from packetbuddy.cli.render.drawing import aligned, clean, paint, wrapped
from packetbuddy.cli.render.words import short_day
from packetbuddy.reports.bodies import Body, Presentation
from packetbuddy.reports.model import ImportRow
from packetbuddy.reports.quantities import amount, short


def plan_body(plan: Plan, file: Path, how: Presentation, *, applied: bool) -> Body:
    """The same for programs."""
    new = plan.new_received + plan.new_sent
    left = plan.received + plan.sent - new
    return {
        "applied": applied,
        "number": plan.number,
        "file": str(file),
        "kind": plan.origin.kind,
        "about": plan.origin.about,
        "zone": plan.origin.zone,
        "bytes_sent": plan.sent,
        "bytes_received": plan.received,
        "new": {
            "bytes_sent": plan.new_sent,
            "bytes_received": plan.new_received,
            "total_bytes": new,
            "human_readable": amount(new, how.units),
            "days": len(plan.days),
            "first_day": plan.days[0].isoformat() if plan.days else None,
            "last_day": plan.days[-1].isoformat() if plan.days else None,
        },
        "left_out_bytes": left,
    }


def plan_lines(plan: Plan, how: Presentation, paper: Paper, *, applied: bool) -> list[str]:
    """What the file is, what it holds, what of it is new, and what to do next."""
    left = (plan.received - plan.new_received, plan.sent - plan.new_sent)
    facts = [
        ("In the file", _both(plan.received, plan.sent, how)),
        ("New here", _both(plan.new_received, plan.new_sent, how)),
    ]
    if plan.days:
        facts.append(("On", _days(plan)))
    if any(left):
        facts.append(("Left out", _both(*left, how)))
    title = f"{clean(plan.origin.file)}: {clean(plan.origin.about)}"
    lines = [paint(paper, title, "strong"), *aligned(facts, 12, paper)]
    if any(left):
        words = "Left out is what PacketBuddy counted itself in that time, or what was imported before."
        lines += wrapped(words, paper.columns)
    lines += wrapped(f"Its local times are read as those of {plan.origin.zone}.", paper.columns)
    return [*lines, *wrapped(_next(plan, applied=applied), paper.columns)]


def import_list_lines(rows: Sequence[ImportRow], how: Presentation, paper: Paper) -> list[str]:
    """A line or two an import."""
    if not rows:
        return ["Nothing was imported yet."]
    return [line for row in rows for line in wrapped(import_words(row, how), paper.columns)]


def _next(plan: Plan, *, applied: bool) -> str:
    if not plan.days:
        return "There is nothing new in it; nothing was changed."
    if applied:
        return f"Imported as number {plan.number}. `pb import --undo {plan.number}` takes it back."
    return "Nothing was changed yet: the same with --apply imports it."


def _both(received: int, sent: int, how: Presentation) -> str:
    return f"{short(received, how.units)} down, {short(sent, how.units)} up"


def _days(plan: Plan) -> str:
    count = len(plan.days)
    if count == 1:
        return short_day(plan.days[0])
    return f"{count:,} days, {short_day(plan.days[0])} to {short_day(plan.days[-1])}"
