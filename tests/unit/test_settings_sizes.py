"""Sizes as people write them, to the byte."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.settings.sizes import LARGEST, parse_size

FACTORS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15}
FACTORS |= {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}


@given(
    st.integers(0, 10**6),
    st.text("0123456789", max_size=12),
    st.sampled_from(sorted(FACTORS)),
    st.sampled_from(["", " "]),
)
def test_size_is_the_nearest_whole_byte(whole: int, part: str, unit: str, gap: str) -> None:
    """Number times unit by exact fractions, rounded half up, in any case of letters."""
    number = f"{whole}.{part}" if part else str(whole)
    exact = Fraction(number) * FACTORS[unit]
    if exact > LARGEST:
        return
    for text in (f"{number}{gap}{unit}", f" {number}{gap}{unit.lower()} ", f"{number}{gap}{unit.upper()}"):
        assert parse_size(text) == int(exact + Fraction(1, 2))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GB",
        "1",
        "1.GB",
        ".5 GB",
        "-1 GB",
        "+1 GB",
        "1e3 GB",
        "1 2 GB",
        "1,5 GB",
        "1.5.5 GB",
        "\u0661 GB",
        "1 EB",
        "9 B x",
    ],
)
def test_nonsense_is_no_size(text: str) -> None:
    """What a person could not mean exactly is refused."""
    with pytest.raises(ValueError, match=r".*"):
        parse_size(text)


def test_largest_size_fits_the_database() -> None:
    """Sizes end where SQLite's integers are still far away; enormous numbers are refused quickly."""
    assert parse_size("4096 PiB") == LARGEST
    for text in ("4097 PiB", f"{'9' * 100_000} B", f"0.{'0' * 100_000}1 GB"):
        with pytest.raises(ValueError, match=r".*"):
            parse_size(text)
