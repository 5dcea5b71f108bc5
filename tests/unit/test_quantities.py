from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from packetbuddy.billing.sizes import parse_size
from packetbuddy.reports.quantities import BYTES, amount, rough, short, speed

UNITS = st.sampled_from(sorted(BYTES))
COUNTS = st.one_of(st.integers(0, 10**6), st.integers(0, 2**90), st.sampled_from([2**63, 2**63 - 1, 2**64]))


def value(text: str, units: str) -> Decimal:
    """The bytes that a written quantity stands for, by the ladder's own definition."""
    number, unit = text.split(" ")
    ladder = BYTES[units]
    return Decimal(number) * Decimal(ladder.base) ** ladder.units.index(unit)


@pytest.mark.parametrize(
    ("count", "units", "text"),
    [
        (0, "decimal", "0.00 B"),
        (999, "decimal", "999.00 B"),
        (1000, "decimal", "1.00 kB"),
        (999_994, "decimal", "999.99 kB"),
        (999_995, "decimal", "1.00 MB"),
        (999_999, "decimal", "1.00 MB"),
        (125829120, "windows", "120.00 MB"),
        (524288000, "windows", "500.00 MB"),
        (650117120, "windows", "620.00 MB"),
        (2**30 - 1, "windows", "1.00 GB"),
        (2**20 * 3 // 2, "binary", "1.50 MiB"),
        (1023 * 1024, "binary", "1023.00 KiB"),
        (3_141_592_653_589_793, "decimal", "3.14 PB"),
        (2**63, "decimal", "9.22 EB"),
        (2**63, "binary", "8.00 EiB"),
        (10**30, "decimal", "1000000.00 YB"),
        (-5_000_000, "decimal", "-5.00 MB"),
    ],
)
def test_amounts_have_two_decimals_and_the_right_step(count: int, units: str, text: str) -> None:
    """Tables and machines read two decimals, on the step where the figure is 1 to the base, also after rounding."""
    assert amount(count, units) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (346_000_000, "346 MB"),
        (3_420_000_000, "3.42 GB"),
        (9_994_999, "9.99 MB"),
        (9_995_000, "10.0 MB"),
        (99_950_000, "100 MB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (-78_640_000_000, "-78.6 GB"),
    ],
)
def test_short_amounts_have_three_digits(count: int, text: str) -> None:
    """People read three digits, and never "0.00 GB" for some hundred MB."""
    assert short(count, "decimal") == text


def test_rough_amounts_have_two_digits() -> None:
    """Where less precision is honest, two digits are written."""
    assert [rough(count, "decimal") for count in (2_900_000_000, 9_960_000, 29_400_000, 294_000_000, 7)] == [
        "2.9 GB",
        "10 MB",
        "29 MB",
        "294 MB",
        "7 B",
    ]


@pytest.mark.parametrize(
    ("rate", "style", "text"),
    [
        (8_610_000.4, "bytes", "8.61 MB/s"),
        (412_000, "bytes", "412 kB/s"),
        (8_625_000, "bits", "69.0 Mbit/s"),
        (0.0, "bits", "0 bit/s"),
        (0.3, "bytes", "0 B/s"),
    ],
)
def test_speeds_are_bytes_or_bits_per_second(rate: float, style: str, text: str) -> None:
    """Speeds are written in the style that the settings ask for; bits are powers of 1000, as links are sold."""
    assert speed(rate, "decimal", style) == text


def test_speeds_in_bytes_follow_the_units() -> None:
    """A speed in bytes has the same units as amounts."""
    assert speed(2**20, "binary", "bytes") == "1.00 MiB/s"


@given(COUNTS, UNITS)
@example(999_999, "decimal")
@example(2**20 - 1, "windows")
def test_no_amount_reads_as_a_full_step(count: int, units: str) -> None:
    """Full steps such as 1000.00 kB and 1024.00 KB are never written, nor a figure below 1 of anything but bytes."""
    for text in (amount(count, units), short(count, units), rough(count, units)):
        number, unit = text.split(" ")
        assert unit == BYTES[units].units[-1] or Decimal(number) < BYTES[units].base
        assert unit == "B" or Decimal(number) >= 1


@given(COUNTS, COUNTS, UNITS)
def test_more_bytes_never_read_as_less(one: int, other: int, units: str) -> None:
    """Writing is monotone: a larger count never reads smaller, in any of the three forms."""
    low, high = sorted((one, other))
    for write in (amount, short, rough):
        assert value(write(low, units), units) <= value(write(high, units), units)


@given(COUNTS, UNITS)
def test_what_is_written_is_what_was_counted(count: int, units: str) -> None:
    """The written amount is within half of its last digit of the exact count, at any size."""
    text = amount(count, units)
    step = BYTES[units].base ** BYTES[units].units.index(text.split(" ")[1])
    assert abs(value(text, units) - count) * 200 <= step


@given(COUNTS, UNITS)
def test_a_written_amount_can_be_typed_back(count: int, units: str) -> None:
    """What a table shows is understood as a size in the same units, to the written precision."""
    assert abs(parse_size(amount(count, units), units=units) - value(amount(count, units), units)) <= Decimal("0.5")


@given(st.integers(0, 2**90), UNITS)
def test_negative_amounts_mirror_positive_ones(count: int, units: str) -> None:
    """The sign of a correction changes nothing else."""
    assert count == 0 or amount(-count, units) == "-" + amount(count, units)
