"""Bytes of this boot that the ledger lacks, when an older one took the place of the one that was written to."""

from typing import NamedTuple

from packetbuddy.metering.batch import Batch
from packetbuddy.metering.books import Baseline, Books, Event, Outcome, Place, Span
from packetbuddy.metering.comparison import compare
from packetbuddy.metering.meter import Meter


class _Bytes(NamedTuple):
    rx: int
    tx: int


def recover(meter: Meter, stored: Books) -> int:
    """Add what ``stored`` (the books of the ledger that is open now) lacks to what waits to be written; returns bytes.

    Their number is exact as far as the counters and their origins tell, their times are not: estimated, spread from the
    stored books' last look (or the boot) to where the waiting observation begins. A ledger without any look yet is new:
    nothing is missing in it. Something must wait to be written.
    """
    batches = meter.harvest().batches
    if stored.at is None or not batches or (stored.machine and stored.machine != meter.books.machine):
        return 0
    spans = _missing(meter.books, stored, _waiting(tuple(batch for _, batch in batches)))
    total = sum(span.rx + span.tx for _, span in spans)
    if stored.boot == meter.books.boot or total:
        _add(meter.books, batches[0][1], spans, _start(meter.books, stored))
    return total


def _start(books: Books, stored: Books) -> int:
    now, then = books.at, stored.at
    if now is None or then is None:
        return 0
    if stored.boot == books.boot:
        return then.wall_ns
    return max(then.wall_ns, now.wall_ns - now.elapsed_ns)


def _add(books: Books, batch: Batch, spans: list[tuple[Place, Span]], start_ns: int) -> None:
    """Put the spans before what the batch observed; the time between was covered by counters, too."""
    at = books.at
    if at is None or batch.since_ns is None:
        return
    start_ns, until_ns, end_ns = min(start_ns, batch.since_ns), batch.until_ns, batch.since_ns
    total = sum(span.rx + span.tx for _, span in spans)
    told = Event(at.wall_ns, "recovered", "", f"{total} bytes that the restored ledger lacked, their times estimated")
    for place, span in spans:
        timed = span._replace(start_ns=start_ns, end_ns=end_ns)
        batch.add(Outcome(place, books.machine, at, True, False, False, start_ns, (timed,), (), (), {}))  # noqa: FBT003 - positional values of a tuple
    if total:
        batch.note((told,))
    batch.since_ns, batch.until_ns = start_ns, until_ns


def _waiting(batches: tuple[Batch, ...]) -> dict[tuple[Place, int], _Bytes]:
    total: dict[tuple[Place, int], _Bytes] = {}
    for batch in batches:
        for key, (rx, tx) in batch.booked.items():
            before = total.get(key, _Bytes(0, 0))
            total[key] = _Bytes(before.rx + rx, before.tx + tx)
    return total


def _missing(ours: Books, stored: Books, waiting: dict[tuple[Place, int], _Bytes]) -> list[tuple[Place, Span]]:
    found = []
    for place, baselines in ours.baselines.items():
        for identity, now in baselines.items():
            then = stored.baselines.get(place, {}).get(identity)
            since, still = _since(then, now), waiting.get((place, identity), _Bytes(0, 0))
            rx, tx = max(0, since.rx - still.rx), max(0, since.tx - still.tx)
            if rx or tx:
                counted = now.counted or (then is not None and then.counted)
                found.append((place, Span(identity, now.name, counted, rx, tx, 0, 0, estimated=True, speed_ns=0)))
    return found


def _since(then: Baseline | None, now: Baseline) -> _Bytes:
    """Bytes between two baselines of one identity.

    What was booked tells it across resets, unless the books were begun anew in between; the counters tell it unless
    they were reset. Neither can tell too much.
    """
    booked = _booked(now)
    if then is None:
        return booked
    before = _booked(then)
    booked = _Bytes(booked.rx - before.rx, booked.tx - before.tx)
    change = compare(then.counters, now.counters, 64)
    if not then.recorded or change.kind != "grew":
        return booked
    return _Bytes(max(booked.rx, change.rx), max(booked.tx, change.tx))


def _booked(baseline: Baseline) -> _Bytes:
    counters = baseline.counters
    return _Bytes(counters.rx_bytes - baseline.origin_rx, counters.tx_bytes - baseline.origin_tx)
