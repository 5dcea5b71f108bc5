"""The running day as lines, and the box and the honest words that other pages share."""

from packetbuddy.cli.paper import Paper
from packetbuddy.cli.render.drawing import Cell, boxed, marks, paint, wrapped
from packetbuddy.cli.render.words import WHOLE, against_usual, cost_words, percent, rate_words, short_day, weekday_of
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.model import Today, Usage
from packetbuddy.reports.quantities import amount, rough, short

NOT_YET = "Nothing was observed yet today; `pb service status` says whether it is counting."


def today_lines(today: Today, how: Presentation, paper: Paper) -> list[str]:
    """The title, the box, what the figure means, and what is not certain about it."""
    title = "Today's Usage" if paper.ascii_only else "📊 Today's Usage"
    lines = [paint(paper, title, "strong"), *usage_box(today.usage, how, paper)]
    if not today.usage.total:
        lines += wrapped("Nothing has moved yet today." if today.usage.coverage else NOT_YET, paper.columns)
    elif today.usual_bytes:
        usual = rough(today.usual_bytes, how.units)
        sentence = against_usual(today.usage.total, today.usual_bytes)
        lines += wrapped(f"A usual {weekday_of(today.date)} has {usual} by now: {sentence}.", paper.columns)
    lines += doubtful_parts(today.usage, how, paper)
    about = [short_day(today.date), today.timezone, *_price(how, paper)]
    return [*lines, *_soft(marks(paper).dot.join(about), paper)]


def usage_box(usage: Usage, how: Presentation, paper: Paper) -> list[str]:
    """The boxed table Type/Amount: Uploaded, Downloaded, Total, Cost; two decimals."""
    sign = marks(paper)
    rows = [
        (Cell(f"{sign.up}Uploaded"), Cell(amount(usage.sent, how.units), "upload")),
        (Cell(f"{sign.down}Downloaded"), Cell(amount(usage.received, how.units), "download")),
        (Cell("Total"), Cell(amount(usage.total, how.units), "strong")),
    ]
    cost = cost_words(usage, how, paper)
    return boxed(paper, ("Type", "Amount"), [*rows, (Cell("Cost"), Cell(cost))] if cost else rows)


def doubtful_parts(usage: Usage, how: Presentation, paper: Paper) -> list[str]:
    """Honest marks in words: how much has estimated times, how much time was not observed."""
    lines = []
    if usage.estimated:
        lines += wrapped(f"{short(usage.estimated, how.units)} of it at estimated times.", paper.columns)
    if usage.coverage is not None and usage.coverage < WHOLE:
        lines += wrapped(f"{percent(1 - usage.coverage)} of the time was not observed.", paper.columns)
    return lines


def _price(how: Presentation, paper: Paper) -> list[str]:
    return [] if how.price is None else [rate_words(how.price, paper)]


def _soft(sentence: str, paper: Paper) -> list[str]:
    return [paint(paper, line, "soft") for line in wrapped(sentence, paper.columns)]
