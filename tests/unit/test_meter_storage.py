"""The meter and the real ledger together: what SQLite holds after kills and odd flushes is what truly moved."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from packetbuddy.metering.batch import ALL
from packetbuddy.metering.meter import Meter
from packetbuddy.storage.reader import reading
from packetbuddy.storage.tending import tending
from unit.ledgers import POLICY, File, Story
from unit.worlds import KINDS, Deed, Shape, deeds, shapes

LOOK = Deed("look", 0, 0, 33_333)
GROW = Deed("grow", 0, 1000, 500)
STEP = Deed("step", 0, 0, 99_000)
FEW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
rates = st.sampled_from([None, 10_000_000])
Cells = dict[tuple[int, str, bool], tuple[int, int]]


@contextmanager
def story_on_disk(shape: Shape, rate: int | None = None) -> Iterator[tuple[Story, Path]]:
    """A story whose ledger is a file; what is opened is closed."""
    with TemporaryDirectory() as folder:
        story = Story(shape, File(Path(folder) / "packetbuddy.db"), max_rate=rate)
        opened = [story.store]
        try:
            yield story, Path(folder)
        finally:
            for store in opened:
                assert isinstance(store, File)
                store.close()


def ask(path: Path, question: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return [tuple(row) for row in connection.execute(question)]


def check(story: Story, folder: Path) -> None:
    """Slots and doubts hold what moved; days, baselines and bookings agree with them."""
    path = folder / "packetbuddy.db"
    slots = ask(path, "SELECT coalesce(sum(rx), 0), coalesce(sum(tx), 0) FROM slots")[0]
    known = ask(path, "SELECT count(*) FROM slots WHERE (id & 65535) NOT IN (SELECT id FROM series)")[0]
    doubts = ask(path, "SELECT coalesce(sum(rx), 0), coalesce(sum(tx), 0) FROM doubts")[0]
    days = ask(path, "SELECT coalesce(sum(rx), 0), coalesce(sum(tx), 0) FROM days")[0]
    assert (known, days) == ((0,), slots)
    if not story.truth.live.unsure:
        assert [one + other for one, other in zip(slots, doubts, strict=True)] == story.truth.live.total
    with tending(path, folder / "lock") as tender:
        audit = tender.audit()
    assert (audit.damage, audit.unequal_days, audit.unbalanced) == (None, (), ())
    assert ask(path, "SELECT count(*) FROM watched WHERE start_ns > end_ns") == [(0,)]
    assert ask(path, "SELECT count(*) FROM slots WHERE min(rx, tx, estimated, peak_rx, peak_tx, peak) < 0") == [(0,)]


def holds(shape: Shape, told: list[Deed], rate: int | None) -> None:
    with story_on_disk(shape, rate) as (story, folder):
        for deed in [LOOK, *told, Deed("roomy", 0, 0, 0), LOOK, Deed("commit", 0, 0, 0)]:
            if deed.kind != "rebase":
                story.do(deed)
        check(story, folder)


@FEW
@example(Shape(synchronized=None), [STEP, GROW, LOOK, Deed("set", 0, 0, 0), GROW, LOOK, GROW], None)
@example(Shape(synchronized=False), [STEP, GROW, LOOK, Deed("commit", 0, 0, 0), Deed("sync", 0, 0, 0), LOOK], None)
@given(shapes, deeds(), rates)
def test_the_database_holds_what_moved(shape: Shape, told: list[Deed], rate: int | None) -> None:
    """Any story, killed anywhere, flushed anywhere: sums in SQLite are the truth, and its own audit finds nothing."""
    holds(shape, told, rate)


@pytest.mark.long
@MANY
@given(shapes, deeds(most=60), rates)
def test_the_database_holds_what_moved_in_long_stories(shape: Shape, told: list[Deed], rate: int | None) -> None:
    """The same for longer stories and more of them."""
    holds(shape, told, rate)


@FEW
@given(deeds(tuple(kind for kind in KINDS if kind not in {"rebase", "sync"})), st.booleans())
def test_a_reader_sees_what_is_written_next(told: list[Deed], certain: bool) -> None:
    """Stored books and the present reading give a reader the very rows that the monitor adds when it comes back."""
    with story_on_disk(Shape(certain, synchronized=True)) as (story, folder):
        for deed in [LOOK, *told, Deed("roomy", 0, 0, 0), LOOK]:
            story.do(deed)
        seen = story.world.reading()
        with reading(folder / "packetbuddy.db", folder / "lock") as reader:
            meter = Meter(reader.books(), selection=None, policy=POLICY)
        meter.look(seen)
        before = stored(folder)
        story.crash()
        story.look(seen)
        story.commit()
        assert added(before, stored(folder)) == pending(meter)


def stored(folder: Path) -> Cells:
    question = """SELECT slots.id >> 16, interfaces.name, series.counted, sum(rx), sum(tx) FROM slots
        JOIN series ON series.id = (slots.id & 65535) JOIN interfaces ON interfaces.id = series.interface
        WHERE interfaces.name <> '' GROUP BY 1, 2, 3"""
    with closing(sqlite3.connect(folder / "packetbuddy.db")) as connection:
        return {(row[0], row[1], bool(row[2])): (row[3], row[4]) for row in connection.execute(question)}


def added(before: Cells, after: Cells) -> Cells:
    grown = {
        cell: (rx - before.get(cell, (0, 0))[0], tx - before.get(cell, (0, 0))[1]) for cell, (rx, tx) in after.items()
    }
    return {cell: moved for cell, moved in grown.items() if any(moved)}


def pending(meter: Meter) -> Cells:
    cells = meter.harvest().batches[-1][1].cells
    found = {cell: (amounts[0], amounts[1]) for cell, amounts in cells.items() if cell[1] != ALL}
    return {cell: moved for cell, moved in found.items() if any(moved)}


def test_a_lost_file_begins_anew(tmp_path: Path) -> None:
    """A new file holds what was pending and all that comes after, and balances."""
    story = Story(Shape(), File(tmp_path / "packetbuddy.db"))
    lost = story.store
    for deed in [LOOK, GROW, LOOK, Deed("commit", 0, 0, 0), GROW, LOOK, Deed("rebase", 0, 0, 0), GROW, LOOK]:
        story.do(deed)
    story.commit()
    (tmp_path / "new").mkdir()
    check_in = tmp_path / "new"
    assert isinstance(lost, File)
    assert isinstance(story.store, File)
    lost.close()
    story.store.close()
    (tmp_path / "packetbuddy.db+").rename(check_in / "packetbuddy.db")
    check(story, check_in)
    assert story.truth.live.total == [2000, 1000]
