"""What a monitoring system is told: one committed state of the ledger, so that what it counts never falls."""

from packetbuddy import __version__
from packetbuddy.answers.localdays import day_start
from packetbuddy.answers.open import Question, committed
from packetbuddy.answers.plans import gauges, plans
from packetbuddy.answers.usage import summary, today
from packetbuddy.answers.vitals import state_word
from packetbuddy.metering.readings import SECOND
from packetbuddy.reports.metrics import Metered, Metrics
from packetbuddy.reports.plans import NO_PLANS, PlanRow, Plans
from packetbuddy.settings.model import Plan
from packetbuddy.storage.amending import CORRECTION
from packetbuddy.storage.imported import KIND
from packetbuddy.storage.reader import reading

NOT_METERED = frozenset({CORRECTION, KIND})
"""Kinds of interfaces whose bytes were booked by hand: they belong to times long past, and may be taken back."""
FILE_LETTERS = 16
"""So much of a lineage names the file."""
FORECAST_NS = 300 * SECOND
"""A forecast changes slowly, and costs ten times what everything else does: so long it is told again."""


class Outlooks:
    """Owns the plans with the forecasts that were made last."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._plans, self._asked = NO_PLANS, (tuple[Plan, ...](), "")
        self._made_ns = 0

    def plans(self, question: Question) -> Plans:
        """What is used now, and a forecast that may be some minutes old."""
        asked, age = (question.settings.plans, question.zone_name), question.now_ns - self._made_ns
        if asked != self._asked or not 0 <= age < FORECAST_NS:
            self._plans, self._asked, self._made_ns = plans(question), asked, question.now_ns
            return self._plans
        now = gauges(question)
        rows = zip(now.rows, self._plans.rows, strict=True)
        return now._replace(rows=tuple(row._replace(forecast=before.forecast) for row, before in rows))


def metrics(question: Question, outlooks: Outlooks) -> Metrics:
    """Everything but speeds.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: the ledger could not be read.
    """
    with reading(question.home.ledger, question.home.lock) as reader:
        state, began, doubts, booked = reader.state(), reader.watched_from(), reader.open_doubts(), reader.booked()
    counting = state_word(state, question.now_ns) == "running"
    asked = committed(question)
    if counting:  # as of the last write: what came after it is not unobserved, only not written yet
        asked = asked._replace(now_ns=state.heartbeat_ns)
    planned = outlooks.plans(asked)
    return Metrics(
        version=__version__,
        counting=counting,
        written=state.heartbeat_ns / SECOND,
        ledger=state.lineage[:FILE_LETTERS],
        began=None if began is None else began / SECOND,
        metered=tuple(Metered(one.name, one.counted, one.tx, one.rx) for one in booked if one.kind not in NOT_METERED),
        lifetime=summary(asked).usage,
        today=today(asked).usage,
        doubts=len(doubts),
        plans=planned,
        ends=tuple(_beyond(row, question) for row in planned.rows),
    )


def _beyond(row: PlanRow, question: Question) -> float | None:
    end = row.gauge.end
    return None if end is None else day_start(end.toordinal() + 1, question.zone) / SECOND
