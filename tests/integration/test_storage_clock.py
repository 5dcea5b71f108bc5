"""Whatever happens to clocks, counters and processes: totals are sums, and bytes end on the right days."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.storage_making import Keeping, Machine, counted, day_totals, keeping, orphans, rows, sums
from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import SLOT_NS
from packetbuddy.storage.reader import reading
from packetbuddy.storage.tending import tending

DAY = 86_400


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "packetbuddy.db"


Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "idle", "flush", "restart", "reboot", "reset", "unsync", "sync", "jump"]),
        st.integers(min_value=1, max_value=200_000),
    ),
    min_size=1,
    max_size=25,
)


def _move(machine: Machine, amount: int) -> None:
    machine.moved(rx=amount, tx=amount // 3)
    machine.moved(rx=amount // 7, name="wlan0")


def _reboot(machine: Machine, amount: int) -> None:
    machine.boot += "+"
    machine.elapsed_ns = amount * SECOND // 1000
    machine.counters = {"eth0": [amount, 5, 1, 1], "wlan0": [0, 0, 0, 0]}


def _reset(machine: Machine, amount: int) -> None:
    machine.counters["eth0"] = [amount % 1000, 0, 1, 0]


def _jump(machine: Machine, amount: int) -> None:
    machine.wall_ns += (amount - 100_000) * 40 * SECOND


CHANGES: dict[str, Callable[[Machine, int], None]] = {
    "move": _move,
    "reboot": _reboot,
    "reset": _reset,
    "jump": _jump,
    "unsync": lambda machine, _: setattr(machine, "synchronized", False),
    "sync": lambda machine, _: setattr(machine, "synchronized", True),
    "idle": lambda _machine, _amount: None,
}


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_day_totals_are_sums_of_slots_whatever_happens(
    steps: list[Step], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After any history, clock settings moved, crashed and restarted.

    UTC-day totals equal their slots, no slot lacks its series, the ledger passes its own audit, and it holds what an
    unmoved clock would have made it hold.
    """
    ledger = tmp_path_factory.mktemp("any") / "packetbuddy.db"
    machine = Machine()
    books = Keeping(ledger, machine)
    books.look(0)
    for kind, amount in steps:
        if kind == "flush":
            books.flush()
        elif kind == "restart":
            books.writer.close()
            books = Keeping(ledger, machine)
        else:
            CHANGES[kind](machine, amount)
            books.look(amount / 100)
    books.flush()
    books.writer.close()
    assert sums(ledger) == day_totals(ledger)
    assert orphans(ledger) == 0
    assert all(row >= 0 for row in rows(ledger, "SELECT min(min(rx), min(tx)) FROM slots")[0] if row is not None)
    with tending(ledger, ledger.with_name("lock")) as tender:
        assert tender.audit() == (None, (), ())


OFFSETS = [DAY, -DAY, 40 * DAY, -40 * DAY, 3600, -3600, 300, 61]


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_wrong_clock_ends_on_the_right_days(ledger: Path, offset: int) -> None:
    """Written under a clock that was off and then set.

    Slots, totals, observed time and events are those of a machine whose clock was right all along, to the byte and
    within half a slot.
    """
    truth = ledger.with_name("truth.db")
    for path, wrong in ((ledger, offset), (truth, 0)):
        machine = Machine()
        with keeping(path, machine) as books:
            books.steady(2)
            machine.wall_ns += wrong * SECOND
            machine.synchronized = not wrong
            books.steady(30)
            machine.wall_ns -= wrong * SECOND
            machine.synchronized = True
            books.steady(2)
    assert counted(ledger) == counted(truth)
    assert orphans(ledger) == 0
    assert sums(ledger) == day_totals(ledger)
    assert rows(ledger, "SELECT count(*) FROM epochs WHERE number > 0") == [(0,)]
    if offset % 300 == 0:
        assert sums(ledger) == sums(truth)
        assert rows(ledger, "SELECT id, rx, tx FROM slots WHERE rx OR tx") == rows(
            truth, "SELECT id, rx, tx FROM slots WHERE rx OR tx"
        )
    with reading(ledger, ledger.with_name("lock")) as told, reading(truth, truth.with_name("lock")) as right:
        assert _observed(told.watched(0, 1 << 62)) == pytest.approx(_observed(right.watched(0, 1 << 62)), abs=SLOT_NS)


def _observed(stretches: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in stretches)


def test_a_moved_day_voids_caches(ledger: Path) -> None:
    """Moving rows to other days changes the lineage, settling them where they are does not."""
    machine = Machine(synchronized=False)
    with keeping(ledger, machine) as books:
        books.steady(1)
        lineage = rows(ledger, "SELECT lineage FROM state")
        machine.synchronized = True
        books.steady(1)
        assert rows(ledger, "SELECT lineage FROM state") == lineage
        machine.synchronized = False
        machine.wall_ns += DAY * SECOND
        books.steady(1)
        machine.wall_ns -= DAY * SECOND
        machine.synchronized = True
        books.steady(1)
        assert rows(ledger, "SELECT lineage FROM state") != lineage
