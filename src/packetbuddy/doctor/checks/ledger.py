"""The ledger: whether it can be read, is whole, and agrees with itself; and what waits to be decided in it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from packetbuddy.doctor.facts import Facts, Ledger
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding
from packetbuddy.errors import (
    LedgerBusyError,
    LedgerDamagedError,
    LedgerForeignError,
    LedgerMissingError,
    LedgerNewerError,
)
from packetbuddy.metering.readings import SECOND
from packetbuddy.reports.quantities import short
from packetbuddy.storage.examining import Examined
from packetbuddy.storage.reader import Doubted

NAME = "ledger"
DAY_NS = 86_400 * SECOND
MOST_LOG = 64_000_000
"""Bytes of write-ahead log from which something must be keeping it from being folded in."""
MOST_SIZE = 1_000_000_000
"""At half a megabyte a month no ledger comes here by counting."""
HEAL = "`pb service restart`: a damaged ledger is set aside, and the newest backup that verifies takes its place"


def check(facts: Facts) -> Iterator[Finding]:
    """The file first, then what it holds."""
    ledger = facts.ledger
    if ledger is None:
        return
    if ledger.problem is not None:
        yield _unreadable(ledger, alive=facts.monitor is not None and facts.monitor.held)
    yield from _sizes(ledger)
    if ledger.seen is not None:
        yield from _disagreements(ledger, ledger.seen)
        yield from _doubts(ledger.seen.doubts, facts)
        yield from _days_to_come(ledger.seen.last_day, facts)


def _unreadable(ledger: Ledger, *, alive: bool) -> Finding:
    problem = ledger.problem
    text = f"{str(problem).rstrip('.')}."
    if isinstance(problem, LedgerMissingError) and alive:
        text = f"The monitor runs, and nothing is written to {ledger.path} yet."
        return Finding(NAME, WARNING, text, "`pb service logs` says what it waits for, if that stays so")
    if isinstance(problem, LedgerMissingError):
        return Finding(NAME, BROKEN, f"Nothing has been counted yet into {ledger.path}.", "`pb service start` begins")
    if isinstance(problem, LedgerDamagedError):
        return Finding(NAME, BROKEN, text, HEAL)
    if isinstance(problem, LedgerForeignError):
        return Finding(NAME, BROKEN, text, f"Move {ledger.path} away, then `pb service restart`")
    if isinstance(problem, LedgerNewerError):
        return Finding(NAME, BROKEN, text, "Update PacketBuddy: run the newer version's setup again")
    level = WARNING if isinstance(problem, LedgerBusyError) else BROKEN
    return Finding(NAME, level, text, problem.hint if problem and problem.hint else "`pb service logs` says more")


def _sizes(ledger: Ledger) -> Iterator[Finding]:
    if ledger.log_size > MOST_LOG:
        text = f"The ledger's write-ahead log has grown to {short(ledger.log_size, 'decimal')}."
        yield Finding(NAME, WARNING, text, "End what keeps the ledger open for long, then `pb service restart`")
    if ledger.size > MOST_SIZE:
        text = f"The ledger has {short(ledger.size, 'decimal')}, far more than counting makes."
        yield Finding(NAME, NOTE, text, "Please report this")


def _disagreements(ledger: Ledger, seen: Examined) -> Iterator[Finding]:
    if seen.damage is not None:
        yield Finding(NAME, BROKEN, f"{ledger.path} is damaged: {_first_line(seen.damage)}.", HEAL)
        return
    for each in seen.unbalanced:
        text = f"What was booked does not agree with the counters of {each}."
        yield Finding(NAME, BROKEN, text, "Please report this; `pb why today` shows how the figures came about")
    if seen.unequal_days:
        days = len(seen.unequal_days)
        text = f"The totals of {days} day{'s' if days > 1 else ''} differ from what makes them up: {_days(seen)}."
        yield Finding(NAME, WARNING, text, "Leave the service running: its daily upkeep makes them anew")


def _doubts(doubts: tuple[Doubted, ...], facts: Facts) -> Iterator[Finding]:
    if not doubts:
        return
    total, first = sum(each.rx + each.tx for each in doubts), doubts[0]
    day = datetime.fromtimestamp(first.start_ns // SECOND, UTC).astimezone(facts.zone).date()
    size = short(total, facts.config.checked.settings.display.units)
    many = f"{len(doubts)} changes were" if len(doubts) > 1 else "One change was"
    text = f"{many} too large to believe and not counted: {size}, the first on {first.interface}."
    remedy = f"`pb why {day}` shows it; `--accept {first.number}` counts it, `--reject {first.number}` does not"
    yield Finding("doubts", WARNING, text, remedy)


def _days_to_come(last_day: int | None, facts: Facts) -> Iterator[Finding]:
    """A clock that was ahead is set right with the bytes where they are, unless something trusted set it."""
    if last_day is None or last_day * DAY_NS <= facts.now_ns:
        return
    day = datetime.fromtimestamp(last_day * 86_400, UTC).date()
    text = f"Bytes stand on days that have not come, up to {day}: the clock was ahead when they were counted."
    yield Finding(NAME, NOTE, text, "None is lost: they are told on those days, and elsewhere only from then on")


def _first_line(complaint: str) -> str:
    """SQLite heads its list with the name of the database."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip() and not line.startswith("***")]
    return (lines or [complaint])[0].rstrip(".")


def _days(seen: Examined) -> str:
    dates = [str(datetime.fromtimestamp(day * 86_400, UTC).date()) for day in seen.unequal_days[:3]]
    return ", ".join(dates) + (" and more" if len(seen.unequal_days) > 3 else "")
