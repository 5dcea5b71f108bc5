"""What a scraper keeps in mind between scrapes, read by the official parser; and a ledger to which anything happens."""

import contextlib
from collections.abc import Callable, Iterable
from datetime import UTC, date
from pathlib import Path
from typing import Self

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from packetbuddy.answers.amend import correct, decide_doubt, undo_correction
from packetbuddy.answers.metrics import Outlooks, metrics
from packetbuddy.answers.open import Question, committed, local
from packetbuddy.errors import WrongUsageError
from packetbuddy.exports.exposition import text
from packetbuddy.exports.openmetrics import families
from packetbuddy.metering.slots import SLOT_NS
from packetbuddy.settings.load import parse
from packetbuddy.settings.places import Home
from packetbuddy.storage.importing import Origin, importing
from packetbuddy.storage.reader import reading
from packetbuddy.storage.restoring import back_up, prepare, put
from packetbuddy.storage.tending import tending
from unit.ledgers import File, Story
from unit.worlds import Deed, Shape

Key = tuple[str, tuple[tuple[str, str], ...]]
DAY_NS = 86_400 * 10**9
NO_DEED = (WrongUsageError,)
"""What there is nothing of: no doubt to decide, no correction to undo."""


def parsed(answer: str) -> dict[str, Metric]:
    """The families by name, as the official parser reads them; it raises for whatever is not OpenMetrics."""
    parse: Callable[[str], Iterable[Metric]] = text_string_to_metric_families
    found = list(parse(answer))
    assert len({family.name for family in found}) == len(found)
    return {family.name: family for family in found}


class Scraper:
    """Remembers each counter's last value and finds out when one falls."""

    def __init__(self) -> None:
        self.last: dict[Key, float] = {}
        self.fallen: list[tuple[Key, float, float]] = []

    def take(self, answer: str) -> dict[str, Metric]:
        """One scrape."""
        found = parsed(answer)
        seen: set[Key] = set()
        for family in found.values():
            for sample in family.samples:
                key = (sample.name, tuple(sorted(sample.labels.items())))
                assert key not in seen
                seen.add(key)
                if family.type == "counter" and sample.name.endswith("_total"):
                    self._compare(key, sample.value)
        return found

    def _compare(self, key: Key, value: float) -> None:
        if value < self.last.get(key, 0):
            self.fallen.append((key, self.last[key], value))
        self.last[key] = value


class Household:
    """A monitor, its ledger, and people who correct, import, back up, restore and lose it. Closed in the end."""

    def __init__(self, root: Path, shape: Shape) -> None:
        self.home, self.root = Home(root), root
        self.story = Story(shape, File(self.home.ledger), max_rate=10_000_000)
        self.scraper = Scraper()
        self.backups: list[Path] = []
        self._deeds: dict[str, Callable[[Deed], object]] = {
            "correct": self._correct,
            "undo": lambda deed: undo_correction(self.question(), self._day(deed)),
            "accept": lambda deed: decide_doubt(self.question(), self._doubt(deed), accept=True),
            "reject": lambda deed: decide_doubt(self.question(), self._doubt(deed), accept=False),
            "import": self._import,
            "undo import": self._undo_import,
            "compact": self._compact,
            "back up": self._back_up,
            "restore": self._restore,
            "lose": self._lose,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    @property
    def _store(self) -> File:
        assert isinstance(self.story.store, File)
        return self.story.store

    def do(self, deed: Deed) -> None:
        """Let it happen, and look at /metrics."""
        if deed.kind in self._deeds:
            with contextlib.suppress(*NO_DEED):
                self._deeds[deed.kind](deed)
        else:
            self.story.do(deed)
        self.scraper.take(self.answer())

    def answer(self) -> str:
        """What ``/metrics`` answers."""
        return text(families(metrics(self.question(), Outlooks()), ()), "openmetrics")

    def question(self) -> Question:
        """Asked now, of what is written."""
        now = max(0, self.story.world.instant().wall_ns)
        return committed(Question(self.home, parse({}), now, None, UTC, "UTC"))

    def _day(self, deed: Deed) -> date:
        question = self.question()
        return local(question, max(0, question.now_ns - (1 + deed.which) * DAY_NS)).date()

    def _correct(self, deed: Deed) -> None:
        correct(
            self.question(), self._day(deed), sent=deed.other, received=deed.amount % 9999, reason="the ISP says so"
        )

    def _doubt(self, deed: Deed) -> int:
        with reading(self.home.ledger, self.home.lock) as reader:
            found = [one.number for one in reader.open_doubts()]
        return found[deed.which % len(found)] if found else 0

    def _import(self, deed: Deed) -> None:
        slot = self.question().now_ns // SLOT_NS // 2
        with importing(self.home.ledger, self.home.lock) as importer:
            planned = importer.changes()
            importer.stage([(slot + deed.which, deed.amount, deed.other, 0, 0)])
            importer.commit(Origin("vnStat", "", "vnstat.json", "UTC"), planned=planned, at_ns=1)

    def _undo_import(self, deed: Deed) -> None:
        with importing(self.home.ledger, self.home.lock) as importer:
            importer.undo(1 + deed.which % 3, at_ns=2)

    def _compact(self, _deed: Deed) -> None:
        with tending(self.home.ledger, self.home.lock) as tender:
            tender.compact(self.question().now_ns // SLOT_NS)

    def _back_up(self, _deed: Deed) -> None:
        target = self.root / f"mine-{len(self.backups)}.db"
        back_up(self.home.ledger, self.home.lock, target)
        self.backups.append(target)

    def _restore(self, deed: Deed) -> None:
        if self.backups:
            self._store.close()
            prepare(self.backups[deed.which % len(self.backups)], self.home.ledger, at_ns=self.question().now_ns)
            put(self.home.ledger, self.home.backups)
            self.scraper.take(self.answer())
            self._begin()

    def _lose(self, _deed: Deed) -> None:
        """The file is deleted while nothing runs."""
        self._store.close()
        for path in self.root.glob("packetbuddy.db*"):
            path.unlink()
        self._begin()

    def _begin(self) -> None:
        self.story.store = File(self.home.ledger)
        self.story.crash()
        self.story.look(self.story.world.reading())
        self.story.commit()
