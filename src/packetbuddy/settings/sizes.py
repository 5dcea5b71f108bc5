"""PURE: amounts of data as people write them, to the byte."""

_FACTORS: dict[str, int] = {"b": 1, "byte": 1, "bytes": 1}
for _power, _letter in enumerate("kmgtp", start=1):
    _FACTORS[f"{_letter}b"] = 1000**_power
    _FACTORS[f"{_letter}ib"] = 1024**_power

LARGEST = 2**62


def parse_size(text: str) -> int:
    """Bytes of ``"100 GB"``, ``"1.5 TiB"``, ``"750mb"``; kB … PB are powers of 1000, KiB … PiB of 1024.

    Exact integer arithmetic; a part of a byte is rounded to the nearest one, half up.

    Raises:
        ValueError: not a size, negative, or larger than 4 EiB.
    """
    number = text.strip().rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    factor = _FACTORS.get(text.strip()[len(number) :].lower())
    whole, point, part = number.rstrip(" ").partition(".")
    digits = whole + part
    if factor is None or not (digits.isascii() and digits.isdigit() and whole) or bool(point) != bool(part):
        raise ValueError(text)
    if len(digits) > 40:
        raise ValueError(text)
    scale: int = 10 ** len(part)
    size = (2 * int(digits) * factor + scale) // (2 * scale)
    if size > LARGEST:
        raise ValueError(text)
    return size
