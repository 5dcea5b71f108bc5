"""The state of the ledger as a reader finds it."""

from packetbuddy.answers.open import Question, local
from packetbuddy.metering.books import PAUSED
from packetbuddy.metering.readings import SECOND
from packetbuddy.reports.model import Health
from packetbuddy.storage.reader import State, reading

LATE_WRITES = 3
LATE_NS = 10 * SECOND


def health(question: Question) -> Health:
    """Whether a monitor lives and writes.

    Raises:
        LedgerMissingError: nothing is counted yet.
        LedgerError: the ledger could not be read.
    """
    with reading(question.home.ledger, question.home.lock) as reader:
        state, paused = reader.state(), reader.books().machine == PAUSED
    return Health(
        state=_word(state, question.now_ns),
        version=state.version or None,
        started_at=local(question, state.started_ns) if state.started_ns else None,
        last_write=local(question, state.heartbeat_ns) if state.heartbeat_ns else None,
        problem=state.problem,
        stopped_at=local(question, state.stopped_ns) if state.stopped_ns else None,
        paused=paused,
    )


def _word(state: State, now_ns: int) -> str:
    if not state.alive:
        return "stopped"
    late = now_ns - state.heartbeat_ns > LATE_WRITES * state.write_ns + LATE_NS
    return "stale" if late else "running"
