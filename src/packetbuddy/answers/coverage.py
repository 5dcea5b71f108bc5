"""How much of a period was observed, where the time before counting began is time that nobody observed."""

from packetbuddy.answers.localdays import Stretches, ordinal_at
from packetbuddy.answers.open import Sight


def coverage(sight: Sight, start_ns: int, end_ns: int) -> float | None:
    """The share of the period, as far as it has passed, that was observed; ``None``: nothing of it has passed."""
    end = min(end_ns, sight.question.now_ns)
    if end <= start_ns:
        return None
    return min(1.0, Stretches(sight.observed(start_ns, end)).within(start_ns, end) / (end - start_ns))


def began_on(sight: Sight) -> int:
    """The local day on which counting began; today where nothing was observed yet."""
    at = sight.question.now_ns if sight.began_ns is None else sight.began_ns
    return ordinal_at(at, sight.question.zone)
