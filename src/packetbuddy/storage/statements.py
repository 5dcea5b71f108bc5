"""SQL lives in files of its own; each statement there has a name."""

from functools import cache
from pathlib import Path

_MARK = "-- name: "


@cache
def statements(file: str) -> dict[str, str]:
    """Name → statement of one ``.sql`` file beside this module."""
    found: dict[str, str] = {}
    for part in text(file).split(_MARK)[1:]:
        name, _, statement = part.partition("\n")
        found[name.strip()] = statement.strip()
    return found


def text(file: str) -> str:
    """Whole text of an SQL file in this room."""
    return Path(__file__).with_name(file).read_text(encoding="utf-8")


def migrations() -> tuple[str, ...]:
    """Scripts from nothing to the present schema, in order; append-only and expand-only."""
    folder = Path(__file__).with_name("migrations")
    return tuple(path.read_text(encoding="utf-8") for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql")))
