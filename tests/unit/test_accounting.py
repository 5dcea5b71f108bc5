"""The accounting rules of DESIGN 3 one by one, by example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering.accounting import account
from packetbuddy.metering.books import Event, Span
from packetbuddy.metering.readings import SECOND, Counters, Facts, Link, Reading, Route
from unit.looks import GB, WALL, Ledger, at, begun, eth, kinds, moved


def test_the_first_look_invents_nothing() -> None:
    """What counters held before a ledger began is not counted, and the start is told once."""
    outcome = Ledger().look(at(1000.0), eth(5 * GB))
    assert (outcome.spans, outcome.doubts, kinds(outcome)) == ((), (), ["started"])
    assert (outcome.since_ns, outcome.complete, outcome.anew, outcome.stepped) == (WALL, True, False, False)
    assert outcome.events[0] == Event(
        WALL, "started", "", "first look of this ledger; what the counters held before is not counted"
    )
    assert outcome.urgent


def test_growth_is_an_exact_span() -> None:
    """A poll later, the growth is one span of that length, with a speed, and nothing is told."""
    outcome = begun().look(at(1001.0), eth(1300, 507, 2))
    assert outcome.spans == (Span(2, "eth0", True, 300, 7, WALL, WALL + SECOND, False, SECOND),)
    assert (outcome.events, outcome.urgent, outcome.since_ns) == ((), False, WALL)


def test_an_idle_interface_costs_nothing() -> None:
    """Nothing changed: no span and no baseline to write."""
    outcome = begun().look(at(1001.0), eth(1000, 500))
    assert (outcome.spans, outcome.baselines, outcome.events) == ((), {}, ())
    ledger = begun()
    ledger.look(at(1001.0), eth(1000, 500), eth(5, identity=9))
    assert ledger.look(at(1002.0), eth(1000, 500), eth(5, identity=9)).baselines == {}


def test_nothing_moved_is_no_span_but_a_baseline() -> None:
    """Packets alone, or a change of name, move no bytes."""
    outcome = begun().look(at(1001.0), eth(1000, 500, 2))
    assert (outcome.spans, outcome.baselines[2].counters.rx_packets) == ((), 2)


@pytest.mark.parametrize("overtaken", [0, 5000])
def test_a_reset_counts_everything_since_it(overtaken: int) -> None:
    """A packet counter fell: all new values are usage, without a speed, told at once."""
    outcome = begun().look(at(1001.0), eth(overtaken + 10, 20, 0))
    assert moved(outcome) == [(overtaken + 10, 20)]
    assert outcome.spans[0].speed_ns == 0
    told = f"received 1000 → {overtaken + 10}, sent 500 → 20 bytes"
    assert outcome.events == (Event(WALL + SECOND, "reset", "eth0", told),)
    assert outcome.urgent
    baseline = outcome.baselines[2]
    assert (baseline.origin_rx, baseline.origin_tx) == (0, 0)


def test_a_wobble_is_told_once_and_is_not_urgent() -> None:
    """A counter that stands low is told when it falls, not at each look, and anew when it falls again."""
    ledger = begun()
    fell = ledger.look(at(1001.0), eth(900, 500, 2))
    still = ledger.look(at(1002.0), eth(950, 510, 3))
    idle = ledger.look(at(1003.0), eth(950, 510, 3))
    back = ledger.look(at(1004.0), eth(1000, 510, 3))
    again = ledger.look(at(1005.0), eth(999, 510, 3))
    assert [kinds(each) for each in (fell, still, idle, back, again)] == [["wobble"], [], [], [], ["wobble"]]
    assert [moved(each) for each in (fell, still, idle, back, again)] == [[], [(0, 10)], [], [], []]
    assert still.spans[0].speed_ns == 0
    assert fell.baselines[2].low
    assert not back.baselines[2].low
    assert not fell.urgent


def test_a_recovered_counter_is_known_to_have_recovered() -> None:
    """Back at exactly its mark with the same packets, a counter is no longer low: the next fall is told."""
    ledger = begun()
    ledger.look(at(1001.0), eth(900, 500))
    assert ledger.look(at(1002.0), eth(1000, 500)).baselines[2].low is False
    assert kinds(ledger.look(at(1003.0), eth(900, 500))) == ["wobble"]


def test_a_wrap_is_urgent_and_told_even_while_low() -> None:
    """A wrap that nobody knows of could not be told later from growth, so it is written at once."""
    ledger = Ledger()
    narrow = Facts("hardware", counter_bits=32)
    ledger.look(at(1000.0), eth((1 << 32) - 10, 500, 1)._replace(facts=narrow))
    ledger.look(at(1001.0), eth((1 << 32) - 10, 400, 2)._replace(facts=narrow))
    outcome = ledger.look(at(1002.0), eth(5, 400, 3)._replace(facts=narrow))
    assert (kinds(outcome), moved(outcome), outcome.urgent) == (["wrap"], [(15, 0)], True)
    assert outcome.baselines[2].low
    assert outcome.baselines[2].counters.rx_bytes - outcome.baselines[2].origin_rx == 15


def test_a_new_boot_counts_from_the_boot() -> None:
    """A certain new boot: counters are usage since it, spread from boot to now; earlier baselines are void."""
    ledger = begun()
    outcome = ledger.look(at(50.0, boot="b2", off=5000, slept=0.0), eth(70, 30))
    now = WALL + 4050 * SECOND
    assert outcome.spans == (Span(2, "eth0", True, 70, 30, now - 50 * SECOND, now, True, 0),)
    assert (outcome.anew, outcome.since_ns, outcome.stepped) == (True, now - 50 * SECOND, False)
    told = "the computer was started; usage since then is counted from the counters"
    assert outcome.events == (Event(now, "boot", "", told),)
    assert (outcome.baselines[2].origin_rx, outcome.baselines[2].origin_tx) == (0, 0)
    assert set(ledger.books.baselines) == {("b2", "n1")}


def test_a_moment_after_boot_is_exact() -> None:
    """A span from boot as short as three polls needs no spreading, but gives no speed."""
    outcome = begun().look(at(3.0, boot="b2", slept=0.0), eth(70, 30))
    assert (outcome.spans[0].estimated, outcome.spans[0].speed_ns) == (False, 0)


def test_a_boot_is_new_even_where_its_first_look_is_incomplete() -> None:
    """What only appears at the second look of a boot has counted since the boot as well: its counter is usage."""
    ledger = begun()
    ledger.look(at(50.0, boot="b2", slept=0.0, complete=False))
    outcome = ledger.look(at(51.0, boot="b2", slept=0.0), eth(70, 30))
    assert (moved(outcome), kinds(outcome)) == ([(70, 30)], ["appeared"])


def test_an_uncertain_boot_is_the_same_until_the_clock_falls() -> None:
    """Without a boot identity, counters are compared; only an elapsed clock that fell proves a new boot."""
    ledger = begun(boot="windows", certain=False)
    same = ledger.look(at(1001.0, boot="windows", certain=False), eth(1300, 507, 2))
    assert (moved(same), same.anew, same.place) == ([(300, 7)], False, ledger.books.looks.keys().__iter__().__next__())
    still = ledger.look(at(1001.0, boot="windows", certain=False), eth(1301, 507, 2))
    assert (moved(still), still.anew) == ([(1, 0)], False)
    new = ledger.look(at(1000.9, boot="windows", certain=False, off=90), eth(5, 6, 1))
    assert (moved(new), new.anew) == ([(5, 6)], True)
    assert [place[0] for place in (same.place, new.place)] == ["windows@1795499000", "windows@1795499090"]


def test_a_clock_that_begins_anew_with_each_boot_hides_no_boot() -> None:
    """Boots that begin at the same wall instant (no battery behind the clock) are still told apart."""
    ledger = begun(boot="", certain=False)
    second = ledger.look(at(900.0, boot="", certain=False), eth(5000, 6000, 7))
    third = ledger.look(at(800.0, boot="", certain=False), eth(9000, 9000, 9))
    assert (second.anew, third.anew, moved(second), moved(third)) == (True, True, [(5000, 6000)], [(9000, 9000)])


def test_a_new_namespace_counts_since_the_last_look() -> None:
    """Same boot, same name and index, another namespace: its counters are usage, in the time since the last look."""
    ledger = begun()
    outcome = ledger.look(at(1002.0, namespace="n2"), eth(40, 60))
    assert (moved(outcome), kinds(outcome), outcome.anew) == ([(40, 60)], ["namespace"], False)
    assert outcome.events[0][2:] == ("", "first look at network namespace n2")
    assert (outcome.spans[0].start_ns, outcome.spans[0].speed_ns) == (WALL, 0)
    back = ledger.look(at(1004.0), eth(1001, 500))
    assert (moved(back), kinds(back)) == ([(1, 0)], [])
    assert (back.spans[0].start_ns, back.spans[0].estimated, back.since_ns) == (WALL, True, WALL + 2 * SECOND)


def test_another_machine_begins_afresh() -> None:
    """A copied or restored ledger invents nothing for the new machine, whatever boot and counters it has."""
    for boot in ("b1", "b2"):
        outcome = begun().look(at(1001.0, machine="m2", boot=boot), eth(9 * GB, 500, 9))
        assert (outcome.spans, outcome.doubts, outcome.anew, kinds(outcome)) == ((), (), True, ["machine"])
        told = "this ledger comes from another machine; counting starts afresh"
        assert outcome.events == (Event(WALL + SECOND, "machine", "", told),)
        assert outcome.baselines[2].origin_rx == 9 * GB
        assert (outcome.machine, outcome.since_ns) == ("m2", WALL + SECOND)


@pytest.mark.parametrize(("before", "now", "kept"), [("", "m2", "m2"), ("m1", "", "m1"), ("", "", "")])
def test_an_unknown_machine_proves_nothing(before: str, now: str, kept: str) -> None:
    """A machine without identity is taken for the one before, and what was known of it is kept."""
    outcome = begun(machine=before).look(at(1001.0, machine=now), eth(1300, 500, 2))
    assert (moved(outcome), outcome.machine, outcome.anew) == ([(300, 0)], kept, False)


def test_what_appears_is_usage_since_the_last_look() -> None:
    """A complete look lacked it: all that its counter holds is usage, without a speed."""
    outcome = begun().look(at(1001.0), eth(1000, 500), eth(70, 30, identity=3, name="usb0"))
    assert outcome.spans == (Span(3, "usb0", False, 70, 30, WALL, WALL + SECOND, False, 0),)
    assert outcome.events == (Event(WALL + SECOND, "appeared", "usb0", "a new interface"),)


def test_what_only_an_incomplete_look_lacked_is_not_invented() -> None:
    """The ledger's first look was inconsistent: what it overlooked is only a baseline."""
    ledger = Ledger()
    assert not ledger.look(at(1000.0, complete=False), eth(1000)).complete
    outcome = ledger.look(at(1001.0), eth(1000), eth(7 * GB, identity=3, name="usb0"))
    assert (outcome.spans, kinds(outcome)) == ((), ["appeared"])
    assert outcome.events[0].detail == "first seen; what its counters held before is not counted"
    assert outcome.baselines[3].origin_rx == 7 * GB
    later = ledger.look(at(1002.0, complete=False), eth(1000), eth(7 * GB + 5, identity=3, name="usb0"))
    assert moved(later) == [(5, 0)]
    assert ledger.books.looks["b1", "n1"].complete
    assert moved(ledger.look(at(1003.0), eth(1000), eth(8, identity=9), recorded=(9,))) == [(8, 0)]


def test_two_incomplete_looks_make_no_complete_one() -> None:
    """As long as no look was complete, what turns up is only a baseline."""
    ledger = Ledger()
    for second in (0.0, 1.0):
        ledger.look(at(1000.0 + second, complete=False), eth(1000))
    assert ledger.look(at(1002.0), eth(1000), eth(7 * GB, identity=3)).spans == ()


def test_what_a_reading_is_by_default() -> None:
    """Where a probe says nothing else, a look is complete and byte counters have 64 bits."""
    plain = at(1000.0).of(eth(5))
    assert Reading(*plain[:6]).complete
    assert (Facts("hardware").counter_bits, Facts("hardware").running) == (64, True)
    assert Route(4, 0, 0, 2, gateway=True)[5:] == (0, 254, False)


def test_recreated_under_the_same_name() -> None:
    """A new identity is a new interface also where the name is old and the counter already past the old value."""
    outcome = begun().look(at(1001.0), eth(1200, 800, 9, identity=3))
    assert moved(outcome) == [(1200, 800)]
    assert kinds(outcome) == ["appeared", "vanished"]
    assert outcome.baselines[2].gone_elapsed_ns == 1000 * SECOND


def test_gone_and_back() -> None:
    """What moved while nobody saw it is one span from the last look that had it, told, without a speed."""
    ledger = begun()
    gone = ledger.look(at(1001.0))
    assert gone.events == (Event(WALL + SECOND, "vanished", "eth0", "the interface is gone"),)
    assert (ledger.look(at(1002.0)).events, ledger.look(at(1003.0)).baselines) == ((), {})
    back = ledger.look(at(1010.0), eth(1300, 507, 2))
    assert back.spans == (Span(2, "eth0", True, 300, 7, WALL, WALL + 10 * SECOND, True, 0),)
    assert back.events == (Event(WALL + 10 * SECOND, "returned", "eth0", "the interface is back with its counters"),)
    assert back.baselines[2].gone_elapsed_ns is None
    assert kinds(ledger.look(at(1011.0), eth(1300, 507, 2))) == []


def test_gone_and_back_without_a_byte_is_known_to_be_back() -> None:
    """Nothing moved, yet it is no longer gone: its next growth begins at the look before."""
    ledger = begun()
    ledger.look(at(1001.0))
    assert kinds(ledger.look(at(1002.0), eth(1000, 500))) == ["returned"]
    assert ledger.look(at(1003.0), eth(1001, 500)).spans[0].speed_ns == SECOND


def test_sleep_while_gone_is_sleep() -> None:
    """The awake clock of the last look that had it decides whether its span is exact."""
    ledger = begun()
    ledger.look(at(1001.0))
    back = ledger.look(at(1500.0, slept=598.0), eth(1300, 507, 2))
    assert (back.spans[0].estimated, back.spans[0].start_ns) == (False, WALL + 498 * SECOND)


def test_an_incomplete_look_makes_no_peak() -> None:
    """What an inconsistent look lacked has moved since the look that had it: no double speed, nothing lost."""
    ledger = begun()
    lacked = ledger.look(at(1001.0, complete=False))
    assert lacked.events[0].detail == "an inconsistent look lacked the interface"
    outcome = ledger.look(at(1002.0), eth(3000, 500, 2))
    assert outcome.spans == (Span(2, "eth0", True, 2000, 0, WALL, WALL + 2 * SECOND, False, 0),)


def test_a_rename_keeps_the_baseline() -> None:
    """Identity is never the name: a rename is told and moves nothing, growth goes to the new name."""
    outcome = begun().look(at(1001.0), eth(1001, 500, name="wan"))
    assert (moved(outcome), outcome.spans[0].interface) == ([(1, 0)], "wan")
    assert outcome.events == (Event(WALL + SECOND, "renamed", "wan", "was eth0"),)
    assert (outcome.baselines[2].name, outcome.urgent) == ("wan", True)
    assert kinds(begun().look(at(1001.0), eth(1000, 500, name="wan"))) == ["renamed"]


def test_counted_at_start_or_end() -> None:
    """A span counts if its interface counted at either end; from then on only if it still counts."""
    ledger = begun()
    flags = []
    for second, counted in enumerate([(), (), (2,), (2,)], 1):
        outcome = ledger.look(at(1000.0 + second), eth(1000 + second, 500), counted=counted)
        flags.append(outcome.spans[0].counted)
    assert flags == [True, False, True, True]
    idle = ledger.look(at(1010.0), eth(1004, 500), counted=())
    assert not idle.baselines[2].counted


def test_what_was_an_uplink_stays_recorded() -> None:
    """Recorded once is recorded for good; what never was fills no slot and tells resets alone, but is watched."""
    ledger = Ledger()
    ledger.look(at(1000.0), eth(1000), eth(50, identity=9, name="veth9"), recorded=(2,))
    silent = ledger.look(at(1001.0), eth(1000), eth(70, packets=0, identity=9, name="v9"), recorded=(2,))
    assert (silent.spans, kinds(silent)) == ((), ["reset"])
    assert silent.baselines[9].counters.rx_bytes - silent.baselines[9].origin_rx == 0
    uplink = ledger.look(at(1002.0), eth(1000), eth(75, identity=9, name="v9"), counted=(9,), recorded=(2, 9))
    assert moved(uplink) == [(5, 0)]
    later = ledger.look(at(1003.0), eth(1000), eth(85, identity=9, name="v9"), counted=(), recorded=(2,))
    again = ledger.look(at(1004.0), eth(1000), eth(86, identity=9, name="v9"), counted=(), recorded=(2,))
    assert [(moved(each), each.spans[0].counted) for each in (later, again)] == [([(10, 0)], True), ([(1, 0)], False)]


def test_events_are_told_of_what_is_or_becomes_recorded() -> None:
    """A rename is told of an interface that was an uplink before, and of one that becomes one at this very look."""
    ledger = begun()
    ledger.look(at(1001.0), eth(1000, 500), eth(5, identity=9, name="a"), recorded=(2,))
    becomes = ledger.look(at(1002.0), eth(1000, 500), eth(5, identity=9, name="b"), recorded=(2, 9))
    was = ledger.look(at(1003.0), eth(1000, 500), eth(5, identity=9, name="c"), recorded=(2,))
    assert [kinds(each) for each in (becomes, was)] == [["renamed"], ["renamed"]]


def test_becoming_recorded_is_written_down_even_when_idle() -> None:
    """An idle interface that becomes an uplink's port is recorded from then on."""
    ledger = begun()
    ledger.look(at(1001.0), eth(1000, 500), eth(5, identity=9), recorded=(2,))
    outcome = ledger.look(at(1002.0), eth(1000, 500), eth(5, identity=9), recorded=(2, 9))
    assert outcome.baselines[9].recorded


def test_what_is_not_recorded_appears_and_goes_in_silence() -> None:
    """Containers come and go: no event, no usage, but a baseline, so that nothing is counted later that is old."""
    ledger = begun()
    came = ledger.look(at(1001.0), eth(1000, 500), eth(50, 60, identity=9), recorded=(2,))
    gone = ledger.look(at(1002.0), eth(1000, 500), recorded=(2,))
    back = ledger.look(at(1003.0), eth(1000, 500), eth(49, 60, identity=9, name="veth"), recorded=(2,))
    assert [(each.events, each.spans) for each in (came, gone, back)] == [((), ())] * 3
    assert (came.baselines[9].origin_rx, came.baselines[9].origin_tx) == (50, 60)


def test_asking_changes_nothing() -> None:
    """Accounting only computes: a reader may ask what if, as often as it likes."""
    ledger = begun()
    one = Ledger.look(copy := begun(), at(1001.0), eth(1300, 507, 2))
    assert copy.books.baselines != ledger.books.baselines
    assert ledger.look(at(1001.0), eth(1300, 507, 2)) == one


def test_a_life_that_ended_between_two_looks_is_booked_before_the_next_one() -> None:
    """What the old life moved until its farewell, then all that the new one holds, though it overtook the old."""
    ledger = begun()
    reading = at(1001.0).of(eth(5000, 900, 9))._replace(farewells=(eth(1400, 520, 3),))
    outcome = account(ledger.books, reading, frozenset({2}), frozenset({2}), ledger.policy)
    assert moved(outcome) == [(400, 20), (5000, 900)]
    assert [span.counted for span in outcome.spans] == [True, True]
    assert outcome.events == (Event(WALL + SECOND, "reset", "eth0", "the interface was recreated"),)
    baseline = outcome.baselines[2]
    assert (baseline.counters.rx_bytes - baseline.origin_rx, baseline.counters.tx_bytes - baseline.origin_tx) == (
        5400,
        920,
    )


def test_an_idle_farewell_still_begins_the_next_life_at_zero() -> None:
    """The old life moved nothing more, and the new one stands exactly where it stood: all of that is usage."""
    ledger = begun()
    reading = at(1001.0).of(eth(1000, 500))._replace(farewells=(eth(1000, 500),))
    outcome = account(ledger.books, reading, frozenset({2}), frozenset({2}), ledger.policy)
    assert moved(outcome) == [(1000, 500)]


def test_a_farewell_of_a_stranger_is_usage_after_a_complete_look_only() -> None:
    """Rule 4 holds for a life that no look saw; the one after it began since then in any case."""
    for complete, expected in ((True, [(70, 7), (90, 9)]), (False, [(90, 9)])):
        ledger = Ledger()
        ledger.look(at(1000.0, complete=complete), eth(1000, 500))
        stranger = eth(90, 9, identity=3, name="eth1")
        reading = at(1001.0).of(eth(1000, 500), stranger)
        reading = reading._replace(farewells=(stranger._replace(counters=Counters(70, 7, 1, 1)),))
        outcome = account(ledger.books, reading, frozenset({2, 3}), frozenset({2, 3}), ledger.policy)
        assert moved(outcome) == expected


amounts = st.tuples(st.integers(0, 5000), st.integers(0, 5000))
lives = st.lists(st.lists(amounts, max_size=3), min_size=1, max_size=4)
"""Of each life between two looks, what it moved; the last one is still there."""


@given(st.lists(lives, max_size=6))
def test_lives_of_one_identity_add_up(rounds: list[list[list[tuple[int, int]]]]) -> None:
    """However often an identity ends and begins between looks: every byte is booked once, and origins agree."""
    ledger = begun()
    now = Counters(1000, 500, 1, 1)
    total = [0, 0]
    booked = [0, 0]
    for place, told in enumerate(rounds, 1):
        ended: list[Link] = []
        for number, life in enumerate(told):
            if number:
                ended.append(eth(0)._replace(counters=now))
                now = Counters(0, 0, 0, 0)
            for rx, tx in life:
                total = [total[0] + rx, total[1] + tx]
                now = Counters(
                    now.rx_bytes + rx, now.tx_bytes + tx, (now.rx_packets or 0) + 1, (now.tx_packets or 0) + 1
                )
        reading = at(1000.0 + place).of(eth(0)._replace(counters=now))._replace(farewells=tuple(ended))
        outcome = account(ledger.books, reading, frozenset({2}), frozenset({2}), ledger.policy)
        ledger.books.apply(outcome)
        for span in outcome.spans:
            booked = [booked[0] + span.rx, booked[1] + span.tx]
    assert booked == total
    baseline = ledger.books.baselines["b1", "n1"][2]
    held = [baseline.counters.rx_bytes - baseline.origin_rx, baseline.counters.tx_bytes - baseline.origin_tx]
    assert (baseline.counters, held) == (now, total)
