import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering.comparison import MOST_PER_PACKET, SMALL_FALL, WRAP, Change, believable_rate, compare
from packetbuddy.metering.readings import Counters, Facts

OLD = Counters(1000, 2000, 10, 20)
numbers = st.one_of(st.integers(0, 1 << 34), st.sampled_from([0, 1, SMALL_FALL, WRAP - 1, WRAP, WRAP + 1]))
packets = st.one_of(st.none(), st.integers(0, 1 << 20))
counters = st.builds(Counters, numbers, numbers, packets, packets)


def test_growth_is_usage() -> None:
    """What grew is the difference, in each direction apart."""
    new = Counters(1300, 2007, 11, 21)
    assert compare(OLD, new, 64) == Change(300, 7, new, "grew")


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize(
    "new",
    [Counters(50, 60, 1, 2), Counters(5000, 6000, 9, 30), Counters(5000, 6000, 30, 19), Counters(5000, 60, 0, 0)],
)
def test_fallen_packets_are_a_reset_of_both_directions(new: Counters, bits: int) -> None:
    """One packet counter fell: all new values are usage, also where bytes have overtaken the old ones."""
    assert compare(OLD, new, bits) == Change(new.rx_bytes, new.tx_bytes, new, "reset")


@pytest.mark.parametrize(
    ("new", "moved", "kept"),
    [
        (Counters(999, 2500, 10, 25), (0, 500), Counters(1000, 2500, 10, 25)),
        (Counters(1400, 0, 15, 20), (400, 0), Counters(1400, 2000, 15, 20)),
        (Counters(0, 0, 10, 20), (0, 0), Counters(1000, 2000, 10, 20)),
    ],
)
def test_fallen_bytes_without_fallen_packets_are_a_wobble(
    new: Counters, moved: tuple[int, int], kept: Counters
) -> None:
    """A wobble is no usage and keeps the high-water mark of its direction; the other direction counts as ever."""
    assert compare(OLD, new, 64) == Change(*moved, kept, "wobble")


def test_a_wobble_counts_again_only_above_its_mark() -> None:
    """Down and up again moves nothing; beyond the old mark only what lies beyond is usage."""
    low = compare(OLD, Counters(400, 2000, 12, 20), 64)
    assert compare(low.counters, Counters(1001, 2000, 13, 20), 64).rx == 1


def test_a_32_bit_counter_wraps() -> None:
    """A 32-bit source that fell while its packets grew enough has moved past 2**32."""
    old, new = Counters(WRAP - 100, WRAP - 1, 10, 10), Counters(50, 0, 11, 11)
    assert compare(old, new, 32) == Change(150, 1, new, "wrap")
    assert compare(old, new, 64).kind == "wobble"
    exactly = compare(Counters(WRAP - MOST_PER_PACKET, 0, 10, 0), Counters(0, 0, 11, 0), 32)
    assert (exactly.kind, exactly.rx) == ("wrap", MOST_PER_PACKET)
    assert compare(Counters(1000, 0, None, None), Counters(900, 0, None, None), 32).kind == "wobble"


def test_a_wrap_of_one_direction_is_a_wrap_also_while_the_other_wobbles() -> None:
    """A wrap is told whatever the other direction does: nobody else could learn of it later."""
    change = compare(Counters(WRAP - 100, 500, 10, 10), Counters(60, 400, 20, 20), 32)
    assert change == Change(160, 0, Counters(60, 500, 20, 20), "wrap")
    mirrored = compare(Counters(500, WRAP - 100, 10, 10), Counters(400, 60, 20, 20), 32)
    assert mirrored == Change(0, 160, Counters(500, 60, 20, 20), "wrap")


@pytest.mark.parametrize(
    ("grown", "kind"), [(0, "wobble"), (1, "wobble"), (32_767, "wobble"), (32_768, "wrap"), (1 << 20, "wrap")]
)
def test_no_phantom_4_gib_from_a_wobbling_32_bit_counter(grown: int, kind: str) -> None:
    """A fall is a wrap only where the new packets can hold what it would have moved."""
    change = compare(
        Counters(1000, 0, 10, 0), Counters(1000, 0, 10, 0)._replace(rx_bytes=900, rx_packets=10 + grown), 32
    )
    assert (change.kind, change.rx) == (kind, WRAP - 100 if kind == "wrap" else 0)
    assert MOST_PER_PACKET == 131_072


@pytest.mark.parametrize(
    ("old", "new", "bits", "moved"),
    [
        (Counters(50, 0, 10, 0), Counters(WRAP - 50, 0, 11, 0), 32, 0),
        (Counters(50, 0, 10, 0), Counters(WRAP - 50, 0, 11, 0), 64, WRAP - 100),
        (Counters(50, 0, 10, 0), Counters(WRAP - 50, 0, 40_000, 0), 32, WRAP - 100),
        (Counters(50, 0, 0, 0), Counters(WRAP - 50, 0, 0, 0), 32, WRAP - 100),
        (Counters(50, 0, None, None), Counters(WRAP - 50, 0, None, None), 32, WRAP - 100),
        (Counters(0, 0, 10, 0), Counters(WRAP // 2, 0, 11, 0), 32, WRAP // 2),
        (Counters(0, 0, 10, 0), Counters(WRAP // 2 + 1, 0, 11, 0), 32, 0),
        (Counters(3 << 30, 0, 10, 0), Counters((3 << 30) + 100, 0, 10, 0), 32, 100),
        (Counters(1 << 30, 0, 10, 0), Counters(3 << 30, 0, 10, 0), 32, 1 << 31),
        (Counters(1 << 30, 0, 10, 0), Counters((3 << 30) + 1, 0, 20_000, 0), 32, (1 << 31) + 1),
    ],
)
def test_a_wobble_back_over_the_edge_is_no_growth(old: Counters, new: Counters, bits: int, moved: int) -> None:
    """A 32-bit counter that wobbles from just above zero to just below 2**32 has moved nothing, packets tell."""
    assert compare(old, new, bits).rx == moved


def test_a_32_bit_source_beyond_32_bits_does_not_wrap() -> None:
    """A source that shows more than 32 bits proves itself to be wider; its fall is a wobble."""
    assert compare(Counters(WRAP, 0, 10, 0), Counters(5, 0, 20, 0), 32).kind == "wobble"
    assert compare(Counters(WRAP - 1, 0, 10, 0), Counters(5, 0, 20, 0), 32).rx == 6


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (Counters(SMALL_FALL, 0, None, None), Counters(1, 0, None, None), "wobble"),
        (Counters(SMALL_FALL, 0, None, None), Counters(0, 0, None, None), "reset"),
        (Counters(0, SMALL_FALL, None, None), Counters(0, 1, None, None), "wobble"),
        (Counters(0, SMALL_FALL, None, None), Counters(9, 0, None, None), "reset"),
        (Counters(SMALL_FALL, 0, 5, 5), Counters(0, 0, None, None), "reset"),
        (Counters(SMALL_FALL, 0, None, None), Counters(0, 0, 5, 5), "reset"),
        (Counters(SMALL_FALL, 0, 5, 5), Counters(0, 0, 5, 5), "wobble"),
        (Counters(5, 5, None, None), Counters(6, 5, None, None), "grew"),
        (Counters(500, 0, 7, 7), Counters(400, 0, None, 7), "wobble"),
        (Counters(500, 0, None, 7), Counters(400, 0, 7, 7), "wobble"),
    ],
)
def test_without_packet_counters_the_size_of_a_fall_decides(old: Counters, new: Counters, kind: str) -> None:
    """Without packets on both sides a fall below 1 MiB is a wobble, a larger one a reset."""
    assert compare(old, new, 64).kind == kind
    assert SMALL_FALL == 1_048_576


@given(counters, counters, st.sampled_from([32, 64]))
def test_any_two_looks_conserve(old: Counters, new: Counters, bits: int) -> None:
    """Whatever a kernel shows: nothing negative, no more than it now shows unless 32 bits wrapped, marks never fall."""
    change = compare(old, new, bits)
    for moved, was, kept, now in (
        (change.rx, old.rx_bytes, change.counters.rx_bytes, new.rx_bytes),
        (change.tx, old.tx_bytes, change.counters.tx_bytes, new.tx_bytes),
    ):
        if change.kind == "reset":
            assert moved == kept == now
        elif now < was and kept == now:
            assert change.kind == "wrap"
            assert moved == now - was + WRAP
        else:
            assert moved == kept - was
            assert kept in {was, now}
        assert moved >= 0
    assert change.counters[2:] == new[2:]


@pytest.mark.parametrize(
    ("facts", "max_rate", "limit"),
    [
        (Facts("hardware", bytes_per_second=12_500_000), None, 1_000_000_000),
        (Facts("hardware", bytes_per_second=1_250_000_000), None, 5_000_000_000),
        (Facts("hardware"), None, 100_000_000_000),
        (Facts("hardware", bytes_per_second=0), None, 100_000_000_000),
        (Facts("veth", bytes_per_second=1_250_000_000), None, 100_000_000_000),
        (Facts("hardware", bytes_per_second=12_500_000), 7, 7),
        (Facts("veth"), 0, 0),
    ],
)
def test_what_is_believable(facts: Facts, max_rate: int | None, limit: int) -> None:
    """Four times the line's speed and at least 1 GB/s for hardware that reports one, else 100 GB/s; a set rate wins."""
    assert believable_rate(facts, max_rate) == limit
