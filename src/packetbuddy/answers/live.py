"""Speeds now: two looks at the counters, taken by the reader itself."""

import time

from packetbuddy.answers.open import Question, local
from packetbuddy.errors import WrongUsageError
from packetbuddy.metering.books import Books, Policy
from packetbuddy.metering.meter import Meter
from packetbuddy.metering.readings import SECOND
from packetbuddy.probes.face import Probe
from packetbuddy.reports.model import Live, Speed

_LONG_NS = 3600 * SECOND


def live(question: Question, seconds: float) -> Live:
    """Measure for ``seconds``: counted interfaces together and each, or the one that is asked for.

    Raises:
        ProbeError: the counters could not be read.
        WrongUsageError: there is no such interface now.
    """
    probe = question.probe()
    try:
        return Measurement(question, probe).measure(seconds)
    finally:
        probe.close()


class Measurement:
    """Speeds one after the other: owns the counters of the last look, so that no byte falls between two answers."""

    def __init__(self, question: Question, probe: Probe) -> None:
        """Take the first look."""
        self._question, self._probe = question, probe
        selection = None if question.interface is None else (question.interface,)
        chosen = selection or question.settings.monitoring.interface
        self._meter = Meter(Books(), selection=chosen, policy=Policy(_LONG_NS))
        self._meter.look(probe.look())
        if selection and self._meter.choice.missing:
            names = ", ".join(each.name for each in self._meter.choice.decisions)
            raise WrongUsageError(f"there is no interface {question.interface!r} now", f"Known: {names}")

    def measure(self, seconds: float) -> Live:
        """Wait, look again, and say what moved between the two looks.

        Raises:
            ProbeError: the counters could not be read.
        """
        before = self._meter.books.at
        self._meter.committed()
        time.sleep(seconds)
        reading = self._probe.look()
        self._meter.look(reading)
        passed = max(1, reading.at.elapsed_ns - before.elapsed_ns) / SECOND if before is not None else seconds
        moved = self._moved()
        speeds = tuple(
            Speed(name, *(amount / passed for amount in moved.get(name, (0, 0)))) for name in self._counted()
        )
        sent, received = sum(each.sent for each in speeds), sum(each.received for each in speeds)
        return Live(local(self._question, reading.at.wall_ns), sent, received, speeds, passed)

    def _counted(self) -> list[str]:
        return [each.name for each in self._meter.choice.decisions if each.counted]

    def _moved(self) -> dict[str, tuple[int, int]]:
        moved: dict[str, tuple[int, int]] = {}
        for _, batch in self._meter.harvest().batches:
            for (_, name, counted), amounts in batch.cells.items():
                if counted:
                    sent, received = moved.get(name, (0, 0))
                    moved[name] = sent + amounts[1], received + amounts[0]
        return moved
