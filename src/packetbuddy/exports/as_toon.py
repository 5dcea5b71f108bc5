"""TOON, Token Optimized Object Notation: valid TOML that says everything in few tokens.

Long series are columns, one value a day from ``first`` on, a line a month. A coverage of 1 and estimates of 0 are
left out; where they differ, they are named by month and day. The daily ledger can be rebuilt exactly.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import groupby
from json import dumps

from packetbuddy.billing.money import cost_of, money
from packetbuddy.reports.bodies import Presentation
from packetbuddy.reports.history import History
from packetbuddy.reports.model import Usage
from packetbuddy.reports.quantities import brief, share, speed
from packetbuddy.reports.words import whole_month

Value = Callable[[Usage], int]
COLUMNS: dict[str, Value] = {
    "bytes_sent": lambda usage: usage.sent,
    "bytes_received": lambda usage: usage.received,
    "peak_speed_bps": lambda usage: usage.peak or 0,
}
"""What is written for every day and month."""
LEGEND = (
    "# Internet usage. bytes; peak_speed_bps is bytes/s, 0 = none. Series: one value per day (month) from first on.\n"
    "# coverage: share of the time observed; estimated: bytes of estimated time; by month and day, 1 and 0 left out.\n"
)
NO_TIME = '"none"'
"""Coverage of a day of which no time had passed."""


def toon(history: History, how: Presentation) -> Iterator[str]:
    """The sections in order."""
    yield LEGEND
    yield from _meta(history, how)
    yield from _tracking(history)
    yield from _totals(history, how)
    yield from _records(history, how)
    yield from _averages(history, how)
    yield from _monthly(history)
    yield from _daily(history)


def text(value: str) -> str:
    """A TOML basic string; JSON escapes all that TOML wants escaped but DEL."""
    return dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _meta(history: History, how: Presentation) -> Iterator[str]:
    origin = history.origin
    yield f"[meta]\ngenerator = {text(f'PacketBuddy {origin.version}')}\nmade_at = {origin.made_at.isoformat()}\n"
    for name, value in (("device", origin.device), ("interface", origin.interface), ("timezone", origin.timezone)):
        if value is not None:
            yield f"{name} = {text(value)}\n"
    yield f'units = "{how.units}"\n'
    if how.price is not None:
        yield f'rate = {how.rate:f}\nrate_per = "{how.unit}"\ncurrency = "{how.currency}"\n'


def _tracking(history: History) -> Iterator[str]:
    total = history.total
    yield "\n[tracking]\n"
    if history.months:
        yield f"first_day = {total.first}\nlast_day = {total.last}\n"
    yield f"days_tracked = {total.tracked}\n"
    if total.usage.coverage is not None:
        yield f"coverage = {share(total.usage.coverage)}\n"
    if total.usage.estimated:
        yield f"estimated_bytes = {total.usage.estimated}\n"


def _totals(history: History, how: Presentation) -> Iterator[str]:
    yield f"\n[totals]\n{_sums(history.total.usage, how)}"
    if how.price is not None:
        yield f"cost = {text(money(cost_of(history.total.usage.total, how.price), how.currency))}\n"
    for year in history.years:
        yield f"\n[year_{year.first.year:04}]\n{_sums(year.usage, how)}days = {year.tracked}\n"


def _sums(usage: Usage, how: Presentation) -> str:
    return (
        f"bytes_sent = {usage.sent}\nbytes_received = {usage.received}\ntotal_bytes = {usage.total}\n"
        f"human = {_human(usage.sent, usage.received, how)}\n"
    )


def _human(sent: int, received: int, how: Presentation) -> str:
    words = {"sent": sent, "received": received, "total": sent + received}
    return f"{{{', '.join(f'{name} = {text(brief(count, how.units))}' for name, count in words.items())}}}"


def _records(history: History, how: Presentation) -> Iterator[str]:
    peak, at, busiest = history.records
    yield "\n[records]\n"
    if peak is not None:
        yield f"peak_speed_bps = {peak}\npeak_speed_human = {text(speed(peak, how.units, how.speed))}\n"
    if at is not None:
        yield f"peak_speed_at = {at.isoformat()}\n"
    if busiest is not None:
        total = busiest.usage.total
        yield f"peak_day = {busiest.date}\npeak_day_bytes = {total}\npeak_day_human = {text(brief(total, how.units))}\n"


def _averages(history: History, how: Presentation) -> Iterator[str]:
    usage, days = history.total.usage, max(1, history.total.tracked)
    sent, received = usage.sent // days, usage.received // days
    yield f"\n[averages]\ndaily_bytes_sent = {sent}\ndaily_bytes_received = {received}\n"
    yield f"daily_human = {_human(sent, received, how)}\n"


def _monthly(history: History) -> Iterator[str]:
    yield "\n[monthly]\n"
    if history.months:
        yield f'first = "{whole_month(history.months[0].first)}"\n'
    for name, value in COLUMNS.items():
        yield f"{name} = [{','.join(str(value(month.usage)) for month in history.months)}]\n"
    yield f"days_tracked = [{','.join(str(month.tracked) for month in history.months)}]\n"
    found = {whole_month(month.first): text for month in history.months if (text := _coverage(month.usage))}
    yield from _exceptions("monthly.coverage", (f"{month} = {part}\n" for month, part in found.items()))


def _daily(history: History) -> Iterator[str]:
    yield "\n[daily]\n"
    if history.months:
        yield f"first = {history.total.first}\n"
    skipped = ",".join(map(str, _skipped(history)))
    if skipped:
        yield f"skipped = [{skipped}]\n"
    for name, value in COLUMNS.items():
        yield from _column(name, value, history)
    yield from _exceptions("daily.coverage", _by_month(history, _coverage))
    yield from _exceptions("daily.estimated", _by_month(history, _estimated))


def _column(name: str, value: Value, history: History) -> Iterator[str]:
    yield f"{name} = [\n"
    for month, days in groupby(history.days(), lambda day: whole_month(day.date)):
        yield f"{','.join(str(value(day.usage)) for day in days)},#{month}\n"
    yield "]\n"


def _skipped(history: History) -> Iterator[date]:
    """Days that the zone left out of the calendar, so that one value a day stays true."""
    expected = history.total.first
    for day in history.days():
        while expected < day.date:
            yield expected
            expected += timedelta(days=1)
        expected += timedelta(days=1)


def _by_month(history: History, differing: Callable[[Usage], str]) -> Iterator[str]:
    """A line per month: what differs, by the day of the month."""
    for month, days in groupby(history.days(), lambda day: whole_month(day.date)):
        found = ((day.date.day, differing(day.usage)) for day in days)
        told = ",".join(f"{number}={value}" for number, value in found if value)
        if told:
            yield f"{month} = {{{told}}}\n"


def _exceptions(name: str, lines: Iterator[str]) -> Iterator[str]:
    """A table of what differs; no table where nothing does."""
    head = f"\n[{name}]\n"
    for line in lines:
        yield head + line
        head = ""


def _coverage(usage: Usage) -> str:
    if usage.coverage is None:
        return NO_TIME
    part = share(usage.coverage)
    return "" if part == 1 else f"{part}"


def _estimated(usage: Usage) -> str:
    return f"{usage.estimated}" if usage.estimated else ""
