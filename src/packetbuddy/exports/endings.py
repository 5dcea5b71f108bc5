"""The chapters that end the year: down against up, records, cost, and how much of it was observed."""

from collections.abc import Iterator

from packetbuddy.billing.money import cost_of, money, rate_text
from packetbuddy.exports import drawing, story
from packetbuddy.exports.pieces import chapter, direction
from packetbuddy.exports.story import Streak
from packetbuddy.exports.template import Markup, fill, joined
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import Wrapup
from packetbuddy.reports.quantities import short, speed
from packetbuddy.reports.words import MONTHS, capitalised, counted, long_day, moment, percent, short_day

DAYS_IN_MONTH = 30.44
BAR = 600
"""Width of a bar of parts."""


def split(wrapup: Wrapup, how: Presentation) -> Markup | None:
    """Down against up, in words."""
    usage = wrapup.total.usage
    if not usage.total:
        return None
    name, words = story.habit(usage)
    edge = round(600 * usage.received / usage.total, 1)
    body = fill(
        "split",
        figure=name,
        words=f"{words.capitalize()}. {story.for_each(usage)}",
        down=max(0, edge - 1),
        edge=edge + 1,
        up=max(0, round(599 - edge, 1)),
        received=direction("down", usage.received, how),
        sent=direction("up", usage.sent, how),
    )
    return chapter("split", "Down against up", body)


def records(wrapup: Wrapup, how: Presentation) -> Markup | None:
    """Records and streaks."""
    facts = joined(_facts(wrapup, how) if wrapup.total.usage.total else ())
    return chapter("records", "Records and streaks", fill("records", facts=facts)) if facts else None


def cost(wrapup: Wrapup, how: Presentation) -> Markup | None:
    """What it cost."""
    price, usage = how.price, wrapup.total.usage
    if price is None or not usage.total:
        return None
    whole = cost_of(usage.total, price)
    monthly = cost_of(round(story.average(wrapup.total) * DAYS_IN_MONTH), price)
    words = f"About {money(monthly, how.currency)} a month at {rate_text(price)}."
    return chapter("cost", "What it cost", fill("cost", figure=money(whole, how.currency), words=words))


def observation(wrapup: Wrapup, _how: Presentation) -> Markup | None:
    """How much of the year was observed."""
    coverage = wrapup.total.usage.coverage
    if coverage is None:
        return _taken_over(wrapup)
    counts = story.observed(wrapup.days)
    kinds = [("l3", counts.whole, "in full"), ("l1", counts.part, "in part"), ("away", counts.none, "not at all")]
    label = ", ".join(f"{counted(count, 'day')} {words}" for _, count, words in kinds if count)
    legend = (fill("key", kind=kind, words=f"{counted(count, 'day')} {words}") for kind, count, words in kinds if count)
    body = fill(
        "observed",
        figure=capitalised(f"{percent(coverage)} {_of_what(wrapup)}"),
        label=f"Observed {label}.",
        parts=joined(_stretches([(kind, count) for kind, count, _ in kinds])),
        legend=joined(legend),
        words=_since(wrapup),
    )
    return chapter("observed", "How much was observed", body)


def _taken_over(wrapup: Wrapup) -> Markup | None:
    """A year that only other files tell of."""
    if not wrapup.total.usage.total:
        return None
    words = f"PacketBuddy was not there yet: what it tells of {wrapup.year} comes from other files. {_since(wrapup)}"
    return chapter("observed", "How much was observed", fill("cost", figure="Nothing", words=words))


def _of_what(wrapup: Wrapup) -> str:
    """Coverage is that of the time since observation began."""
    since = next((day.date for day in wrapup.days if day.usage.coverage is not None), wrapup.total.first)
    if since == wrapup.total.first:
        return "of the time"
    return f"since {since.day} {MONTHS[since.month - 1]}"


def _facts(wrapup: Wrapup, how: Presentation) -> Iterator[Markup]:
    yield from _moments(wrapup, how)
    mean = story.average(wrapup.total)
    rows = (
        story.streak(wrapup.days, lambda usage: usage.total > 0),
        story.streak(wrapup.days, lambda usage: usage.total > mean),
    )
    for name, found in zip(("Longest streak", "Busy streak"), rows, strict=True):
        if found is not None and found.length > 1:
            what = "with traffic" if name == "Longest streak" else "above the average"
            yield _record(name, counted(found.length, "day"), f"in a row {what}, {_span(found)}")


def _moments(wrapup: Wrapup, how: Presentation) -> Iterator[Markup]:
    peak, at, _ = wrapup.records
    if peak is not None and at is not None:
        guess = any(day.date == at.date() and drawing.is_guess(day.usage) for day in wrapup.days)
        when = short_day(at.date()) if guess else moment(at)
        yield _record("Fastest moment", speed(peak, how.units, how.speed), when)
    upload = story.most_uploaded(wrapup.days)
    if upload is not None:
        yield _record("Most uploaded", short(upload.usage.sent, how.units), short_day(upload.date))
    quiet = story.quietest(wrapup)
    if quiet is not None and len(wrapup.days) > 2:
        yield _record("Quietest day", short(quiet.usage.total, how.units), short_day(quiet.date))


def _record(name: str, figure: str, words: str) -> Markup:
    return fill("record", name=name, figure=figure, words=words)


def _span(found: Streak) -> str:
    first, last = found.first, found.last
    return f"{first.day} {MONTHS[first.month - 1][:3]} to {last.day} {MONTHS[last.month - 1][:3]}"


def _stretches(parts: list[tuple[str, int]]) -> Iterator[Markup]:
    """The parts of a bar, side by side."""
    whole, x = max(1, sum(count for _, count in parts)), 0.0
    for kind, count in parts:
        width = round(BAR * count / whole, 1)
        if count:
            yield fill("stretch", x=round(x, 1), width=width, kind=kind)
        x += width


def _since(wrapup: Wrapup) -> str:
    usage = wrapup.total.usage
    words = f"Counted from {long_day(wrapup.total.first)} to {long_day(wrapup.total.last)}."
    if usage.estimated and usage.total:
        words += f" Of the bytes, {percent(usage.estimated / usage.total)} have an estimated time."
    return words
