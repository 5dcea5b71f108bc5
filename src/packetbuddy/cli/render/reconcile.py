"""Our figure beside the ISP's, as lines."""

from collections.abc import Sequence

from packetbuddy.billing.reconcile import Reason, leaves
from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import aligned, clean, fitted, marks, paint, width, wrapped
from packetbuddy.cli.render.words import percent, short_day
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.quantities import amount, short
from packetbuddy.reports.reconciling import Compared, Reconciliation

HEADER = ("No.", "From", "To", "ISP", "Ours", "Ours/ISP", "Observed", "Made on")
WHOSE = "Ours is of"
GAP = "  "


def compared_lines(compared: Compared, how: Presentation, paper: Paper) -> list[str]:
    """Both figures, their ratio, and what could be behind the difference."""
    reading, units = compared.reading, how.units
    dot = marks(paper).dot
    ours = f"{short(reading.total, units)} ({short(reading.received, units)} down, {short(reading.sent, units)} up)"
    facts = [
        ("ISP", clean(reading.isp)),
        ("Ours", ours),
        *([(WHOSE, clean(reading.whose))] if reading.whose else []),
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
    """A table of all readings, for paper too; what does not fit is left out from the right."""
    if not readings:
        return wrapped("Nothing was compared yet. `pb reconcile --isp SIZE --from DATE --to DATE` does.", paper.columns)
    rows = [HEADER, *(_row(each, how.units) for each in readings)]
    if any(each.whose for each in readings):
        whose = [WHOSE, *(clean(each.whose) or "this device" for each in readings)]
        rows = [(*row[:5], cell, *row[5:]) for row, cell in zip(rows, whose, strict=True)]
    widths = [max(width(row[place]) for row in rows) for place in range(len(rows[0]))]
    while sum(widths) + len(GAP) * (len(widths) - 1) > paper.columns:
        del widths[-1]
    lines = [GAP.join(fitted(cell, size) for cell, size in zip(row, widths, strict=False)).rstrip() for row in rows]
    return [paint(paper, lines[0], "strong"), *lines[1:]]


def _row(reading: Reconciliation, units: str) -> tuple[str, ...]:
    observed = "-" if reading.coverage is None else percent(reading.coverage)
    days = (reading.first.isoformat(), reading.last.isoformat())
    return (
        str(reading.number),
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
    gap = reading.difference
    if not gap:
        return "none"
    return f"{'the ISP has' if gap > 0 else 'we have'} {short(abs(gap), units)} more"


def _reason(reason: Reason, reading: Reconciliation, units: str, paper: Paper) -> list[str]:
    sign = f"{marks(paper).yes} "
    words = f"{reason.words}: {_amount(reason, reading.difference, units)}"
    first, *rest = wrapped(words, paper.columns - len(sign))
    return [sign + first, *(" " * len(sign) + each for each in rest)]


def _amount(reason: Reason, gap: int, units: str) -> str:
    """How much of the difference it makes, and what is left then."""
    left = leaves(gap, reason)
    if reason.explains is None or left is None:
        return "any amount"
    size = short(abs(reason.explains), units)
    if not reason.exact:
        return f"up to {size}, {percent(1 - left / abs(gap)) if left else 'all'} of it"
    other_way = ", the other way" if abs(reason.explains) > abs(gap) else ""
    return f"{size}, which leaves {short(left, units) + other_way if left else 'nothing'}"


def removed_lines(reading: Reconciliation, paper: Paper) -> list[str]:
    """Which reading is gone."""
    period = f"{short_day(reading.first)} to {short_day(reading.last)}"
    return wrapped(f"Removed reading {reading.number}: {clean(reading.isp)}, {period}.", paper.columns)
