from typing import Any

from packetbuddy.metering.batch import ALL, Batch
from packetbuddy.metering.books import Doubt, Event, Outcome, Span
from packetbuddy.metering.readings import SECOND, Instant
from packetbuddy.metering.slots import SLOT_NS

PLACE = ("b1", "n1")
START = 1000 * SLOT_NS


def span(rx: int, tx: int, **changes: Any) -> Span:
    plain = Span(2, "eth0", True, rx, tx, START, START + SECOND, False, SECOND)
    return plain._replace(**changes)


def outcome(*spans: Span, doubts: tuple[Doubt, ...] = (), events: tuple[Event, ...] = (), at: int = 1) -> Outcome:
    now = START + at * SECOND
    return Outcome(
        place=PLACE,
        machine="m1",
        at=Instant(now, 5 * SECOND, 5 * SECOND, True),
        complete=True,
        anew=False,
        stepped=False,
        since_ns=now - SECOND,
        spans=spans,
        doubts=doubts,
        events=events,
        baselines={},
    )


def batch(*outcomes: Outcome) -> Batch:
    made = Batch()
    for each in outcomes:
        made.add(each)
    return made


def test_bytes_add_up_and_peaks_are_the_highest() -> None:
    """A cell holds rx, tx, estimated bytes summed, and the highest speed of each direction and of both together."""
    made = batch(outcome(span(100, 10)), outcome(span(40, 60, speed_ns=SECOND // 2)), outcome(span(1, 0, speed_ns=0)))
    assert made.cells == {(1000, "eth0", True): [141, 70, 0, 100, 120, 200]}


def test_a_speed_is_bytes_by_measured_time() -> None:
    """Whole bytes per second, rounded down."""
    made = batch(outcome(span(1000, 2, speed_ns=3 * SECOND)))
    assert made.cells[1000, "eth0", True][3:] == [333, 0, 334]


def test_estimated_bytes_are_both_directions() -> None:
    """What is spread is estimated in every slot that it falls into, and makes no peak."""
    wide = span(100, 10, start_ns=START - SLOT_NS, end_ns=START + SLOT_NS, estimated=True, speed_ns=0)
    made = batch(outcome(wide), outcome(span(7, 0)))
    assert made.cells == {
        (999, "eth0", True): [50, 5, 55, 0, 0, 0],
        (1000, "eth0", True): [57, 5, 55, 7, 0, 7],
    }


def test_counted_and_uncounted_are_apart() -> None:
    """An interface's bytes that counted and those that did not, and each name, have cells of their own."""
    made = batch(outcome(span(1, 0), span(2, 0, counted=False, identity=3), span(4, 0, interface="usb0", identity=4)))
    assert {cell: amounts[0] for cell, amounts in made.cells.items() if cell[1] != ALL} == {
        (1000, "eth0", True): 1,
        (1000, "eth0", False): 2,
        (1000, "usb0", True): 4,
    }


def test_a_peak_belongs_to_the_slot_of_its_end() -> None:
    """A span that ends on a boundary peaks in the slot before it; bytes may lie in both slots."""
    edge = span(100, 0, start_ns=START - SECOND, end_ns=START)
    over = span(100, 0, start_ns=START - SECOND, end_ns=START + SECOND, speed_ns=2 * SECOND)
    assert batch(outcome(edge)).cells == {(999, "eth0", True): [100, 0, 0, 100, 0, 100]}
    assert {cell[0]: amounts[3] for cell, amounts in batch(outcome(over)).cells.items()} == {999: 0, 1000: 50}


def test_peaks_of_all_counted_interfaces_together() -> None:
    """Two that counted in the same poll peak together, without bytes; uncounted and spread spans take no part."""
    other = span(30, 5, interface="usb0", identity=3)
    made = batch(outcome(span(100, 10), other, span(900, 0, counted=False, identity=5), span(800, 0, speed_ns=0)))
    assert made.cells[1000, ALL, True] == [0, 0, 0, 130, 15, 145]
    edge = [each._replace(start_ns=START - SECOND, end_ns=START) for each in (span(1, 0), other)]
    assert (999, ALL, True) in batch(outcome(*edge)).cells
    after = [each._replace(start_ns=START, end_ns=START + 1) for each in edge]
    assert {cell[0] for cell, amounts in batch(outcome(*after)).cells.items() if amounts[5]} == {1000}
    assert ALL == ""
    alone = batch(outcome(span(100, 10)), outcome(other), outcome(span(1, 0), other._replace(counted=False)))
    assert not any(cell[1] == ALL for cell in alone.cells)


def test_doubts_are_booked_but_fill_no_cell() -> None:
    """A doubt is bytes that are accounted for, kept as itself; usage and doubts of an identity add up for the audit."""
    doubt = Doubt(span(1 << 50, 3), 7)
    made = batch(outcome(span(5, 6), doubts=(doubt,)), outcome(span(1, 1)))
    assert made.doubts == [doubt]
    assert made.booked == {(PLACE, 2): [(1 << 50) + 6, 10]}
    assert made.cells[1000, "eth0", True][:2] == [6, 7]


def test_it_covers_from_the_first_outcome_to_the_last() -> None:
    """The observed stretch begins before the first look's time and ends with the last, also without any usage."""
    made = batch(outcome(at=1), outcome(at=2), outcome(at=9))
    assert (made.since_ns, made.until_ns) == (START, START + 9 * SECOND)
    assert (Batch().since_ns, Batch().until_ns, Batch().cells) == (None, 0, {})


def test_a_small_step_back_makes_no_negative_stretch() -> None:
    """A wall clock that drifts back within its epoch never ends a stretch before it began."""
    made = batch(outcome(at=10), outcome(at=-30))
    assert (made.since_ns, made.until_ns) == (START + 9 * SECOND, START + 10 * SECOND)


def test_a_jittering_counter_fills_no_disk() -> None:
    """The same kind of event of one interface in one slot is kept once, the first, with how often; others apart."""
    first = Event(START + 1, "wobble", "eth0", "first")
    rest = [first._replace(at_ns=START + 2, detail="second"), first._replace(interface="usb0")]
    apart = [first._replace(kind="reset"), first._replace(at_ns=START + SLOT_NS)]
    made = batch(outcome(events=(first,)), outcome(events=(*rest, *apart)))
    assert list(made.events.values()) == [(first, 2), (rest[1], 1), (apart[0], 1), (apart[1], 1)]
