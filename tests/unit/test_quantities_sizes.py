from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.billing.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("7", 7),
        ("7 B", 7),
        ("12 bytes", 12),
        ("1.5 GB", 1_500_000_000),
        ("1.5gb", 1_500_000_000),
        (" 300 MiB ", 300 * 2**20),
        ("2 TiB", 2 * 2**40),
        ("0.1 kB", 100),
        ("0.0005 kB", 1),
        ("0.0004 kB", 0),
        ("9.223372036854775808 EB", 2**63),
    ],
)
def test_sizes_are_exact(text: str, size: int) -> None:
    """Every way of writing a size gives its exact bytes; half a byte is rounded up."""
    assert parse_size(text) == size


def test_windows_units_are_powers_of_1024() -> None:
    """A reader who sees windows units also types them."""
    assert parse_size("120.00 MB", units="windows") == 125829120


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "GB", "-1 GB", "+1 GB", "1,5 GB", "1.5.2 GB", "1. GB", ".5 GB", ".", "1 XB", "1 G", "1 iB", "1e9"),
        *("\N{ARABIC-INDIC DIGIT ONE} GB", "NaN", "inf", "1 GB/s", "9" * 41),
    ],
)
def test_what_is_no_size_is_refused(text: str) -> None:
    """Nothing is guessed: signs, commas, exponents, unknown units and foreign digits are refused in words."""
    with pytest.raises(ValueError, match=r"size|unit"):
        parse_size(text)


@given(st.text(max_size=50))
def test_any_text_is_a_size_or_refused(text: str) -> None:
    """No text breaks the parser: it is a size of at least 0, or a ValueError."""
    with suppress(ValueError):
        assert parse_size(text) >= 0
