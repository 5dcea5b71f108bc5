from packetbuddy.metering.books import Books, Event, Policy
from packetbuddy.metering.epochs import Epoch, Move
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND, Facts
from unit.looks import POLICY, WALL, Look, at, eth

BASE = WALL - 1000 * SECOND
AHEAD = 40 * 86_400


def meter(**more: object) -> Meter:
    settings = {"selection": None, "policy": POLICY, **more}
    return Meter(Books(), **settings)  # type: ignore[arg-type]


def begun(**more: object) -> Meter:
    """A meter that has seen eth0, and stored it."""
    made = meter(**more)
    made.look(at(1000.0).of(eth(1000)))
    made.committed()
    return made


def told(made: Meter) -> list[tuple[str, str]]:
    return [(event.kind, event.detail) for _, batch in made.harvest().batches for event, _ in batch.events.values()]


def numbers(made: Meter) -> list[int]:
    return [number for number, _ in made.harvest().batches]


def off(seconds: int, elapsed: float = 1000.0) -> Look:
    """A look under a clock that nobody keeps, set ahead by so many seconds."""
    return at(elapsed, off=seconds, synchronized=None)


def test_the_first_look_is_urgent_and_an_ordinary_one_is_not() -> None:
    """A new monitor is known to readers at once; growth can wait."""
    made = meter()
    assert made.look(at(1000.0).of(eth(1000)))
    assert not made.look(at(1001.0).of(eth(1300)))
    assert made.look(at(1002.0).of(eth(1300), eth(5, identity=3, name="usb0")))


def test_a_restarted_monitor_tells_no_uplink_change() -> None:
    """The first look resolves uplinks without an event; only a change among looks is one."""
    made = begun()
    assert told(made) == []
    again = Meter(made.books, selection=None, policy=POLICY)
    assert again.look(at(1001.0).of(eth(1000)))
    assert told(again) == []
    offline = Meter(made.books, selection=None, policy=POLICY)
    assert offline.look(at(1002.0).of(eth(1000), uplinks=()))
    assert not offline.look(at(1003.0).of(eth(1000), uplinks=()))


def test_what_concerns_no_interface_names_none() -> None:
    """Clock and uplink events are the machine's."""
    made = begun()
    made.look(at(1001.0, off=3600).of(eth(1000), uplinks=()))
    events = [event for event, _ in made.harvest().batches[0][1].events.values()]
    assert [(event.kind, event.interface) for event in events] == [("clock", ""), ("uplink", "")]


def test_an_uplink_change_is_urgent_and_told() -> None:
    """The default route moves: told in words, with every name that counts now, or that none does."""
    both = eth(1000), eth(5, identity=3, name="wlan0")
    made = meter()
    made.look(at(1000.0).of(*both))
    assert made.look(at(1001.0).of(*both, uplinks=(2, 3)))
    assert made.look(at(1002.0).of(*both, uplinks=()))
    assert not made.look(at(1003.0).of(*both, uplinks=()))
    changes = [detail for kind, detail in told(made) if kind == "uplink"]
    assert changes == ["counting eth0, wlan0"]
    assert [count for _, batch in made.harvest().batches for event, count in batch.events.values()][1:] == [2]
    alone = begun()
    alone.look(at(1001.0).of(eth(1000), uplinks=()))
    assert told(alone) == [("uplink", "no interface leads to the internet now")]


def test_routes_and_facts_are_resolved_anew_only_when_they_change() -> None:
    """The decisions stay the same object while nothing that matters changed, and follow when a name or fact did."""
    made = begun()
    before = made.choice
    made.look(at(1001.0).of(eth(5000)))
    assert made.choice is before
    made.look(at(1002.0).of(eth(5000, name="wan")))
    assert [each.name for each in made.choice.decisions] == ["wan"]
    made.look(at(1003.0).of(eth(5000, name="wan")._replace(facts=Facts("veth"))))
    assert [each.kind for each in made.choice.decisions] == ["veth"]


def test_a_recreated_interface_is_resolved_anew() -> None:
    """The same name and facts under another identity are another interface, also where routes can't be read."""
    made = meter()
    made.look(at(1000.0).of(eth(1000))._replace(routes=None))
    made.look(at(1001.0).of(eth(5, identity=3))._replace(routes=None))
    assert made.choice.counted == {3}


def test_another_selection_holds_from_the_next_look() -> None:
    """A changed setting resolves anew; the same one again does not."""
    made = begun()
    before = made.choice
    made.select(None)
    made.look(at(1001.0).of(eth(1300)))
    assert made.choice is before
    made.select(("usb*",))
    assert made.choice is before
    assert made.look(at(1002.0).of(eth(1300)))
    assert (made.choice.counted, made.choice.missing) == (frozenset(), ("usb*",))


def test_a_harvest_can_be_asked_for_again() -> None:
    """Nothing is let go before it is committed; after that a new batch begins."""
    made = meter()
    made.look(at(1000.0).of(eth(1000)))
    made.look(at(1001.0).of(eth(1300)))
    first = made.harvest()
    assert made.harvest() == first
    assert [number for number, _ in first.batches] == [0]
    assert first.dirty == {(("b1", "n1"), 2)}
    assert not first.void
    made.committed()
    assert made.harvest() == ((), frozenset(), False, (), ())
    made.look(at(1002.0).of(eth(1300)))
    assert made.harvest().dirty == frozenset()
    assert made.harvest().batches[0][1].since_ns == WALL + SECOND


def test_a_new_boot_voids_what_is_stored() -> None:
    """Old baselines are void in the same harvest, nothing of them is dirty or booked, and a retry still says so."""
    made = begun()
    made.look(at(1001.0).of(eth(1300), eth(9, identity=3)))
    made.look(at(50.0, boot="b2", slept=0.0).of(eth(70)))
    harvest = made.harvest()
    assert harvest.void
    assert harvest.dirty == {(("b2", "n1"), 2)}
    assert [batch.booked for _, batch in harvest.batches] == [{(("b2", "n1"), 2): [70, 0]}]
    assert made.harvest().void
    made.committed()
    assert not made.harvest().void


def test_another_machine_in_the_same_boot_balances() -> None:
    """The machine's identity changes under a running monitor: bookings before it have no baseline any more."""
    made = begun()
    made.look(at(1001.0).of(eth(1300)))
    made.look(at(1002.0, machine="m2").of(eth(1400)))
    batch = made.harvest().batches[0][1]
    assert batch.booked == {}
    assert sum(amounts[0] for amounts in batch.cells.values()) == 300
    baseline = made.books.baselines["b1", "n1"][2]
    assert baseline.counters.rx_bytes - baseline.origin_rx == 0


def test_rebase_prepares_for_an_empty_ledger() -> None:
    """Every baseline is stored again, audited against what is pending alone; old ones there are void."""
    made = begun(selection=("eth0",))
    made.look(at(1001.0).of(eth(1300), eth(9, identity=3, name="usb0")))
    made.committed()
    made.look(at(1002.0).of(eth(1350), eth(9, identity=3, name="usb0")))
    made.look(off(AHEAD, 1003.0).of(eth(1357, 4, packets=1), eth(9, identity=3, name="usb0")))
    made.rebase()
    harvest = made.harvest()
    assert harvest.void
    assert harvest.dirty == {(("b1", "n1"), 2), (("b1", "n1"), 3)}
    baselines = made.books.baselines["b1", "n1"]
    assert (baselines[2].origin_rx, baselines[2].origin_tx) == (1300, 0)
    assert (baselines[3].origin_rx, baselines[3].origin_tx) == (9, 0)


def test_notes_go_with_what_is_pending() -> None:
    """An event is kept with the newest batch; with nothing pending there is nothing to keep it with."""
    made = meter()
    event = Event(5, "damage", "", "words")
    made.note(event)
    assert made.harvest().batches == ()
    made.look(at(1000.0).of(eth(1000)))
    made.look(off(AHEAD).of(eth(1000)))
    made.note(event)
    assert [event in [kept for kept, _ in batch.events.values()] for _, batch in made.harvest().batches] == [
        False,
        True,
    ]


def test_trusted_clocks_write_settled_rows() -> None:
    """A clock that a time service keeps needs no epoch."""
    made = begun()
    made.look(at(1001.0).of(eth(1300)))
    assert (numbers(made), made.harvest().epochs, made.harvest().moves) == ([0], (), ())


def test_an_unkept_clock_has_an_epoch() -> None:
    """One epoch while the clock keeps its base within a minute, following it as it drifts; a step begins another."""
    made = meter(highest=7)
    for drift, elapsed in ((0, 1000.0), (50, 1001.0), (100, 1002.0), (40, 1003.0), (101, 1004.0)):
        made.look(off(drift, elapsed).of(eth(1000)))
    assert numbers(made) == [8, 9]
    assert made.harvest().epochs == (Epoch(8, BASE + 40 * SECOND), Epoch(9, BASE + 101 * SECOND))
    assert [detail for kind, detail in told(made) if kind == "clock"] == ["the clock was set by +61 seconds"]


def test_the_first_of_two_like_epochs_goes_on() -> None:
    """A base that returns is the epoch that had it, its base brought up to date, the others untouched."""
    made = meter(epochs=(Epoch(2, BASE), Epoch(3, BASE - 3600 * SECOND), Epoch(5, BASE - 86_400 * SECOND)), highest=5)
    made.look(off(-3600 + 60).of(eth(1000)))
    assert numbers(made) == [3]
    assert made.harvest().moves == (Move(5, (86_400 - 3540) * SECOND),)
    assert made.harvest().epochs == (
        Epoch(2, BASE),
        Epoch(3, BASE - 3540 * SECOND),
        Epoch(5, BASE - 86_400 * SECOND),
    )


def test_forty_days_ahead_and_back() -> None:
    """Rows of the wrong stretch move back by forty days in the harvest that sees the clock come back, once."""
    made = meter()
    made.look(off(0, 1000.0).of(eth(1000)))
    made.look(off(AHEAD, 1001.0).of(eth(1300)))
    made.look(off(0, 1002.0).of(eth(1400)))
    assert numbers(made) == [1, 2, 1]
    assert made.harvest().moves == (Move(2, -AHEAD * SECOND),)
    assert [epoch.number for epoch in made.harvest().epochs] == [1, 2]
    made.committed()
    assert made.harvest().moves == ()
    made.look(off(0, 1003.0).of(eth(1500)))
    assert (made.harvest().moves, [epoch.number for epoch in made.harvest().epochs]) == ((), [1])


def test_1970_then_set_then_kept() -> None:
    """A clock without battery: its first rows move to where they belong once it is set, the rest is settled later."""
    made = meter()
    made.look(off(-WALL // SECOND, 1000.0).of(eth(1000)))
    made.look(off(0, 1001.0).of(eth(1300)))
    made.look(at(1002.0).of(eth(1400)))
    assert numbers(made) == [1, 2, 0]
    assert made.harvest().moves == (Move(1, WALL), Move(2, 0))
    assert [epoch.number for epoch in made.harvest().epochs] == [1, 2]


def test_a_failed_write_keeps_moves() -> None:
    """Moves wait with the batches for the commit, in the order in which they were found."""
    made = meter(epochs=(Epoch(1, BASE - 9000 * SECOND),), highest=1)
    made.look(at(1000.0).of(eth(1000)))
    made.harvest()
    made.look(off(5000, 1001.0).of(eth(1000)))
    made.look(at(1002.0).of(eth(1000)))
    assert made.harvest().moves == (Move(1, 9000 * SECOND), Move(2, -5000 * SECOND))
    assert [epoch.number for epoch in made.harvest().epochs] == [1, 2]


def test_a_new_boot_forgets_older_epochs() -> None:
    """Epochs of another boot can't be compared: a new boot begins its own, and gives no number twice."""
    made = meter(epochs=(Epoch(4, BASE),), highest=4)
    made.look(off(0).of(eth(1000)))
    made.look(at(50.0, boot="b2", slept=0.0, off=9999, synchronized=None).of(eth(1000)))
    assert numbers(made) == [4, 5]
    assert [epoch.number for epoch in made.harvest().epochs] == [5]


def test_a_step_is_told_in_seconds() -> None:
    """Ahead and back, rounded to whole seconds; a step while nobody counted is told without a figure."""
    made = begun()
    assert made.look(at(1001.0, off=-3600).of(eth(1000)))
    assert ("clock", "the clock was set by -3600 seconds") in told(made)
    again = Meter(begun().books, selection=None, policy=POLICY)
    assert again.look(at(1001.0, off=7200).of(eth(1000)))
    assert told(again) == [("clock", "the clock was set while nobody counted")]


def test_the_policy_can_change_between_looks() -> None:
    """A slower pace (battery) makes a longer span exact from the next look on."""
    made = begun()
    made.look(at(1005.0).of(eth(1300)))
    made.policy = Policy(6 * SECOND)
    made.look(at(1010.0).of(eth(1400)))
    assert sum(amounts[2] for amounts in made.harvest().batches[0][1].cells.values()) == 300
