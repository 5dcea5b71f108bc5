"""What waits to be written: spans added up by slot and interface, until the transaction that stores them. Pure."""

from collections.abc import Iterable

from packetbuddy.metering.books import Doubt, Event, Outcome, Place, Span
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import slot_of, split

ALL = ""
"""Name of the series that holds the peaks of all counted interfaces together; it holds no bytes."""

Cell = tuple[int, str, bool]
"""(slot, interface, counted)."""

Amounts = list[int]
"""rx, tx, estimated bytes, then the peaks rx, tx, both in bytes per second."""


class Batch:
    """Usage since the last commit: owns its cells until they are committed, then begins anew."""

    def __init__(self) -> None:
        """Begin empty."""
        self.cells: dict[Cell, Amounts] = {}
        self.booked: dict[tuple[Place, int], list[int]] = {}
        """Bytes rx, tx per identity, doubted ones included, for the conservation audit (rule 9)."""
        self.doubts: list[Doubt] = []
        self.events: dict[tuple[str, str, int], tuple[Event, int]] = {}
        """First of its kind per interface and slot, and how often: a jittering counter must not fill the disk."""
        self.since_ns: int | None = None
        self.until_ns = 0

    def add(self, outcome: Outcome) -> None:
        """Take in what one reading means."""
        if self.since_ns is None:
            self.since_ns = outcome.since_ns
        self.until_ns = max(self.until_ns, outcome.at.wall_ns)  # a small step back makes no negative stretch
        for span in outcome.spans:
            self._book(outcome.place, span)
            self._spread(span)
        if outcome.spans:
            self._peaks(outcome.spans)
        for doubt in outcome.doubts:
            self._book(outcome.place, doubt.span)
            self.doubts.append(doubt)
        self.note(outcome.events)

    def note(self, events: Iterable[Event]) -> None:
        """Remember events, the same kind once per interface and slot."""
        for event in events:
            key = (event.kind, event.interface, slot_of(event.at_ns))
            first, count = self.events.get(key, (event, 0))
            self.events[key] = (first, count + 1)

    def _book(self, place: Place, span: Span) -> None:
        booked = self.booked.setdefault((place, span.identity), [0, 0])
        booked[0] += span.rx
        booked[1] += span.tx

    def _spread(self, span: Span) -> None:
        for share in split(span.start_ns, span.end_ns, span.rx, span.tx):
            amounts = self._cell(share.slot, span.interface, counted=span.counted)
            amounts[0] += share.rx
            amounts[1] += share.tx
            if span.estimated:
                amounts[2] += share.rx + share.tx

    def _peaks(self, spans: tuple[Span, ...]) -> None:
        """Speeds belong to the slot of the span's end; those of several counted interfaces are added up (rule 7)."""
        fast = [span for span in spans if span.speed_ns]
        for span in fast:
            slot = slot_of(span.end_ns - 1)
            self._peak(self._cell(slot, span.interface, counted=span.counted), span.rx, span.tx, span.speed_ns)
        counted = [span for span in fast if span.counted]
        if len(counted) > 1:
            rx, tx = sum(span.rx for span in counted), sum(span.tx for span in counted)
            self._peak(self._cell(slot_of(counted[0].end_ns - 1), ALL, counted=True), rx, tx, counted[0].speed_ns)

    @staticmethod
    def _peak(amounts: Amounts, rx: int, tx: int, length_ns: int) -> None:
        for place, moved in ((3, rx), (4, tx), (5, rx + tx)):
            speed = moved * SECOND // length_ns
            amounts[place] = max(amounts[place], speed)

    def _cell(self, slot: int, interface: str, *, counted: bool) -> Amounts:
        return self.cells.setdefault((slot, interface, counted), [0, 0, 0, 0, 0, 0])
