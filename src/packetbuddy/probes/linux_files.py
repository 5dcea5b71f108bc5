"""Small reads below /proc and /sys, without the weight of pathlib."""

import os

_PART = 65536


def read_whole(path: str) -> bytes | None:
    """All bytes of a file; ``None`` where it cannot be read.

    Kernel files answer ``EINVAL`` for "no such thing here" (a link without speed), so every failure is the same answer.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (OSError, ValueError):
        return None
    try:
        return _all(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _all(descriptor: int) -> bytes:
    whole = part = os.read(descriptor, _PART)
    while part:
        part = os.read(descriptor, _PART)
        whole += part
    return whole


def read_text(path: str) -> str | None:
    """The file's text without surrounding blanks; ``None`` where it cannot be read."""
    whole = read_whole(path)
    return None if whole is None else whole.decode("utf-8", "replace").strip()


def read_number(path: str) -> int | None:
    """The decimal number in a file; ``None`` where there is none."""
    text = read_text(path)
    try:
        return None if text is None else int(text)
    except ValueError:
        return None
