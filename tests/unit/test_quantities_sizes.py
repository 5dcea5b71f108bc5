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
        ("1 byte", 1),
        ("1 YB", 10**24),
        ("1 YiB", 2**80),
        ("1 ZB", 10**21),
        ("1 PB", 10**15),
        ("0." + "0" * 35 + "1 B", 0),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lots", "a size is a number and a unit, such as 1.5 GB or 300 MiB"),
        ("1. GB", "digits are missing beside the point; a size is such as 1.5 GB"),
        (".5 GB", "digits are missing beside the point; a size is such as 1.5 GB"),
        ("1 XB", "the unit 'XB' is not known; B, kB, MB, GB, TB and KiB, MiB, GiB, TiB are"),
        ("1 gigabytesand", "the unit 'gigabytesand' is not known; B, kB, MB, GB, TB and KiB, MiB, GiB, TiB are"),
        ("1 gigabytesandmore", "the unit 'gigabytesand' is not known; B, kB, MB, GB, TB and KiB, MiB, GiB, TiB are"),
        ("1" * 37 + " GB", None),
        ("1" * 38 + " GB", "a size is a number and a unit, such as 1.5 GB or 300 MiB"),
        ("\N{SUPERSCRIPT TWO} GB", "a size is a number and a unit, such as 1.5 GB or 300 MiB"),
        (
            "1\N{SUPERSCRIPT TWO} GB",
            "the unit '\N{SUPERSCRIPT TWO} GB' is not known; B, kB, MB, GB, TB and KiB, MiB, GiB, TiB are",
        ),
    ],
)
def test_refusals_say_what_is_wrong(text: str, words: str | None) -> None:
    """Each in its own words; at most forty characters are read, and twelve of a unit shown."""
    if words is None:
        assert parse_size(text) == int("1" * 37) * 10**9
        return
    with pytest.raises(ValueError, match=r".") as refused:
        parse_size(text)
    assert str(refused.value) == words


def test_decimal_is_the_default() -> None:
    """Without a word about units KB is a thousand bytes."""
    assert parse_size("1 KB") == parse_size("1 KB", units="decimal") == 1000
    assert parse_size("1 KB", units="windows") == parse_size("1 KiB") == 1024
