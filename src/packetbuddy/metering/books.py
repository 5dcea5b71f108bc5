"""What is accounted for, and what one reading adds to it. Values, and the one object that owns the books. Pure.

A *baseline* holds the counters that are accounted for already, by (boot, namespace, identity), never by name.
"""

from typing import NamedTuple

from packetbuddy.metering.readings import Counters, Instant

Place = tuple[str, str]
"""(effective boot identity, network namespace)."""

PAUSED = "paused"
"""In place of a machine's identity: counting rests, and what moves until the next look is left out."""
ROUTINE = frozenset({"wobble"})
"""Events that need no immediate write: a reader comes to the same bytes without knowing of them. A wrap is none: once
the counter has overtaken its old value, nobody who has not seen it wrap can tell."""


class Policy(NamedTuple):
    """What the accounting needs to know of the settings.

    ``exact_ns``: an awake span up to this long is exact (three polls; more for a reader of a living monitor).
    ``max_rate``: bytes per second above which a change is doubted, ``None`` = by the link.
    """

    exact_ns: int
    max_rate: int | None = None


class Baseline(NamedTuple):
    """What is accounted for of one identity.

    ``origin_*`` move with resets and wraps so that ``counters - origin`` is all that was ever booked for this
    identity (rule 9). ``counted``: whether it counted at the last look that had it. ``recorded``: hardware, or was
    an uplink once. ``gone_*`` are the clocks of the last look that had it, once a look lacked it.
    ``low`` is true while the counters stand below their high-water mark.
    """

    name: str
    counters: Counters
    origin_rx: int
    origin_tx: int
    counted: bool
    recorded: bool
    gone_elapsed_ns: int | None = None
    gone_awake_ns: int | None = None
    low: bool = False


class Span(NamedTuple):
    """Usage of one interface between two instants of the wall clock.

    ``estimated``: the bytes are exact, their time is spread. ``speed_ns``: measured length to compute a speed
    from, 0 where the span allows none (rule 7).
    """

    identity: int
    interface: str
    counted: bool
    rx: int
    tx: int
    start_ns: int
    end_ns: int
    estimated: bool
    speed_ns: int


class Doubt(NamedTuple):
    """A change that is not believed; not counted and not forgotten (rule 5). ``limit`` in bytes per second."""

    span: Span
    limit: int


class Event(NamedTuple):
    """Something worth remembering about the counters."""

    at_ns: int
    kind: str
    interface: str
    detail: str


class Outcome(NamedTuple):
    """What one reading means. ``since_ns``: wall instant from which the reading covers the time up to now."""

    place: Place
    machine: str
    at: Instant
    complete: bool
    """See :class:`Look`."""
    anew: bool
    """All earlier baselines belong to another machine or an earlier boot and are void."""
    stepped: bool
    """The wall clock was stepped within this boot (rule 8)."""
    since_ns: int
    spans: tuple[Span, ...]
    doubts: tuple[Doubt, ...]
    events: tuple[Event, ...]
    baselines: dict[int, Baseline]
    """Only those that changed, by identity."""

    @property
    def urgent(self) -> bool:
        """Something happened that a reader must know of before it reads the counters itself."""
        return self.anew or self.stepped or any(event.kind not in ROUTINE for event in self.events)


class Look(NamedTuple):
    """The last look at a place.

    ``complete``: what an unknown identity holds is usage, as a complete look there lacked it, or as the place itself
    began under the eyes of this ledger.
    """

    at: Instant
    complete: bool


class Books:
    """All that is accounted for: owns the baselines and looks of this boot. Changed by :meth:`apply` alone."""

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.machine = ""
        self.boot = ""
        self.at: Instant | None = None
        self.looks: dict[Place, Look] = {}
        self.baselines: dict[Place, dict[int, Baseline]] = {}

    def apply(self, outcome: Outcome) -> None:
        """Take one outcome in."""
        if outcome.anew:
            self.looks.clear()
            self.baselines.clear()
        place = outcome.place
        before = self.looks.get(place)
        self.machine = outcome.machine
        self.boot = place[0]
        self.at = outcome.at
        self.looks[place] = Look(outcome.at, outcome.complete or (before is not None and before.complete))
        self.baselines.setdefault(place, {}).update(outcome.baselines)
