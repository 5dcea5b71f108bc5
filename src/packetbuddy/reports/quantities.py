"""How bytes and speeds are written. The only formatter of quantities. Whole-number arithmetic: exact at any size."""

from collections.abc import Callable
from typing import NamedTuple

PREFIXES = ("", "k", "M", "G", "T", "P", "E", "Z", "Y")


class Ladder(NamedTuple):
    """The steps of one way to write quantities: each unit is ``base`` times the one before."""

    base: int
    units: tuple[str, ...]


BYTES = {
    "decimal": Ladder(1000, tuple(f"{prefix}B" for prefix in PREFIXES)),
    "binary": Ladder(1024, ("B", *(f"{prefix.upper()}iB" for prefix in PREFIXES[1:]))),
    "windows": Ladder(1024, ("B", *(f"{prefix.upper()}B" for prefix in PREFIXES[1:]))),
}
"""By the setting ``[display] units``."""

BITS = Ladder(1000, tuple(f"{prefix}bit" for prefix in PREFIXES))


def amount(count: int, units: str) -> str:
    """Bytes for tables and machines: always two decimals ("120.00 MB")."""
    return _written(count, BYTES[units], 2)


def brief(count: int, units: str) -> str:
    """Bytes for machines that read words: always one decimal ("120.0 MB")."""
    return _written(count, BYTES[units], 1)


def short(count: int, units: str) -> str:
    """Bytes for people: three digits ("346 MB", "3.42 GB"); whole bytes have no decimals ("512 B")."""
    return _significant(count, BYTES[units], 3)


def rough(count: int, units: str) -> str:
    """Bytes where less precision is honest ("a usual Monday has 2.9 GB"): two digits."""
    return _significant(count, BYTES[units], 2)


def speed(bytes_per_second: float, units: str, style: str) -> str:
    """A speed for people: "8.61 MB/s", or with style ``bits`` (powers of 1000, as links are sold) "68.9 Mbit/s"."""
    if style == "bits":
        return f"{_significant(round(bytes_per_second * 8), BITS, 3)}/s"
    return f"{short(round(bytes_per_second), units)}/s"


def share(part: float) -> float:
    """A share of a whole as machines read it: six decimals."""
    return round(part, 6)


def share_text(part: float) -> str:
    """The same as plain decimal digits ("0.0123", "1")."""
    return f"{share(part):.6f}".rstrip("0").rstrip(".")


def _significant(count: int, ladder: Ladder, digits: int) -> str:
    if abs(count) < ladder.base:
        return f"{count} {ladder.units[0]}"
    return _stepped(count, ladder, lambda size: _scaled(abs(count), size, digits))


def _written(count: int, ladder: Ladder, decimals: int) -> str:
    """Always so many decimals."""
    return _stepped(count, ladder, lambda size: (_half_up(abs(count) * 10**decimals, size), decimals))


def _stepped(count: int, ladder: Ladder, scaled: Callable[[int], tuple[int, int]]) -> str:
    """Write ``count`` on the step where it reads as 1 to ``base`` after rounding."""
    step, size = 0, 1
    number, decimals = scaled(size)
    while number >= ladder.base * 10**decimals and step < len(ladder.units) - 1:
        step, size = step + 1, size * ladder.base
        number, decimals = scaled(size)
    whole, rest = divmod(number, 10**decimals)
    fraction = f".{rest:0{decimals}}" if decimals else ""
    return f"{'-' if count < 0 else ''}{whole}{fraction} {ladder.units[step]}"


def _scaled(count: int, size: int, digits: int) -> tuple[int, int]:
    """``count / size`` as a whole number of 10⁻ᵈᵉᶜⁱᵐᵃˡˢ, and the decimals; 9.996 with three digits is 10.0."""
    decimals = max(0, digits - len(str(count // size)))
    number = _half_up(count * 10**decimals, size)
    if decimals and number >= 10**digits:
        decimals -= 1
        number = _half_up(count * 10**decimals, size)
    return number, decimals


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
