"""Which interfaces count, so that every internet byte counts once; with a reason for each that a person can read.

``auto`` takes every default route (:func:`~packetbuddy.metering.routing.is_default`), follows each holder down to the
line that its packets leave by (:class:`~packetbuddy.metering.topology.Topology`), and drops whatever lies on another
one that counts. A selection by the user replaces all that: an interface named exactly counts whatever it is, loopback
too; one that only a glob matches does not count if it lies on, or under, another one that does, nor if it is loopback.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from packetbuddy.metering.readings import Link, Route
from packetbuddy.metering.topology import NEVER, Topology

Selection = tuple[str, ...] | None
"""``[monitoring] interface``: ``None`` is "auto"; else names and globs (``*`` any characters, ``?`` one)."""


class Decision(NamedTuple):
    """What was decided about one interface, and why, in one short sentence."""

    identity: int
    name: str
    kind: str
    counted: bool
    recorded: bool
    """Hardware or counted; the caller adds what has counted before."""
    uncertain: bool
    """Counted because nothing better could be told."""
    reason: str


class Choice(NamedTuple):
    """The interfaces that count, a decision for every one (by name), and the named ones that do not exist now."""

    counted: frozenset[int]
    decisions: tuple[Decision, ...]
    missing: tuple[str, ...]


def resolve(links: Sequence[Link], routes: Sequence[Route] | None, selection: Selection) -> Choice:
    """Decide which of ``links`` count; independent of the order of links and routes.

    ``routes`` is ``None`` when they could not be read: then running hardware counts, marked uncertain. Without any
    default route nothing counts in ``auto``.
    """
    topology = Topology(links, routes)
    if selection is None:
        reasons, counted = _automatic(topology)
        missing: tuple[str, ...] = ()
    else:
        reasons, counted = _selected(topology, selection)
        missing = tuple(name for name in dict.fromkeys(selection) if not any(_matches(at.name, name) for at in links))
    decisions = (
        Decision(
            identity=link.identity,
            name=link.name,
            kind=link.facts.kind,
            counted=link.identity in counted,
            recorded=link.identity in counted or link.facts.kind == "hardware",
            uncertain=selection is None and link.identity in counted and topology.is_doubtful(link.identity),
            reason=reasons[link.identity],
        )
        for link in sorted(links, key=lambda at: (at.name, at.identity))
    )
    return Choice(counted, tuple(decisions), missing)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The existing name that ``name`` was probably meant to be; ``None`` when none has half of it in common."""
    ranked = sorted((_distance(name, each), each) for each in names)
    if not ranked:
        return None
    edits, best = ranked[0]
    return best if 2 * edits <= max(len(name), len(best)) + 1 else None


_Verdict = tuple[dict[int, str], frozenset[int]]
"""A reason for every link, and the links that count."""


def _automatic(topology: Topology) -> _Verdict:
    origins: dict[int, list[Link]] = {}
    for holder in topology.holders:
        for line in topology.resolve(holder):
            origins.setdefault(line, []).append(topology.links[holder])
    counted = _lowest(topology, origins)
    reasons = {
        identity: _why(topology, link, origins[identity]) if identity in counted else _why_not(topology, link, counted)
        for identity, link in topology.links.items()
    }
    return reasons, counted


def _lowest(topology: Topology, candidates: Iterable[int]) -> frozenset[int]:
    """The candidates that lie on no other one; of a circle, the lowest identity."""
    below = {identity: topology.below(identity) for identity in candidates}
    return frozenset(
        one
        for one in below
        if not any(other in below[one] and (one not in below[other] or other < one) for other in below if other != one)
    )


def _why(topology: Topology, link: Link, origins: Sequence[Link]) -> str:
    if topology.blind:
        return "routes could not be read; running hardware counts"
    if link.identity in topology.holders:
        return f"carries the default route{_doubt(topology, link)}"
    origin = min(origins, key=lambda at: at.name)
    if topology.passes_on(topology.settle(origin.identity)):
        return f"carries the packets of {origin.name}, which holds the default route"
    if origin.facts.master == link.identity:
        return f"its port {origin.name} carries the default route"
    return f"port of {origin.name}, which carries the default route"


def _doubt(topology: Topology, link: Link) -> str:
    if topology.passes_on(link.identity):
        return "; no line below it is known"
    return "; which of its ports leads out cannot be told" if link.facts.kind == "bridge" else ""


def _why_not(topology: Topology, link: Link, counted: frozenset[int]) -> str:
    if link.facts.kind in NEVER:
        return "loopback never counts" if link.facts.kind == "loopback" else "never carries internet traffic"
    overlap = _overlap(topology, link, counted)
    if overlap:
        return overlap
    if topology.blind:
        return "routes could not be read; only running hardware counts"
    return "no default route leads here" if topology.holders else "no default route anywhere: offline"


def _overlap(topology: Topology, link: Link, counted: frozenset[int]) -> str:
    """How this link's bytes are among those of the counted ones; empty if they are not."""
    master = topology.master(link)
    if master is not None and master.identity in counted:
        return f"port of {master.name}; counted there"
    if master is not None and master.facts.kind == "bridge" and (beneath := topology.below(master.identity) & counted):
        return f"port of {master.name}; counted on {_names(topology, beneath)}"
    if beneath := topology.below(link.identity) & counted:
        return f"{link.facts.kind}: its packets already count on {_names(topology, beneath)}"
    if above := {identity for identity in counted if link.identity in topology.below(identity)}:
        return f"below {_names(topology, above)}; counted there"
    return ""


def _selected(topology: Topology, selection: tuple[str, ...]) -> _Verdict:
    links = topology.links
    exact = {identity for identity, link in links.items() if link.name in selection}
    globs = {identity: _glob(link, selection) for identity, link in links.items() if identity not in exact}
    free = {
        identity
        for identity, pattern in globs.items()
        if pattern and links[identity].facts.kind not in NEVER and not _touches(topology, identity, exact)
    }
    counted = frozenset(exact | _lowest(topology, free))
    reasons = {identity: _why_named(topology, link, globs.get(identity), counted) for identity, link in links.items()}
    return reasons, counted


def _touches(topology: Topology, identity: int, others: Iterable[int]) -> bool:
    below = topology.below(identity)
    return any(other in below or identity in topology.below(other) for other in others)


def _why_named(topology: Topology, link: Link, glob: str | None, counted: frozenset[int]) -> str:
    """``glob`` is the pattern that matches, empty if none does, ``None`` for a link that is named exactly."""
    if glob is None:
        never = ", though it never carries internet traffic" if link.facts.kind in NEVER else ""
        return f"named in [monitoring] interface{never}"
    if not glob:
        return "not named in [monitoring] interface"
    if link.identity in counted:
        return f'matches "{glob}" in [monitoring] interface'
    if link.facts.kind in NEVER:
        return f"{link.facts.kind}: counts only when named exactly"
    return _overlap(topology, link, counted)


def _glob(link: Link, selection: tuple[str, ...]) -> str:
    return next((pattern for pattern in selection if _matches(link.name, pattern)), "")


def _matches(name: str, pattern: str) -> bool:
    """Whether the pattern is this name, or matches it as a glob; own code, as :mod:`fnmatch` brings :mod:`os`."""
    if pattern == name:
        return True
    first, *middle = pattern.split("*")
    if not middle:
        return _same(name, first)
    last = middle.pop()
    if len(name) < len(first) + len(last) or not _same(name[: len(first)], first):
        return False
    at = len(first)
    end = len(name) - len(last)
    for part in middle:
        while at + len(part) <= end and not _same(name[at : at + len(part)], part):
            at += 1
        at += len(part)
    return at <= end and _same(name[end:], last)


def _same(text: str, pattern: str) -> bool:
    return len(text) == len(pattern) and all(want in ("?", have) for have, want in zip(text, pattern, strict=True))


def _names(topology: Topology, identities: Iterable[int]) -> str:
    return " and ".join(sorted(topology.links[identity].name for identity in identities))


def _distance(one: str, other: str) -> int:
    """Insertions, deletions and replacements between two names (Levenshtein)."""
    row = list(range(len(other) + 1))
    for done, have in enumerate(one, 1):
        previous, row[0] = row[0], done
        for at, want in enumerate(other, 1):
            previous, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, previous + (have != want))
    return row[-1]
