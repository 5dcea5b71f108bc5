"""The watchdog's judgement: when to restart, when to leave alone, how long to wait."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.services.watching import (
    LONGEST_PAUSE_SECONDS,
    Memory,
    Sight,
    calm,
    complaint,
    parsed,
    pause_left,
    restarted,
    written,
)

WELL = Sight(lives=True, counted=True, writes=True, told=False, kept=True, answers=None)
GONE = WELL._replace(lives=False, writes=False, kept=False)


@pytest.mark.parametrize(
    "sight", [WELL, WELL._replace(answers=True), WELL._replace(told=True), WELL._replace(kept=False)]
)
def test_a_service_that_works_is_left_alone(sight: Sight) -> None:
    """Whatever was before: what lives and writes needs nothing."""
    assert complaint(sight) == ""


def test_what_hangs_is_told_apart() -> None:
    """A monitor that does not write and an API that does not answer are different complaints."""
    assert "write" in complaint(WELL._replace(writes=False))
    assert "API" in complaint(WELL._replace(answers=False))
    assert "write" in complaint(WELL._replace(writes=False, answers=False))


def test_what_ended_by_itself_is_started_unless_somebody_else_does_it() -> None:
    """A death is answered; a stop on purpose, a pause between two tries and a home that never counted are not."""
    assert complaint(GONE) != ""
    for left_alone in ({"told": True}, {"kept": True}, {"counted": False}):
        assert complaint(GONE._replace(**left_alone)) == ""


def test_pauses_grow_and_end() -> None:
    """The first restart is at once; each that did not help doubles the pause, up to an hour; a calm time forgets."""
    memory, now, pauses = Memory(), 1_000_000.0, []
    for _ in range(8):
        assert pause_left(memory, now) == 0
        memory = restarted(memory, now)
        pauses.append(pause_left(memory, now))
        now += pauses[-1]
    assert pauses == [120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert calm(memory, now) == memory
    assert calm(memory, now + 10_000) == Memory()
    assert restarted(memory, now + 10_000).restarts == 1


@given(st.lists(st.floats(0, 1e10), max_size=30))
def test_a_pause_never_lasts_longer_than_an_hour(moments: list[float]) -> None:
    """Whatever the clock does, forwards or back, the next restart is at most an hour away."""
    memory = Memory()
    for now in moments:
        memory = restarted(memory, now)
    for now in moments:
        assert 0 <= pause_left(memory, now) <= LONGEST_PAUSE_SECONDS


@given(st.integers(1, 10**6), st.floats(0, 1e11))
def test_the_memory_survives_its_file(restarts: int, last: float) -> None:
    """What is written is read back to the second, and never as a restart that is still to come."""
    read = parsed(written(Memory(restarts, last)))
    assert (read.restarts, 0 <= last - read.last < 1) == (restarts, True)
    assert calm(read, last) == read
    assert pause_left(read, last) > 0


@pytest.mark.parametrize("text", ["", "x", "1", "1 2 3", "-1 5", "1 nan", "1 5.5", "²  3", "\0\0"])
def test_a_torn_memory_is_none(text: str) -> None:
    """Anything else reads as no memory: at worst one restart comes sooner."""
    assert parsed(text) == Memory()


def test_every_sight_has_an_answer() -> None:
    """No combination is forgotten: a complaint needs a living monitor that fails, or a death that nobody wanted."""
    for lives, counted, writes, told, kept in itertools.product((False, True), repeat=5):
        for answers in (None, False, True):
            fails = lives and (not writes or answers is False)
            died = not lives and counted and not told and not kept
            assert bool(complaint(Sight(lives, counted, writes, told, kept, answers))) == (fails or died)
