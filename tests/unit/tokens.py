"""Counting tokens as a language model's own tokenizer does: o200k_base, whose data comes with the package."""

import warnings
from functools import cache
from typing import Any

LINES = 500
"""Counted at once: a token never reaches over a line's end into the next line's words."""


def tokens(text: str) -> int:
    """How many tokens a text is."""
    lines = text.splitlines(keepends=True)
    return sum(len(_o200k().encode("".join(lines[at : at + LINES]))) for at in range(0, len(lines), LINES))


@cache
def _o200k() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of how the package opens its own data
        from bpe_openai import get_encoding  # type: ignore[import-untyped]  # noqa: PLC0415 - it warns when imported

        return get_encoding("o200k_base")
