"""Whatever happens to a ledger, the official parser reads what ``/metrics`` answers, and no counter falls."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from integration.scraping import Household
from unit.worlds import KINDS, Deed, Shape, amounts, shapes

LOOK, COMMIT = Deed("look", 0, 0, 33_333), Deed("commit", 0, 0, 0)
PEOPLE = (
    *("correct", "correct", "undo", "accept", "reject", "import", "undo import"),
    *("compact", "back up", "restore", "lose"),
)
MACHINE = tuple(kind for kind in KINDS if kind not in {"rebase", "full", "roomy"})
A_DAY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
deed = st.builds(Deed, st.sampled_from((*MACHINE, *PEOPLE)), st.integers(0, 7), amounts, st.integers(0, 100_000))
BACKED_UP, RESTORED = Deed("back up", 0, 0, 0), Deed("restore", 0, 0, 0)
GROW = Deed("grow", 0, 3_000, 500)
CORRECTED = [GROW, LOOK, COMMIT, *[Deed("sleep", 0, 0, 50_000)] * 4, LOOK, COMMIT, Deed("correct", 1, 1, 1)]


def holds(shape: Shape, told: list[Deed]) -> None:
    with TemporaryDirectory() as folder, Household(Path(folder), shape) as household:
        household.story.do(LOOK)
        household.story.commit()
        for each in [*told, LOOK, COMMIT]:
            household.do(each)
        assert household.scraper.fallen == []


@A_DAY
@example(Shape(), [*CORRECTED, Deed("undo", 1, 0, 0)])
@example(Shape(), [BACKED_UP, GROW, LOOK, COMMIT, RESTORED, GROW])
@example(Shape(), [BACKED_UP, GROW, LOOK, COMMIT, Deed("boot", 0, 0, 0), LOOK, RESTORED, LOOK, COMMIT])
@example(Shape(), [Deed("import", 1, 5, 7), Deed("undo import", 0, 0, 0), Deed("lose", 0, 0, 0), GROW])
@given(shapes, st.lists(deed, min_size=1, max_size=40))
def test_no_counter_ever_falls(shape: Shape, told: list[Deed]) -> None:
    """Resets, restarts, sleeps, clock steps, corrections, doubts, imports, backups, lost files: none makes one fall."""
    holds(shape, told)


@pytest.mark.long
@MANY
@given(shapes, st.lists(deed, min_size=20, max_size=80))
def test_no_counter_ever_falls_in_long_stories(shape: Shape, told: list[Deed]) -> None:
    """The same for longer stories and more of them."""
    holds(shape, told)
