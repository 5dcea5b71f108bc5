"""Stretches of time united and subtracted, against counting every instant."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering.stretches import length, united, without

SPAN = st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
SPANS = st.lists(SPAN, max_size=8)


def instants(stretches: list[tuple[int, int]]) -> set[int]:
    """Every unit of time in them."""
    return {at for start, end in stretches for at in range(start, end)}


@given(spans=SPANS)
def test_united_holds_the_same_time_once(spans: list[tuple[int, int]]) -> None:
    """The same instants, in order, and no two stretches touch."""
    found = united(sorted(spans))
    assert instants(found) == instants(spans)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))


@given(span=SPAN, spans=SPANS)
def test_what_is_left_is_what_nobody_took(span: tuple[int, int], spans: list[tuple[int, int]]) -> None:
    """Exactly the instants of the stretch that are in none of the taken ones; their length is their number."""
    left = without(span, united(sorted(spans)))
    assert instants(left) == instants([span]) - instants(spans)
    assert length(left) == len(instants(left))
