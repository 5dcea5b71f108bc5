"""How the service is, for a health check: costs the same however much the ledger holds."""

from datetime import datetime
from typing import NamedTuple

from packetbuddy.answers.health import LATE_NS, LATE_WRITES
from packetbuddy.answers.open import Question, local
from packetbuddy.errors import LedgerError, LedgerMissingError
from packetbuddy.storage.lock import held
from packetbuddy.storage.reader import State, reading


class Vitals(NamedTuple):
    """``state`` is running, stale, starting or stopped; ``storage`` is ok, no_data or unreadable."""

    state: str
    started_at: datetime | None
    last_reading: datetime | None
    last_write: datetime | None
    interfaces: tuple[str, ...]
    problem: str | None
    storage: str
    storage_problem: str | None


def vitals(question: Question) -> Vitals:
    """Whether a monitor lives, reads and writes. Never raises for a ledger that is missing or cannot be read."""
    try:
        with reading(question.home.ledger, question.home.lock) as reader:
            state, books = reader.state(), reader.books()
    except LedgerMissingError as error:
        return _nothing(question, "no_data", str(error))
    except LedgerError as error:
        return _nothing(question, "unreadable", str(error))
    looked = None if books.at is None else local(question, books.at.wall_ns)
    names = {
        one.name
        for place in books.looks
        for one in books.baselines[place].values()
        if one.counted and one.gone_elapsed_ns is None
    }
    return Vitals(
        state=state_word(state, question.now_ns),
        started_at=local(question, state.started_ns) if state.started_ns else None,
        last_reading=looked,
        last_write=local(question, state.heartbeat_ns) if state.heartbeat_ns else None,
        interfaces=tuple(sorted(names)),
        problem=state.problem,
        storage="ok",
        storage_problem=None,
    )


def _nothing(question: Question, storage: str, words: str) -> Vitals:
    state = "starting" if held(question.home.lock) else "stopped"
    return Vitals(state, None, None, None, (), None, storage, words)


def state_word(state: State, now_ns: int) -> str:
    """``running``, ``stale``, ``starting`` or ``stopped``."""
    if not state.alive:
        return "stopped"
    if not state.heartbeat_ns:
        return "starting"
    return "stale" if now_ns - state.heartbeat_ns > LATE_WRITES * state.write_ns + LATE_NS else "running"
