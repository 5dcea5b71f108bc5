"""Interfaces, and how a day's number came about, as lines."""

from collections.abc import Iterable, Sequence

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import clean, fitted, marks, paint, width, wrapped
from packetbuddy.cli.render.today import doubtful_parts, usage_box
from packetbuddy.cli.render.words import moment, short_day
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import CorrectionRow, DoubtRow, Gap, Happening, ImportRow, InterfaceRow, Why
from packetbuddy.reports.quantities import short

LONGEST_NAME = 16
WITH_KIND = 55
"""Columns from which a line has room for the kind; on narrower paper it stands with the reason."""


MADE = frozenset({"correction", "import", "sync"})
"""Kinds of rows that are no interface of the system."""


def interfaces_lines(rows: Sequence[InterfaceRow], how: Presentation, paper: Paper) -> list[str]:
    """Each interface in two lines: what it is and what of it counts, and the reason."""
    if not rows:
        return ["No interfaces were found."]
    name_columns = min(LONGEST_NAME, max(width(clean(row.name)) for row in rows))
    kind_columns = max(width(row.kind) for row in rows) if paper.columns >= WITH_KIND else 0
    lines: list[str] = []
    for row in rows:
        lines += _interface(row, (name_columns, kind_columns), how, paper)
    return lines


def why_lines(why: Why, how: Presentation, paper: Paper) -> list[str]:
    """The day's figure, then everything that went into it."""
    lines = [paint(paper, f"{short_day(why.date)}{marks(paper).dot}{why.timezone}", "strong")]
    lines += [*usage_box(why.usage, how, paper), *doubtful_parts(why.usage, how, paper)]
    if why.pending_bytes:
        lines += wrapped(f"{short(why.pending_bytes, how.units)} of it read just now, not yet written.", paper.columns)
    lines += _section("Interfaces", interfaces_lines(why.interfaces, how, paper) if why.interfaces else [], paper)
    lines += _section("What happened", _each(map(_event, why.events), paper), paper)
    lines += _section("Not observed", _each(map(_gap, why.gaps), paper), paper)
    lines += _section("Doubts", _each((_doubt(doubt, how) for doubt in why.doubts), paper), paper)
    if any(doubt.state == "open" for doubt in why.doubts):
        day = why.date.isoformat()
        lines += wrapped(f"`pb why {day} --accept N` counts one, `--reject N` leaves it out for good.", paper.columns)
    lines += _section("Corrections", _each((_correction(each, how) for each in why.corrections), paper), paper)
    return lines + _section("Imported", _each((import_words(each, how) for each in why.imports), paper), paper)


def import_words(row: ImportRow, how: Presentation) -> str:
    """#3: 1.2 GB down, 80 MB up from vnstat.db (vnStat 2.10, eth0), imported Mon 23 Nov 2026 21:04."""
    undone = "" if row.undone_at is None else f", undone {moment(row.undone_at)}"
    down, up = short(row.received, how.units), short(row.sent, how.units)
    told = f"{down} down, {up} up from {clean(row.file)} ({clean(row.about)})"
    return f"#{row.number}: {told}, imported {moment(row.made_at)}{undone}"


def doubt_lines(doubt: DoubtRow, how: Presentation, paper: Paper) -> list[str]:
    """What became of a doubt."""
    now = "It counts now." if doubt.state == "accepted" else "It does not count."
    return wrapped(f"{_doubt(doubt, how)}. {now}", paper.columns)


def correction_lines(correction: CorrectionRow, how: Presentation, paper: Paper) -> list[str]:
    """What a correction changed, and how it is taken back."""
    undone = correction.undone_at is not None
    undo = "" if undone else f" `pb correct {correction.date} --undo` takes it back."
    return wrapped(f"{short_day(correction.date)}: {_correction(correction, how)}.{undo}", paper.columns)


def _interface(row: InterfaceRow, columns: tuple[int, int], how: Presentation, paper: Paper) -> list[str]:
    sign = marks(paper)
    state = "counted" if row.counted else "not counted"
    counted = short(row.counted_bytes, how.units) if row.counted_bytes else ""
    mark = paint(paper, sign.yes if row.counted else sign.no, "good" if row.counted else "soft")
    name = paint(paper, fitted(clean(row.name), columns[0]), "strong")
    kind = f"  {fitted(row.kind, columns[1])}" if columns[1] else ""
    reason = _reason(row, "" if kind else row.kind)
    line = f"{mark} {name}{kind}  {state:<11}  {counted:>9}".rstrip()
    return [line, *(paint(paper, each, "soft") for each in wrapped(reason, paper.columns - 2, "    "))]


def _reason(row: InterfaceRow, kind: str) -> str:
    parts = [
        kind,
        clean(row.reason),
        "not certain" if row.uncertain else "",
        "" if row.present or row.kind in MADE or "not there" in row.reason else "not here now",
    ]
    return "; ".join(part for part in parts if part)


def _section(title: str, lines: Sequence[str], paper: Paper) -> list[str]:
    return ["", paint(paper, title, "strong"), *lines] if lines else []


def _each(sentences: Iterable[str], paper: Paper) -> list[str]:
    return [line for sentence in sentences for line in wrapped(sentence, paper.columns - 2, "  ")]


def _event(event: Happening) -> str:
    parts = (f"{event.at:%H:%M:%S}", clean(event.interface), clean(event.kind))
    detail = f": {clean(event.detail)}" if event.detail else ""
    return " ".join(part for part in parts if part) + detail


def _gap(gap: Gap) -> str:
    ends = f"{gap.end:%H:%M}" if gap.start.date() == gap.end.date() else moment(gap.end)
    return f"{gap.start:%H:%M} to {ends}"


def _doubt(doubt: DoubtRow, how: Presentation) -> str:
    down, up = short(doubt.received, how.units), short(doubt.sent, how.units)
    what = f"{down} down and {up} up on {clean(doubt.interface)} at {moment(doubt.at)}"
    return f"#{doubt.number} {doubt.state}: {what} ({clean(doubt.reason)})"


def _correction(correction: CorrectionRow, how: Presentation) -> str:
    down, up = (_signed(count, how) for count in (correction.received, correction.sent))
    undone = "" if correction.undone_at is None else f", undone {moment(correction.undone_at)}"
    return f"{down} down, {up} up ({clean(correction.reason)}){undone}"


def _signed(count: int, how: Presentation) -> str:
    return f"{'+' if count >= 0 else ''}{short(count, how.units)}"
