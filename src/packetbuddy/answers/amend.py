"""Changes that a person makes: deciding doubts, correcting a day. Each with its trail, each reversible or once only."""

import contextlib
from datetime import date

from packetbuddy.answers.localdays import day_start
from packetbuddy.answers.open import Question, looking
from packetbuddy.answers.why import correction_row, doubt_row
from packetbuddy.errors import LedgerBusyError, WrongUsageError
from packetbuddy.metering.slots import slot_of
from packetbuddy.reports.model import CorrectionRow, DoubtRow
from packetbuddy.storage.amending import Wanted, amending

ATTEMPTS = 5
"""How often a correction is worked out anew when the monitor writes in the same moment."""


def decide_doubt(question: Question, number: int, *, accept: bool) -> DoubtRow:
    """Accept or reject an open doubt; accepting books its bytes, marked as estimated.

    Raises:
        WrongUsageError: there is no such open doubt.
    """
    with amending(question.home.ledger, question.home.lock) as amender:
        return doubt_row(question, amender.decide(number, accept=accept, at_ns=question.now_ns))


def correct(question: Question, day: date, *, sent: int, received: int, reason: str) -> CorrectionRow:
    """Set a day's counted bytes; the difference is kept as a correction and can be undone.

    Raises:
        WrongUsageError: the day is today or later: it is still being counted.
    """
    start = day_start(day.toordinal(), question.zone)
    end = day_start(day.toordinal() + 1, question.zone)
    if end > question.now_ns:
        raise WrongUsageError(f"{day} is not over yet", "Correct a day that has ended")
    wanted = Wanted(day.isoformat(), question.zone_name, slot_of(start), slot_of(end), received, sent, reason)
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(LedgerBusyError):
            return _corrected(question, wanted)
    return _corrected(question, wanted)


def _corrected(question: Question, wanted: Wanted) -> CorrectionRow:
    """Correct what is written, less what is pending: the monitor must not write that in between."""
    with looking(question) as sight:
        pending = sight.pending.total(None, wanted.first, wanted.beyond)
        less = wanted._replace(rx=wanted.rx - pending.rx, tx=wanted.tx - pending.tx, revision=sight.state.revision)
    with amending(question.home.ledger, question.home.lock) as amender:
        return correction_row(question, amender.correct(less, at_ns=question.now_ns))


def undo_correction(question: Question, day: date) -> CorrectionRow:
    """Take back the newest correction of a day that still stands.

    Raises:
        WrongUsageError: there is none.
    """
    with amending(question.home.ledger, question.home.lock) as amender:
        return correction_row(question, amender.undo(day.isoformat(), at_ns=question.now_ns))
