"""Our figure beside the ISP's, as lines."""

from collections.abc import Sequence

from packetbuddy.billing.reconcile import Reason
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import aligned, clean, fitted, marks, paint, width, wrapped
from packetbuddy.cli.render.words import percent, short_day
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.quantities import amount, short
from packetbuddy.reports.reconciling import Compared, Reconciliation

HEADER = ("From", "To", "ISP", "Ours", "Ours/ISP", "Observed", "Made on")


def compared_lines(compared: Compared, how: Presentation, paper: Paper) -> list[str]:
    """Both figures, their ratio, and what could be behind the difference."""
    reading, units = compared.reading, how.units
    dot = marks(paper).dot
    ours = f"{short(reading.total, units)} ({short(reading.received, units)} down, {short(reading.sent, units)} up)"
    facts = [
        ("ISP", clean(reading.isp)),
        ("Ours", ours),
        ("Difference", dot.join([_difference(reading, units), _ratio(reading)])),
    ]
    if reading.coverage is not None:
        facts.append(("Observed", percent(reading.coverage) + " of the time"))
    title = paint(paper, f"{short_day(reading.first)} to {short_day(reading.last)}", "strong")
    lines = [title, *aligned(facts, 12, paper)]
    if compared.agrees:
        return [*lines, *wrapped("The two agree within 2 %.", paper.columns)]
    lines.append(paint(paper, "What could be behind it", "strong"))
    return [*lines, *(line for reason in compared.reasons for line in _reason(reason, reading, units, paper))]


def series_lines(readings: Sequence[Reconciliation], how: Presentation, paper: Paper) -> list[str]:
    """A table of all readings, on paper too."""
    if not readings:
        return wrapped("Nothing was compared yet. `pb reconcile --isp SIZE --from DATE --to DATE` does.", paper.columns)
    rows = [HEADER, *(_row(each, how.units) for each in readings)]
    widths = [max(width(row[place]) for row in rows) for place in range(len(HEADER))]
    lines = [
        "  ".join(fitted(cell, columns) for cell, columns in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    return [paint(paper, lines[0], "strong"), *lines[1:]]


def _row(reading: Reconciliation, units: str) -> tuple[str, ...]:
    observed = "-" if reading.coverage is None else percent(reading.coverage)
    days = (reading.first.isoformat(), reading.last.isoformat())
    return (
        *days,
        clean(reading.isp),
        amount(reading.total, units),
        _share(reading),
        observed,
        f"{reading.made_at:%Y-%m-%d}",
    )


def _share(reading: Reconciliation) -> str:
    return "-" if reading.ratio is None else f"{100 * reading.ratio:.1f} %"


def _ratio(reading: Reconciliation) -> str:
    return "the ISP says nothing was used" if reading.ratio is None else f"ours is {_share(reading)} of theirs"


def _difference(reading: Reconciliation, units: str) -> str:
    gap = reading.isp_bytes - reading.total
    if not gap:
        return "none"
    return f"{'the ISP has' if gap > 0 else 'we have'} {short(abs(gap), units)} more"


def _reason(reason: Reason, reading: Reconciliation, units: str, paper: Paper) -> list[str]:
    gap = abs(reading.isp_bytes - reading.total)
    sign = marks(paper).yes
    if reason.explains is None:
        return wrapped(f"{sign} {reason.words}: any amount", paper.columns)
    size = abs(reason.explains)
    share = f", {percent(min(1.0, size / gap))} of it" if gap else ""
    return wrapped(f"{sign} {reason.words}: {short(size, units)}{share}", paper.columns)
