"""The kernel's counters: readable, moving in both directions, wide enough, and those that the monitor sees."""

from collections.abc import Iterator

from packetbuddy.doctor.facts import Facts, Network
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding
from packetbuddy.metering.books import Baseline
from packetbuddy.metering.readings import Counters, Link, Reading
from packetbuddy.storage.examining import Examined

NAME = "counters"
STUCK_PACKETS = 100
"""So many packets without a byte are no chance: each has at least a header."""


def check(facts: Facts) -> Iterator[Finding]:
    """What can be said of one reading and the baselines of the last write."""
    network = facts.network
    if network is None:
        return
    if network.reading is None:
        text = f"The counters of this machine cannot be read: {network.problem.rstrip('.')}."
        yield Finding(NAME, BROKEN, text, "Run pb outside of the sandbox or container that forbids it")
        return
    yield from _sources(network)
    if is_elsewhere(facts):
        text = "The monitor counts in another network namespace than the one that this command runs in."
        yield Finding(NAME, WARNING, text, "Run both in the same one; what is not written yet can't be shown here")
        return
    seen = facts.ledger.seen if facts.ledger else None
    for link in network.reading.links:
        if link.identity in network.choice.counted:
            yield from _stuck(link, _baseline(seen, network.reading, link))


def _sources(network: Network) -> Iterator[Finding]:
    if not network.plain:
        text = "The kernel's netlink is refused here (a sandbox?), so the counters are read in a slower way."
        yield Finding(NAME, NOTE, text, "Allow AF_NETLINK to the service if you can; figures are right without it too")
    links = network.reading.links if network.reading else ()
    narrow = [link.name for link in links if link.identity in network.choice.counted and link.facts.counter_bits < 64]
    if narrow:
        text = f"The counters of {', '.join(narrow)} have 32 bits and begin anew every 4 GiB."
        yield Finding(NAME, NOTE, text, "Keep the service running: looked at each second, nothing is lost by that")


def is_elsewhere(facts: Facts) -> bool:
    """Whether a monitor lives that never looked at the network namespace of this reading."""
    seen = facts.ledger.seen if facts.ledger else None
    reading = facts.network.reading if facts.network else None
    if seen is None or reading is None or not seen.state.alive or not seen.books.looks:
        return False
    return not any(place[1] == reading.namespace for place in seen.books.looks)


def _baseline(seen: Examined | None, reading: Reading, link: Link) -> Baseline | None:
    """What was accounted for of this link in this boot and namespace."""
    if seen is None:
        return None
    places = (place for place in seen.books.baselines if place == (seen.books.boot, reading.namespace))
    return next((seen.books.baselines[place].get(link.identity) for place in places), None)


def _stuck(link: Link, before: Baseline | None) -> Iterator[Finding]:
    """A direction whose packets move while its bytes do not, since the last write or since the link is there."""
    since = before.counters if before is not None else Counters(0, 0, 0, 0)
    now = link.counters
    directions = (
        ("received", now.rx_bytes - since.rx_bytes, now.rx_packets, since.rx_packets, now.rx_bytes),
        ("sent", now.tx_bytes - since.tx_bytes, now.tx_packets, since.tx_packets, now.tx_bytes),
    )
    for word, moved, packets, earlier, total in directions:
        passed = (packets or 0) - (earlier or 0)
        never = not total and (packets or 0) >= STUCK_PACKETS
        if never or (not moved and passed >= STUCK_PACKETS):
            text = (
                f"The bytes {word} on {link.name} stand still while its packets move: its driver does not count them."
            )
            remedy = "Update the driver or the system; name another link in `[monitoring] interface` if there is one"
            yield Finding(NAME, BROKEN, text, remedy)
