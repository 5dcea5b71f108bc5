"""PURE: which of two versions is the newer one."""

import re

_TAG = re.compile(r"v((?:0|[1-9]\d{0,8})(?:\.(?:0|[1-9]\d{0,8})){2})", re.ASCII)
_VERSION = re.compile(
    r"(\d{1,18}(?:\.\d{1,18})*)(?:[-_.]?(a|b|rc|dev|post)[-_.]?(\d{0,18}))?", re.ASCII | re.IGNORECASE
)
_PHASES = {"dev": -4, "a": -3, "b": -2, "rc": -1, "": 0, "post": 1}

Key = tuple[tuple[int, ...], int, int]
UNKNOWN: Key = ((), 0, 0)
"""Older than every version."""


def released(tag: str) -> str:
    """The version that a release's tag ``vX.Y.Z`` names; empty for any other tag."""
    found = _TAG.fullmatch(tag)
    return found[1] if found else ""


def key(version: str) -> Key:
    """What to compare: numbers, zeros at the end apart; before a release its candidates, after it its repairs."""
    found = _VERSION.match(version.removeprefix("v"))
    if found is None:
        return UNKNOWN
    numbers = [int(part) for part in found[1].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return (tuple(numbers), _PHASES[(found[2] or "").lower()], int(found[3] or 0))
