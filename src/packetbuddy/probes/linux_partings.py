"""Links that ended since the last look: the counters that the kernel told with their end are told nowhere else."""

import struct
from typing import NamedTuple

from packetbuddy.errors import ProbeError
from packetbuddy.metering.readings import Counters, Link
from packetbuddy.probes.linux_links import learn
from packetbuddy.probes.linux_notices import Farewell
from packetbuddy.probes.netlink import attribute_map

_HEAD = 16
"""Bytes of struct ifinfomsg."""
_STATS = struct.Struct("=QQQQ")
_STATS64, _NEW_NAMESPACE = 23, 45
_MOST_UNKNOWN = 256


class Partings(NamedTuple):
    """Links that ended. ``again``: their identity lives on in another link of the same look."""

    gone: tuple[Link, ...] = ()
    again: tuple[Link, ...] = ()


def partings(farewells: list[Farewell], present: set[int], before: dict[int, Link]) -> Partings:
    """Sort out who ended. ``before`` and ``present``: links of the look before, and identities of this one.

    An identity may have lived several times in between; all lives but the last are in ``again`` also when it is gone.
    """
    gone: dict[int, Link] = {}
    again: list[Link] = []
    strangers = 0
    known = dict(before)
    for farewell in farewells:
        identity = farewell.identity
        if _moved_away(farewell) and identity in present:
            continue  # it came back with its counters
        link = _last(farewell, known.pop(identity, None))
        if link is None or (identity not in before and strangers >= _MOST_UNKNOWN):
            continue
        strangers += identity not in before
        if identity in present:
            again.append(link)
        else:
            if identity in gone:
                again.append(gone[identity])
            gone[identity] = link
    return Partings(tuple(gone.values()), tuple(again))


def _last(farewell: Farewell, before: Link | None) -> Link | None:
    """The link with its last counters; ``None`` if nothing is told of it, or of a stranger that moved nothing."""
    try:
        link = before or _introduced(farewell)
        stats = attribute_map(farewell.body, _HEAD, len(farewell.body)).get(_STATS64, b"")
    except ProbeError:
        return None
    if len(stats) < _STATS.size:
        return None
    link = link._replace(counters=_highest(link.counters, stats))
    return link if before is not None or link.counters.rx_bytes or link.counters.tx_bytes else None


def _introduced(farewell: Farewell) -> Link:
    """A link that no look saw: as the kernel told of it while it was up, when its peer and master were still there."""
    body = farewell.herald or farewell.body
    learnt = learn(body, 0, len(body))
    return learnt.at(_STATS.unpack_from(body, len(learnt.prefix)))


def _highest(before: Counters, stats: bytes) -> Counters:
    """Some drivers have emptied counters by the end (a veth the received ones): no counter falls by a farewell."""
    rx_packets, tx_packets, rx_bytes, tx_bytes = _STATS.unpack_from(stats)
    return Counters(
        max(before.rx_bytes, rx_bytes),
        max(before.tx_bytes, tx_bytes),
        max(before.rx_packets or 0, rx_packets),
        max(before.tx_packets or 0, tx_packets),
    )


def _moved_away(farewell: Farewell) -> bool:
    """Whether it left for another network namespace, which empties no counter."""
    try:
        return _NEW_NAMESPACE in attribute_map(farewell.body, _HEAD, len(farewell.body))
    except ProbeError:
        return True
