"""Sizes as people write them ("100 GB", "1.5 GiB") become bytes. Exact: no floating point anywhere."""

PREFIXES = "kmgtpezy"
LONGEST = 40
"""More characters than any size that is meant."""


def parse_size(text: str, *, units: str = "decimal") -> int:
    """Bytes of a size with its unit.

    ``kB``, ``MB``, ``GB`` … are powers of 1000, ``KiB``, ``MiB``, ``GiB`` … of 1024, in any case, with or without a
    space; bare digits are bytes. With ``units="windows"`` ``KB``, ``MB`` … are powers of 1024, as Windows writes them.
    A fraction of a byte is rounded half up.

    Raises:
        ValueError: not a size; the message says what is wrong, without the text itself.
    """
    number, unit = _split(text.strip())
    whole, point, fraction = number.partition(".")
    if len(text) > LONGEST or not (whole + fraction).isdigit() or not (whole + fraction).isascii():
        raise ValueError("a size is a number and a unit, such as 1.5 GB or 300 MiB")
    if point and not (whole and fraction):
        raise ValueError("digits are missing beside the point; a size is such as 1.5 GB")
    scale: int = 10 ** len(fraction)
    return (int(whole + fraction) * _unit_bytes(unit, units) * 2 + scale) // (2 * scale)


def _split(text: str) -> tuple[str, str]:
    digits = len(text) - len(text.lstrip("0123456789."))
    return text[:digits], text[digits:].strip()


def _unit_bytes(unit: str, units: str) -> int:
    letters = unit.lower()
    if letters in {"", "b", "byte", "bytes"}:
        return 1
    prefix, rest = letters[0], letters[1:]
    if prefix not in PREFIXES or rest not in {"b", "ib"}:
        raise ValueError(f"the unit {unit[:12]!r} is not known; B, kB, MB, GB, TB and KiB, MiB, GiB, TiB are")
    power = PREFIXES.index(prefix) + 1
    return 1 << 10 * power if rest == "ib" or units == "windows" else int("1" + "000" * power)
