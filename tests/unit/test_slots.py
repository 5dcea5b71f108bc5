import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import (
    MOST_PIECES,
    QUARTER,
    SLOT_NS,
    SLOTS_PER_DAY,
    Share,
    day_of_slot,
    slot_of,
    split,
)

instants = st.integers(0, 4_000_000_000 * SECOND)
lengths = st.one_of(st.integers(0, 3 * SLOT_NS), st.integers(0, 20 * 365 * 86_400 * SECOND), st.just(0))
sizes = st.one_of(st.integers(0, 50), st.integers(0, 1 << 45))


def test_slots_are_five_minutes_of_utc() -> None:
    """A slot holds [n, n + 1) times five minutes since 1970, a day 288 of them, also before 1970."""
    assert (SLOT_NS, SLOTS_PER_DAY, QUARTER, MOST_PIECES) == (300 * SECOND, 288, 3, 3000)
    assert [slot_of(at) for at in (0, SLOT_NS - 1, SLOT_NS, -1)] == [0, 0, 1, -1]
    assert [day_of_slot(slot) for slot in (0, 287, 288, -1)] == [0, 0, 1, -1]


@given(instants, lengths, sizes, sizes)
@example(0, 0, 5, 7)
@example(SLOT_NS, 0, 5, 7)
@example(1, SLOT_NS * MOST_PIECES, 5, 7)
def test_shares_sum_to_the_span_and_lie_in_it(start: int, length: int, rx: int, tx: int) -> None:
    """Shares are whole, not negative, in order, inside the span's slots, sum exactly, and are never too many."""
    shares = list(split(start, start + length, rx, tx))
    assert (sum(share.rx for share in shares), sum(share.tx for share in shares)) == (rx, tx)
    assert all(share.rx >= 0 and share.tx >= 0 for share in shares)
    slots = [share.slot for share in shares]
    assert slots == sorted(set(slots))
    first, last = slot_of(start), slot_of(max(start, start + length - 1))
    assert all(first <= slot <= last for slot in slots)
    assert len(shares) <= MOST_PIECES + 1


@given(instants, st.integers(1, 400 * 86_400 * SECOND), st.integers(1, 1 << 45))
def test_bytes_are_spread_evenly(start: int, length: int, rx: int) -> None:
    """Up to the end of each piece as many bytes are given as time has passed, rounded down: never early or late."""
    shares = list(split(start, start + length, rx, 0))
    count = slot_of(start + length - 1) - slot_of(start) + 1
    step = 1 if count <= MOST_PIECES else -(-count // (3 * MOST_PIECES)) * 3
    given_rx = 0
    for share in shares:
        given_rx += share.rx
        beyond = (share.slot - share.slot % step + step) * SLOT_NS
        assert given_rx == rx * (min(beyond, start + length) - start) // length


@given(instants, st.integers(0, SLOT_NS * 10), sizes, sizes)
def test_more_bytes_never_make_a_share_smaller_before_it(start: int, length: int, rx: int, more: int) -> None:
    """Splitting is monotone: with more bytes, no prefix of the span holds fewer."""

    def upto(total: int) -> list[int]:
        shares = {share.slot: share.rx for share in split(start, start + length, total, 0)}
        slots = range(slot_of(start), slot_of(start + length) + 1)
        return [sum(shares.get(slot, 0) for slot in slots[: end + 1]) for end in range(len(slots))]

    assert all(few <= many for few, many in zip(upto(rx), upto(rx + more), strict=True))


def test_the_end_of_a_slot_belongs_to_it() -> None:
    """A span that ends on a boundary leaves nothing in the next slot; one of no length lies in its instant's slot."""
    assert list(split(SLOT_NS - 5, SLOT_NS, 8, 0)) == [Share(0, 8, 0)]
    assert list(split(SLOT_NS - 5, SLOT_NS + 5, 8, 3)) == [Share(0, 4, 1), Share(1, 4, 2)]
    assert list(split(SLOT_NS, SLOT_NS, 8, 3)) == [Share(1, 8, 3)]


def test_empty_shares_are_left_out() -> None:
    """One byte in an hour is one row, in the slot in which it became whole; a direction alone is enough for a row."""
    assert list(split(0, 12 * SLOT_NS, 1, 0)) == [Share(11, 1, 0)]
    assert list(split(0, 2 * SLOT_NS, 0, 2)) == [Share(0, 0, 1), Share(1, 0, 1)]


@pytest.mark.parametrize(("slots", "step"), [(3000, 1), (3001, 3), (9000, 3), (9001, 6), (105_120, 36)])
def test_a_long_span_is_cut_coarsely(slots: int, step: int) -> None:
    """Beyond ten days of slots the pieces are whole quarter hours, aligned, and the first one stays inside the span."""
    rows = [share.slot for share in split(SLOT_NS, (slots + 1) * SLOT_NS, 1 << 40, 0)]
    assert rows[0] == 1
    assert rows[1:] == list(range(step + (1 if step == 1 else 0), slots + 1, step))
