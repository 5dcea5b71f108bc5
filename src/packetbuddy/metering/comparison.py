"""Rules 1, 2 and 5: what changed between two looks at one identity, and whether to believe it. Pure."""

from typing import NamedTuple

from packetbuddy.metering.readings import Counters, Facts

WRAP = 1 << 32
MOST_PER_PACKET = 1 << 17
"""Bytes: a packet as offloading hands it over holds 64 KiB and headers. What a 32-bit source would have to have moved
beyond what its packets hold was a wobble, not 4 GiB that nobody moved (rule 2)."""
SMALL_FALL = 1 << 20
"""Without packet counters, a fall below this many bytes is a wobble (rule 2)."""
HARDWARE_RATE = 1_000_000_000
"""Least limit for hardware that reports a speed, bytes per second (rule 5): drivers refresh in batches."""
VIRTUAL_RATE = 100_000_000_000
"""Limit for virtual or unknown links: a veth reports 10 Gbit/s and moves more."""


class Change(NamedTuple):
    """Usage of one identity between two looks, and the counters that are accounted for after it."""

    rx: int
    tx: int
    counters: Counters
    kind: str
    """``grew``, ``reset``, ``wrap`` (of either direction) or ``wobble`` (of either, where none wrapped)."""


def compare(old: Counters, new: Counters, bits: int) -> Change:
    """Rules 1 and 2: what changed between two looks at one identity, judged as a whole."""
    packets_fell = _packets_fell(old, new)
    # The common case; the rest would say the same.
    if not packets_fell and bits != 32 and new.rx_bytes >= old.rx_bytes and new.tx_bytes >= old.tx_bytes:
        return Change(new.rx_bytes - old.rx_bytes, new.tx_bytes - old.tx_bytes, new, "grew")
    if packets_fell or _large_fall(old, new):
        return Change(new.rx_bytes, new.tx_bytes, new, "reset")
    rx = _direction(old.rx_bytes, new.rx_bytes, _packets(old.rx_packets, new.rx_packets), bits)
    tx = _direction(old.tx_bytes, new.tx_bytes, _packets(old.tx_packets, new.tx_packets), bits)
    kept = Counters(
        old.rx_bytes if rx is None else new.rx_bytes,
        old.tx_bytes if tx is None else new.tx_bytes,
        new.rx_packets,
        new.tx_packets,
    )
    kind = "grew"
    if _wrapped(old.rx_bytes, new.rx_bytes, rx) or _wrapped(old.tx_bytes, new.tx_bytes, tx):
        kind = "wrap"
    elif rx is None or tx is None:
        kind = "wobble"
    return Change(rx or 0, tx or 0, kept, kind)


def _direction(old: int, new: int, packets: int | None, bits: int) -> int | None:
    """Bytes of one direction; ``None`` is a wobble. Only a known 32-bit source may wrap, and only with new packets."""
    if new >= old:
        back_over_the_edge = bits == 32 and new - old > WRAP // 2 and not _held(new - old, packets, unwitnessed=True)
        return None if back_over_the_edge else new - old
    moved = new + WRAP - old
    return moved if bits == 32 and old < WRAP and _held(moved, packets, unwitnessed=False) else None


def _held(moved: int, packets: int | None, *, unwitnessed: bool) -> bool:
    """Whether so many packets can hold so many bytes; ``unwitnessed`` where nobody counts packets."""
    return unwitnessed if packets is None else moved <= packets * MOST_PER_PACKET


def _wrapped(old: int, new: int, moved: int | None) -> bool:
    return new < old and moved is not None


def _packets(old: int | None, new: int | None) -> int | None:
    """New packets; ``None`` also from a driver that leaves them at zero."""
    return None if old is None or not new else new - old


def _packets_fell(old: Counters, new: Counters) -> bool:
    return _fell(old.rx_packets, new.rx_packets) or _fell(old.tx_packets, new.tx_packets)


def _fell(old: int | None, new: int | None) -> bool:
    return old is not None and new is not None and new < old


def _large_fall(old: Counters, new: Counters) -> bool:
    """Without packet counters only the size of a fall can tell a reset from a wobble."""
    return _unwitnessed(old.rx_bytes, new.rx_bytes, old.rx_packets, new.rx_packets) or _unwitnessed(
        old.tx_bytes, new.tx_bytes, old.tx_packets, new.tx_packets
    )


def _unwitnessed(old: int, new: int, old_packets: int | None, new_packets: int | None) -> bool:
    return (old_packets is None or new_packets is None) and old - new >= SMALL_FALL


def believable_rate(facts: Facts, max_rate: int | None) -> int:
    """Rule 5: bytes per second above which a change of this interface is doubted."""
    if max_rate is not None:
        return max_rate
    if facts.kind == "hardware" and facts.bytes_per_second:
        return max(4 * facts.bytes_per_second, HARDWARE_RATE)
    return VIRTUAL_RATE
