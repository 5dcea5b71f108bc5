"""The text of metrics: what the official parser reads back is what was meant, whatever the names are."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as modern
from prometheus_client.parser import text_string_to_metric_families as plain
from prometheus_client.samples import Sample

from packetbuddy.exports.exposition import Dialect, text
from packetbuddy.exports.openmetrics import Speed, families
from packetbuddy.reports.metrics import Metered, Metrics
from packetbuddy.reports.model import Usage
from packetbuddy.reports.plans import NO_PLANS

PARSERS: dict[Dialect, Callable[[str], Iterable[Metric]]] = {"openmetrics": modern, "plain": plain}
HOSTILE = ('we"ird', "back\\slash", "\\n", "new\nline", '"', "\\", "ü✓", "x\udcff", "x\\xff", "a,b=c{}", " ", "#")
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12))
counts = st.integers(0, 1 << 62)
rows = st.lists(st.builds(Metered, names, st.booleans(), counts, counts), max_size=6)


def told(metered: Iterable[Metered], dialect: Dialect, speeds: Iterable[Speed] = ()) -> str:
    instants = (1795500000.25, "f0", 1795000000.5)
    metrics = Metrics("2.0.0", True, *instants, tuple(metered), Usage(), Usage(), 0, NO_PLANS, ())
    return text(families(metrics, speeds), dialect)


def read(answer: str, dialect: Dialect = "openmetrics") -> list[Sample]:
    """As the official parser of that text reads it."""
    return [sample for family in PARSERS[dialect](answer) for sample in family.samples]


def named(samples: Iterable[Sample], name: str) -> list[Sample]:
    return [each for each in samples if each.name == name]


@given(rows)
def test_any_name_and_any_number_comes_back(metered: list[Metered]) -> None:
    """Quotes, backslashes, newlines, what is no UTF-8: parsed, to the last digit, none twice, none lost."""
    found = read(told(metered, "openmetrics"))
    each = named(found, "packetbuddy_interface_bytes_total")
    assert len({tuple(sorted(one.labels.items())) for one in each}) == len(each)
    assert sum(int(one.value) for one in each) == sum(one.sent + one.received for one in metered)
    total = named(found, "packetbuddy_usage_bytes_total")
    assert {one.labels["direction"]: int(one.value) for one in total} == {
        "received": sum(one.received for one in metered if one.counted),
        "sent": sum(one.sent for one in metered if one.counted),
    }


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_is_text_stays_what_it_is(name: str) -> None:
    """What UTF-8 can hold is not changed; what it cannot is written as its number."""
    speeds = [Speed(name, 1.5, 2.25)]
    for dialect in PARSERS:
        found = named(read(told([], dialect, speeds), dialect), "packetbuddy_speed_bytes_per_second")
        assert {each.labels["interface"] for each in found} == {name.replace("\udcff", "\\udcff")}
        assert {each.labels["direction"]: each.value for each in found} == {"received": 2.25, "sent": 1.5}


def test_the_older_text_says_the_same() -> None:
    """Format 0.0.4: the same values under the same names, without what it does not know."""
    metered = [Metered("eth0", True, 5, 7)]
    older, newer = told(metered, "plain"), told(metered, "openmetrics")
    assert "# EOF" not in older
    assert "_created" not in older
    assert "# UNIT" not in older
    assert "# TYPE packetbuddy_usage_bytes_total counter" in older
    assert "# TYPE packetbuddy_build_info gauge" in older
    of_older = {(each.name, *each.labels.items()): each.value for each in read(older, "plain")}
    of_newer = {(each.name, *each.labels.items()): each.value for each in read(newer)}
    assert of_older == {key: value for key, value in of_newer.items() if not str(key[0]).endswith("_created")}


def test_a_counter_without_a_beginning_tells_none() -> None:
    """Before anything was observed there is no ``_created``."""
    metrics = Metrics("2.0.0", False, 0, "f0", None, (), Usage(), Usage(), 0, NO_PLANS, ())
    written = text(families(metrics, []), "openmetrics")
    assert "_created" not in written
    assert read(written)
