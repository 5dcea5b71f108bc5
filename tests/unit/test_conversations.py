"""To whom the bytes of conversations go: each to one group of programs or to none, none twice, none lost."""

import operator
import sys
from collections.abc import Collection, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.answers.top import LOOKS_ASKED, LOOKS_REMEMBERED, Conversations
from packetbuddy.errors import ProbeError
from packetbuddy.probes.talks import Program, Talk, Talks, open_talks
from packetbuddy.reports.top import Moved, Talker

FIREFOX, RSYNC = Program(10, 1, "firefox"), Program(11, 2, "rsync")


class Scripted:
    """A probe that sees what the test says, and counts how often it is asked whose a conversation is."""

    kinds, everybody = "TCP", True

    def __init__(self) -> None:
        self.going: dict[int, Talk] = {}
        self.ended: list[Talk] = []
        self.held: dict[int, tuple[Program, ...]] = {}
        self.asked: list[set[int]] = []
        self.lost = False

    def look(self) -> Talks:
        ended, self.ended = tuple(self.ended), []
        return Talks(tuple(self.going.values()), ended, self.lost)

    def programs(self, handles: Collection[int]) -> Mapping[int, tuple[Program, ...]]:
        self.asked.append(set(handles))
        return {handle: self.held[handle] for handle in handles if handle in self.held}

    def changed(self, held: Mapping[int, Collection[Program]]) -> set[int]:
        return {handle for handle, programs in held.items() if self.held.get(handle) != programs}

    def close(self) -> None:
        """Nothing is held."""

    def move(self, identity: int, sent: int, received: int, *programs: Program) -> None:
        """Something moves in a conversation, whose handle is its identity."""
        before = self.going.get(identity, Talk(identity, identity, 0, 0))
        self.going[identity] = before._replace(sent=before.sent + sent, received=before.received + received)
        if programs:
            self.held[identity] = programs

    def end(self, identity: int) -> None:
        """It is over: the kernel tells its last figures, and nobody holds it."""
        self.ended.append(self.going.pop(identity)._replace(handle=0))
        self.held.pop(identity, None)


def named(talkers: tuple[Talker, ...]) -> dict[str, tuple[int, int]]:
    return {each.name: (each.since.sent, each.since.received) for each in talkers}


def test_only_what_moves_after_the_first_look_counts() -> None:
    """What was there before is a baseline; a conversation that is new since counts from its first byte."""
    probe = Scripted()
    probe.move(1, 1000, 2000, FIREFOX)
    talks_ = Conversations(probe)
    probe.move(1, 5, 7)
    probe.move(2, 100, 200, RSYNC)
    talkers, unnamed, brief, missed = talks_.look()
    assert named(talkers) == {"rsync": (100, 200), "firefox": (5, 7)}
    assert [each.pids for each in talkers] == [(11,), (10,)]
    assert (unnamed.since, brief.since, missed) == (Moved(), Moved(), False)


def test_the_last_bytes_go_to_who_held_it() -> None:
    """A conversation that ended between two looks has no holder any more: what it moved last is still its program's."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 10, 10, FIREFOX)
    talks_.look()
    probe.move(1, 0, 90)
    probe.end(1)
    assert named(talks_.look()[0]) == {"firefox": (10, 100)}


def test_what_came_and_went_is_counted_apart() -> None:
    """Begun and ended between two looks: nobody knows whose, every byte is told; lost notices are told, too."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 10, 20, FIREFOX)
    probe.end(1)
    probe.move(2, 0, 0)
    probe.end(2)
    probe.lost = True
    talkers, unnamed, brief, missed = talks_.look()
    assert (talkers, unnamed.since, brief.since, brief.connections, missed) == ((), Moved(), Moved(10, 20), 1, True)


def test_a_number_that_is_used_again_is_another_program() -> None:
    """A process ends, another gets its number: each has its own bytes, under its own name."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 1, 100, Program(10, 1, "wget"))
    talks_.look()
    probe.end(1)
    probe.move(2, 2, 200, Program(10, 9, "curl"))
    assert named(talks_.look()[0]) == {"curl": (2, 200), "wget": (1, 100)}


def test_several_holders_count_once() -> None:
    """Processes of one name are one program; of several names all are named, the oldest first."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 0, 50, Program(5, 1, "nginx"), Program(6, 2, "nginx"))
    probe.move(2, 0, 70, Program(7, 1, "inetd"), Program(8, 2, "ftpd"))
    talkers = talks_.look()[0]
    assert [(each.name, each.pids, each.since.received) for each in talkers] == [
        ("inetd + ftpd", (7, 8), 70),
        ("nginx", (5, 6), 50),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "[pid 5]"),
        ("[not named]", '"[not named]"'),
        ("nginx + ftpd", '"nginx + ftpd"'),
        ("rsync (2)", '"rsync (2)"'),
        ('"ssh"', '"\\"ssh\\""'),
        (" ", '" "'),
        ("ssh\n", '"ssh\\n"'),
        ("(sd-pam)", "(sd-pam)"),
        ("all links", "all links"),
        ("kworker/0:1", "kworker/0:1"),
    ],
)
def test_no_program_passes_for_something_else(name: str, shown: str) -> None:
    """A bracket begins our own words, a plus joins two, a number in brackets counts: names of that kind are quoted."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 0, 50, Program(5, 1, name))
    probe.move(2, 0, 40, Program(6, 1, "nginx"), Program(7, 2, "ftpd"))
    assert [each.name for each in talks_.look()[0]] == [shown, "nginx + ftpd"]


def test_one_that_a_look_misses_is_not_new_when_it_is_back() -> None:
    """A dump may lack a conversation: its bytes are neither lost nor counted again."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 0, 1000, FIREFOX)
    talks_.look()
    away = probe.going.pop(1)
    for _ in range(LOOKS_REMEMBERED - 10):
        talks_.look()
    probe.going[1] = away
    probe.move(1, 0, 5)
    assert named(talks_.look()[0]) == {"firefox": (0, 1005)}


def test_what_was_not_seen_for_long_is_forgotten() -> None:
    """Conversations whose end nobody told do not fill the memory."""
    probe = Scripted()
    talks_ = Conversations(probe)
    for identity in range(100):
        probe.move(identity, 0, 1, FIREFOX)
    talks_.look()
    probe.going.clear()
    for _ in range(2 * LOOKS_REMEMBERED):
        talks_.look()
    assert talks_._known == {}


def test_figures_that_fall_tell_nothing() -> None:
    """A sum that nettop takes back is no usage, and what grows after it is."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 0, 500, FIREFOX)
    talks_.look()
    probe.move(1, 0, -400)
    talks_.look()
    probe.move(1, 0, 30)
    assert named(talks_.look()[0]) == {"firefox": (0, 530)}


def test_nobody_is_asked_without_need() -> None:
    """Who holds a conversation is asked once when it is seen first, and again after some looks: one may have joined."""
    probe = Scripted()
    for identity in range(2, 1000):
        probe.move(identity, 1, 1, RSYNC)
    talks_ = Conversations(probe)
    assert probe.asked == [set(range(2, 1000))]
    for _ in range(LOOKS_ASKED):
        probe.move(1, 1, 0, FIREFOX)
        talks_.look()
    assert probe.asked[1:] == [{1}]
    probe.move(1, 100, 0)
    assert named(talks_.look()[0]) == {"firefox": (LOOKS_ASKED + 100, 0)}
    assert probe.asked[1:] == [{1}, {1}]


def test_who_was_silent_until_the_end_has_a_name() -> None:
    """It waited, moves, and ends before the next look: there since the first look, or begun later."""
    probe = Scripted()
    probe.move(1, 0, 0, FIREFOX)
    talks_ = Conversations(probe)
    probe.move(2, 0, 0, RSYNC)
    talks_.look()
    for identity in (1, 2):
        probe.move(identity, 10 * identity, 0)
        probe.end(identity)
    talkers, unnamed, brief, _ = talks_.look()
    assert named(talkers) == {"rsync": (20, 0), "firefox": (10, 0)}
    assert (unnamed.since, brief.since) == (Moved(), Moved())


def test_another_holder_is_found_at_once() -> None:
    """The process runs another program now, or left the conversation to another: its bytes are the new one's."""
    probe = Scripted()
    probe.move(1, 0, 0, Program(10, 1, "sh"))
    talks_ = Conversations(probe)
    probe.move(1, 5, 0)
    talks_.look()
    probe.move(1, 7, 0, Program(10, 1, "curl"))
    talks_.look()
    probe.move(1, 9, 0, RSYNC)
    assert named(talks_.look()[0]) == {"rsync": (9, 0), "curl": (7, 0), "sh": (5, 0)}


def test_what_has_no_name_yet_is_asked_for_again() -> None:
    """Somebody else's, or one whose holder was not seen in time."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 0, 10)
    assert talks_.look()[1].since == Moved(0, 10)
    probe.move(1, 0, 20, FIREFOX)
    talkers, unnamed, *_ = talks_.look()
    assert (named(talkers), unnamed.since, unnamed.now) == ({"firefox": (0, 20)}, Moved(0, 10), Moved())


def test_who_is_silent_stays_with_what_it_moved() -> None:
    """The speed is of now, the sum since the start; the fastest now comes first."""
    probe = Scripted()
    talks_ = Conversations(probe)
    probe.move(1, 0, 1000, FIREFOX)
    talks_.look()
    probe.move(2, 0, 10, RSYNC)
    assert [(each.name, each.now.total, each.since.total, each.pids) for each in talks_.look()[0]] == [
        ("rsync", 10, 10, (11,)),
        ("firefox", 0, 1000, (10,)),
    ]


deeds = st.lists(
    st.tuples(st.sampled_from(["move", "end", "look", "hide"]), st.integers(0, 4), st.integers(0, 1 << 40)), max_size=60
)


@given(deeds)
def test_every_byte_goes_somewhere_once(told: list[tuple[str, int, int]]) -> None:
    """Whatever begins, moves, ends, or is missed by a look: names, unnamed and brief together are what moved."""
    probe, moved, numbers = Scripted(), 0, dict.fromkeys(range(5), 0)
    hidden: dict[int, Talk] = {}
    talks_ = Conversations(probe)
    for kind, which, amount in told:
        identity = 10 * numbers[which] + which
        if kind == "move":
            probe.going.update(hidden)
            hidden.clear()
            probe.move(identity, amount, which, *([FIREFOX, RSYNC][:which]))
            moved += amount + which
        elif kind == "end" and identity in probe.going:
            probe.end(identity)
            numbers[which] += 1
        elif kind == "hide" and identity in probe.going:
            hidden[identity] = probe.going.pop(identity)
        else:
            talks_.look()
    probe.going.update(hidden)
    talkers, unnamed, brief, _ = talks_.look()
    assert sum(each.since.total for each in (*talkers, unnamed, brief)) == moved


def test_other_systems_say_no(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no system call tells whose bytes they are, a word says so, and where it works."""
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ProbeError, match="does not tell which program talks") as refused:
        open_talks()
    assert "Linux and macOS" in refused.value.hint


def test_only_sums_of_bytes_are_added() -> None:
    """Bytes and something else are no sum."""
    assert Moved(1, 2) + Moved(3, 4) == Moved(4, 6)
    with pytest.raises(TypeError):
        operator.add(Moved(1, 2), (3, 4))
