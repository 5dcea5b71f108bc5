"""JSON: everything, with words beside the numbers. Keys are those of the API."""

from collections.abc import Iterator
from json import dumps

from packetbuddy.exports import bodies
from packetbuddy.reports.bodies import Body, Presentation
from packetbuddy.reports.history import History


def json(history: History, how: Presentation) -> Iterator[str]:
    """One object; its last key holds the days, one a line."""
    yield _written(bodies.head(history, how))[:-1]
    yield ',"days":['
    separator = "\n"
    for day in history.days():
        yield separator + _written(bodies.day(day, how))
        separator = ",\n"
    yield "\n]}\n"


def _written(body: Body) -> str:
    return dumps(body, ensure_ascii=False, separators=(",", ":"))
