"""The accounting rules: books and a reading become spans of usage, new baselines and events. Pure.

Numbers in comments are the rules of docs/explanation/accounting.md. :func:`account` only computes;
:meth:`Books.apply <packetbuddy.metering.books.Books.apply>` takes its outcome in, so that a reader can ask
"what if" without changing anything.
"""

from typing import NamedTuple

from packetbuddy.metering.books import PAUSED, Baseline, Books, Doubt, Event, Outcome, Place, Policy, Span
from packetbuddy.metering.comparison import Change, believable_rate, compare
from packetbuddy.metering.epochs import base_of, stepped
from packetbuddy.metering.readings import SECOND, Counters, Instant, Link, Reading

LEAST_DOUBT_NS = 10 * SECOND
"""Changes are held against at least this time (rule 5)."""
SLEPT_NS = 2 * SECOND
"""Elapsed and awake clocks further apart than this inside a span: the machine slept."""


class _Since(NamedTuple):
    """Where a span begins on the two steady clocks; ``plain`` = an ordinary poll of a known interface."""

    elapsed_ns: int
    awake_ns: int
    plain: bool


def account(
    books: Books, reading: Reading, counted: frozenset[int], recorded: frozenset[int], policy: Policy
) -> Outcome:
    """Say what a reading means, given all that is accounted for. Changes nothing.

    ``counted`` and ``recorded`` are identities of this reading, as :mod:`packetbuddy.metering.uplinks` resolves them.
    """
    return _Accountant(books, reading, counted, recorded, policy).outcome()


class _Accountant:
    """One run of the rules; owns the lists it fills."""

    def __init__(
        self, books: Books, reading: Reading, counted: frozenset[int], recorded: frozenset[int], policy: Policy
    ) -> None:
        self.reading, self.counted, self.recorded, self.policy = reading, counted, recorded, policy
        self.at = reading.at
        self.paused = books.machine == PAUSED
        self.known = books.at is not None and not self.paused and not _other_machine(books.machine, reading.machine)
        boot = _effective_boot(books, reading)
        self.new_boot = self.known and boot != books.boot
        self.anew = books.at is not None and (not self.known or self.new_boot)
        self.place: Place = (boot, reading.namespace)
        self.look = None if self.anew else books.looks.get(self.place)
        self.old = {} if self.anew else books.baselines.get(self.place, {})
        self.last = books.at if self.known and not self.new_boot else None
        self.books = books
        self.spans: list[Span] = []
        self.doubts: list[Doubt] = []
        self.events: list[Event] = []
        self.baselines: dict[int, Baseline] = {}

    def outcome(self) -> Outcome:
        """Judge every interface and collect."""
        self._beginnings()
        for link in self.reading.farewells:
            self._farewell(link)
        begun_again = {link.identity for link in self.reading.farewells}
        for link in self.reading.links:
            baseline = self.old.get(link.identity)
            if link.identity in begun_again:
                self._recreated(link)
            elif baseline is None:
                self._unknown(link)
            elif not self._quiet(link, baseline):
                self._known(link, baseline)
        self._missing()
        return Outcome(
            place=self.place,
            machine=self.reading.machine or ("" if self.paused else self.books.machine),
            at=self.at,
            complete=self.reading.complete or (self.look is None and self._appeared_since() is not None),
            anew=self.anew,
            stepped=self.last is not None and stepped(self.last, self.at),
            since_ns=self._covered_since(),
            spans=tuple(self.spans),
            doubts=tuple(self.doubts),
            events=tuple(self.events),
            baselines=self.baselines,
        )

    def _beginnings(self) -> None:
        if self.books.at is None:
            self._tell("started", "", "first look of this ledger; what the counters held before is not counted")
        elif self.paused:
            self._tell("resumed", "", "counting goes on; what moved while it was paused is left out")
        elif not self.known:
            self._tell("machine", "", "this ledger comes from another machine; counting starts afresh")
        elif self.new_boot:
            self._tell("boot", "", "the computer was started; usage since then is counted from the counters")
        elif self.look is None:
            self._tell("namespace", "", f"first look at network namespace {self.reading.namespace}")

    def _covered_since(self) -> int:
        if self.last is not None:
            return self._begin(max(0, self.at.elapsed_ns - self.last.elapsed_ns))
        if self.new_boot:
            return self._begin(self.at.elapsed_ns)
        return self.at.wall_ns

    def _begin(self, length_ns: int) -> int:
        """Wall instant so long ago; a clock that was set to 1970 has nothing before it."""
        return max(0, self.at.wall_ns - length_ns)

    def _quiet(self, link: Link, baseline: Baseline) -> bool:
        """Nothing at all changed: the common case of an idle interface, kept cheap."""
        return (
            link.counters == baseline.counters
            and link.name == baseline.name
            and baseline.gone_elapsed_ns is None
            and (link.identity in self.counted) == baseline.counted
            and (baseline.recorded or link.identity not in self.recorded)
            and not baseline.low
        )

    def _known(self, link: Link, baseline: Baseline) -> None:
        begin = _Since(self._last_here.elapsed_ns, self._last_here.awake_ns, plain=True)
        recorded = baseline.recorded or link.identity in self.recorded
        if baseline.gone_elapsed_ns is not None:
            begin = _Since(baseline.gone_elapsed_ns, baseline.gone_awake_ns or 0, plain=False)
            self._tell("returned", link.name, "the interface is back with its counters", when=recorded)
        if link.name != baseline.name:
            self._tell("renamed", link.name, f"was {baseline.name}", when=recorded)
        change = compare(baseline.counters, link.counters, link.facts.counter_bits)
        low = change.counters != link.counters
        if change.kind != "grew" and not (change.kind == "wobble" and baseline.low):
            begun_again = change.kind != "wobble"  # told of any interface: what it moves next may be an uplink's
            detail = _fall(baseline.counters, link.counters)
            self._tell(change.kind, link.name, detail, when=recorded or begun_again)
        self._book(link, baseline, change, begin, low=low)

    def _farewell(self, link: Link) -> None:
        """A life that ended between two looks: what it moved until then."""
        if link.identity in self.baselines:
            self._recreated(link)
        elif link.identity in self.old:
            self._known(link, self.old[link.identity])
        else:
            self._unknown(link)

    def _recreated(self, link: Link) -> None:
        """A life that began after a farewell: all that its counters hold, even past those of the one before."""
        before = self.baselines[link.identity]
        begin = _Since(self._last_here.elapsed_ns, self._last_here.awake_ns, plain=False)
        self._tell("reset", link.name, "the interface was recreated")
        change = Change(link.counters.rx_bytes, link.counters.tx_bytes, link.counters, "reset")
        self._book(link, before, change, begin, low=False)

    def _book(self, link: Link, baseline: Baseline, change: Change, begin: _Since, *, low: bool) -> None:
        recorded = baseline.recorded or link.identity in self.recorded
        now_counted = link.identity in self.counted
        origin_rx = change.counters.rx_bytes - (baseline.counters.rx_bytes - baseline.origin_rx)
        origin_tx = change.counters.tx_bytes - (baseline.counters.tx_bytes - baseline.origin_tx)
        if recorded:
            origin_rx, origin_tx = origin_rx - change.rx, origin_tx - change.tx
            plain = begin._replace(plain=begin.plain and change.kind == "grew")
            self._span(link, change, plain, counted=baseline.counted or now_counted)
        self.baselines[link.identity] = Baseline(
            link.name, change.counters, origin_rx, origin_tx, now_counted, recorded, low=low
        )

    def _unknown(self, link: Link) -> None:
        """Rules 3 and 4: whose counter is usage since it appeared, and whose is only a baseline."""
        begin = self._appeared_since()
        recorded = link.identity in self.recorded
        counted = link.identity in self.counted
        origin = Counters(0, 0, None, None) if begin and recorded else link.counters
        if begin and recorded:
            change = Change(link.counters.rx_bytes, link.counters.tx_bytes, link.counters, "grew")
            self._span(link, change, begin, counted=counted)
        if self.look is not None:
            detail = "a new interface" if begin else "first seen; what its counters held before is not counted"
            self._tell("appeared", link.name, detail, when=recorded)
        self.baselines[link.identity] = Baseline(
            link.name, link.counters, origin.rx_bytes, origin.tx_bytes, counted, recorded
        )

    def _appeared_since(self) -> _Since | None:
        """When an unknown identity's counters began at zero, or ``None`` where that cannot be known."""
        if self.look is not None:
            at = self.look.at
            return _Since(at.elapsed_ns, at.awake_ns, plain=False) if self.look.complete else None
        if self.new_boot:
            return _Since(0, 0, plain=False)
        if self.last is not None:
            return _Since(self.last.elapsed_ns, self.last.awake_ns, plain=False)
        return None

    def _span(self, link: Link, change: Change, begin: _Since, *, counted: bool) -> None:
        if not (change.rx or change.tx):
            return
        elapsed = max(0, self.at.elapsed_ns - begin.elapsed_ns)
        awake = min(elapsed, max(0, self.at.awake_ns - begin.awake_ns))
        slept = elapsed - awake > SLEPT_NS
        exact = awake <= self.policy.exact_ns
        span = Span(
            identity=link.identity,
            interface=link.name,
            counted=counted,
            rx=change.rx,
            tx=change.tx,
            start_ns=self._begin(awake if exact and slept else elapsed),
            end_ns=self.at.wall_ns,
            estimated=not exact,
            speed_ns=elapsed if begin.plain and exact and not slept and elapsed * 6 >= self.policy.exact_ns else 0,
        )
        limit = believable_rate(link.facts, self.policy.max_rate)
        if max(change.rx, change.tx) * SECOND > limit * max(elapsed, LEAST_DOUBT_NS):
            self.doubts.append(Doubt(span, limit))
            self._tell("doubt", link.name, f"{change.rx} bytes in and {change.tx} out are not believed, not counted")
        else:
            self.spans.append(span)

    def _missing(self) -> None:
        """Remember when a missing identity was seen last: once it is back, its growth is older than the last look."""
        seen = {link.identity for link in self.reading.links}
        if self.old.keys() <= seen:
            return
        at = self._last_here
        detail = "the interface is gone" if self.reading.complete else "an inconsistent look lacked the interface"
        for identity, baseline in self.old.items():
            if identity not in seen and baseline.gone_elapsed_ns is None:
                self.baselines[identity] = baseline._replace(gone_elapsed_ns=at.elapsed_ns, gone_awake_ns=at.awake_ns)
                self._tell("vanished", baseline.name, detail, when=baseline.recorded)

    @property
    def _last_here(self) -> Instant:
        """The look before at this place; without one nothing is known here, and nobody asks."""
        return self.at if self.look is None else self.look.at

    def _tell(self, kind: str, interface: str, detail: str, *, when: bool = True) -> None:
        if when:
            self.events.append(Event(self.at.wall_ns, kind, interface, detail))


def _other_machine(ours: str, theirs: str) -> bool:
    """An unknown machine identity proves nothing."""
    return bool(ours) and bool(theirs) and ours != theirs


def _effective_boot(books: Books, reading: Reading) -> str:
    """Rule 3: an uncertain boot is the one before, unless the elapsed clock, which never falls in a boot, fell."""
    if reading.boot.certain:
        return reading.boot.identity
    if books.at is not None and reading.at.elapsed_ns >= books.at.elapsed_ns:
        return books.boot
    boot = f"{reading.boot.identity}@{base_of(reading.at) // SECOND}"
    return f"{boot}+" if boot == books.boot else boot  # a clock that begins at the same instant with every boot


def _fall(old: Counters, new: Counters) -> str:
    return f"received {old.rx_bytes} → {new.rx_bytes}, sent {old.tx_bytes} → {new.tx_bytes} bytes"
