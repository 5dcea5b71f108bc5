"""Which programs talk now: two looks at the conversations, compared. Nothing is kept beyond the process."""

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress

from packetbuddy.answers.live import Measurement
from packetbuddy.answers.open import Question, local
from packetbuddy.errors import ProbeError
from packetbuddy.probes.face import Probe
from packetbuddy.probes.talks import Program, Talk, TalkProbe, open_talks
from packetbuddy.reports.top import Moved, Talker, Top

LOOKS_ASKED, LOOKS_REMEMBERED = 10, 60
"""After so many looks it is asked again who holds a conversation; and one that was not seen so long is forgotten."""
NOTHING = Moved()
_BESIDE = " + "
_MISLEADING = re.compile(r'[\["]|.* \+ |.* \([0-9]+\)$|\s|.*\s$', re.DOTALL)
"""Names like what is said of programs: a bracket begins our own words, others would be several or be quoted."""


class _Known:
    """A conversation: what had moved when it was last seen, who holds it, and at which looks both was found out."""

    __slots__ = ("asked", "moved", "programs", "seen", "talk")

    def __init__(self, moved: Moved) -> None:
        self.moved, self.seen = moved, 0
        self.talk: Talk | None = None
        self.programs: tuple[Program, ...] = ()
        self.asked = -LOOKS_ASKED


class _Sum:
    """What one group of programs moved: since the look before, and since the first."""

    def __init__(self, name: str = "") -> None:
        self._name = name
        self._pids: set[int] = set()
        self._connections = 0
        self._now = self._since = NOTHING

    def add(self, moved: Moved, programs: Iterable[Program] = ()) -> None:
        if not self._connections:  # the processes of an earlier look may be gone
            self._pids.clear()
        self._now += moved
        self._since += moved
        self._connections += 1
        self._pids.update(program.pid for program in programs)

    def told(self) -> Talker:
        """As it is; from here on it is the next look's."""
        talker = Talker(self._name, tuple(sorted(self._pids)), self._connections, self._now, self._since)
        self._now, self._connections = NOTHING, 0
        return talker


class Conversations:
    """Owns what is known of each conversation, and the sums. A byte goes to one group of programs, or to none."""

    def __init__(self, probe: TalkProbe) -> None:
        """Take the first look: what moved before it is nobody's business.

        Raises:
            ProbeError: the system does not tell.
        """
        self._probe, self._looks = probe, 0
        going = [(talk, _Known(_moved(talk))) for talk in probe.look().going]
        self._known = {talk.identity: known for talk, known in going}
        self._sums: dict[str, _Sum] = {}
        self._unnamed, self._brief = _Sum(), _Sum()
        self._ask(going)

    def look(self) -> tuple[tuple[Talker, ...], Talker, Talker, bool]:
        """Who moved what since the look before, the fastest first; what has no name; what came and went; more missed.

        Raises:
            ProbeError: the system does not tell.
        """
        self._looks += 1
        talks = self._probe.look()
        grown = [(talk, *self._grown(talk)) for talk in talks.going]
        self._ask([(talk, known) for talk, known, delta in grown if delta.total or known.asked < 0])
        for _, known, delta in grown:
            if delta.total:
                self._book(known.programs, delta)
        for talk in talks.ended:
            self._end(talk)
        if self._looks % LOOKS_REMEMBERED == 0:
            oldest = self._looks - LOOKS_REMEMBERED
            self._known = {identity: known for identity, known in self._known.items() if known.seen > oldest}
        talkers = sorted((each.told() for each in self._sums.values()), key=_rank)
        return tuple(talkers), self._unnamed.told(), self._brief.told(), talks.lost

    def _grown(self, talk: Talk) -> tuple[_Known, Moved]:
        """What moved in it since it was last seen; all of it where it is new."""
        known = self._known.get(talk.identity)
        if known is None:
            known = self._known[talk.identity] = _Known(NOTHING)
        known.seen = self._looks
        if talk is known.talk:  # of thousands most
            return known, NOTHING
        before, known.moved, known.talk = known.moved, _moved(talk), talk
        return known, _since(before, known.moved)

    def _ask(self, talks: list[tuple[Talk, _Known]]) -> None:
        """Who holds them, where that is not known, is not so any more, or was not asked for long: one may have joined.

        They are asked for before they move, too: who moves something and ends before the next look has no name then.
        """
        held = {talk.handle: known.programs for talk, known in talks if talk.handle and known.programs}
        changed = self._probe.changed(held) if held else set()
        asked = [
            (talk, known)
            for talk, known in talks
            if talk.handle
            and (not known.programs or talk.handle in changed or self._looks - known.asked >= LOOKS_ASKED)
        ]
        found = self._probe.programs({talk.handle for talk, _ in asked}) if asked else {}
        for talk, known in asked:
            known.programs, known.asked = found.get(talk.handle, known.programs), self._looks

    def _end(self, talk: Talk) -> None:
        """The last bytes of a conversation go to whoever held it; one that was never seen has nobody."""
        known = self._known.pop(talk.identity, None)
        if known is None:
            if _moved(talk).total:
                self._brief.add(_moved(talk))
        elif (delta := _since(known.moved, _moved(talk))).total:
            self._book(known.programs, delta)

    def _book(self, programs: tuple[Program, ...], moved: Moved) -> None:
        if not programs:
            self._unnamed.add(moved)
            return
        name = _BESIDE.join(dict.fromkeys(map(_called, programs)))
        self._sums.setdefault(name, _Sum(name)).add(moved, programs)


@contextmanager
def listening(question: Question, probe: Callable[[], TalkProbe] = open_talks) -> Iterator["Listening"]:
    """Listen, after a first look, as long as this is open.

    Raises:
        ProbeError: the system does not tell which program talks.
    """
    talks = probe()
    try:
        with closing(Listening(question, talks)) as made:
            yield made
    finally:
        talks.close()


class Listening:
    """Looks one after the other: owns the conversations, and the counters of all links beside them."""

    def __init__(self, question: Question, probe: TalkProbe) -> None:
        """Take the first look.

        Raises:
            ProbeError: the system does not tell which program talks.
        """
        self._question, self._probe = question, probe
        self._conversations, self._links = Conversations(probe), _Links(question)
        self._at, self._began_ns = time.monotonic(), time.time_ns()

    def measure(self, seconds: float) -> Top:
        """Wait, look again, and say who moved what between the two looks.

        Raises:
            ProbeError: the system does not tell which program talks.
        """
        time.sleep(seconds)
        talkers, unnamed, brief, missed = self._conversations.look()
        before, self._at = self._at, time.monotonic()
        return Top(
            at=local(self._question, time.time_ns()),
            began=local(self._question, self._began_ns),
            seconds=self._at - before,
            kinds=self._probe.kinds,
            everybody=self._probe.everybody,
            talkers=talkers,
            unnamed=unnamed,
            brief=brief,
            links=self._links.moved(),
            missed=missed,
        )

    def close(self) -> None:
        """Give the counters back."""
        self._links.close()


class _Links:
    """All that the counted interfaces move. Where the counters cannot be read the programs still can."""

    def __init__(self, question: Question) -> None:
        self._probe: Probe | None = None
        self._measurement: Measurement | None = None
        with suppress(ProbeError):
            self._probe = question.probe()
            self._measurement = Measurement(question, self._probe)

    def moved(self) -> Moved | None:
        """Since the look before."""
        if self._measurement is None:
            return None
        try:
            live = self._measurement.measure(0)
        except ProbeError:
            return None
        return Moved(round(live.sent * live.measured_seconds), round(live.received * live.measured_seconds))

    def close(self) -> None:
        if self._probe is not None:
            self._probe.close()


def _called(program: Program) -> str:
    """Its name, in quotes where it could be taken for something else: a process names itself as it likes."""
    if not program.name:
        return f"[pid {program.pid}]"
    return json.dumps(program.name, ensure_ascii=False) if _MISLEADING.match(program.name) else program.name


def _moved(talk: Talk) -> Moved:
    return Moved(talk.sent, talk.received)


def _since(before: Moved, now: Moved) -> Moved:
    """What moved in between; a figure that fell tells nothing."""
    return Moved(max(0, now.sent - before.sent), max(0, now.received - before.received))


def _rank(talker: Talker) -> tuple[int, int, str]:
    return -talker.now.total, -talker.since.total, talker.name
