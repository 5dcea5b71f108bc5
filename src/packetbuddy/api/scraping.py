"""``/metrics``: which of the two texts a scraper understands, and the answer in it."""

import asyncio
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from packetbuddy.answers.metrics import metrics
from packetbuddy.api.desk import Desk
from packetbuddy.api.problems import ProblemError
from packetbuddy.api.pulse import Pulses
from packetbuddy.api.shapes import Live
from packetbuddy.api.stream import next_speed
from packetbuddy.exports.exposition import Dialect, text
from packetbuddy.exports.openmetrics import Speed, families

OPENMETRICS, PLAIN = "application/openmetrics-text", "text/plain"
VERSIONS = {OPENMETRICS: ("1.0.0", "0.0.1"), PLAIN: ("0.0.4", "1.0.0")}
"""What each is called by those who read it; the first where the scraper does not say."""
DIALECTS: dict[str, Dialect] = {OPENMETRICS: "openmetrics", PLAIN: "plain"}
PATIENCE_SECONDS = 3.0
"""Scrapers give up after some seconds: better without speeds than not at all."""


class Spoken(NamedTuple):
    """A media type, and the version of it that the scraper asked for."""

    media: str
    version: str


class _Wish(NamedTuple):
    """One part of an Accept header; ``version`` is empty where it does not matter."""

    media: str
    version: str
    weight: float


async def scraped(desk: Desk, pulses: Pulses, request: Request) -> Response:
    """The metrics, in the text that the request prefers.

    Raises:
        ProblemError: nothing is counted yet, or the ledger could not be read.
    """
    media, version = spoken(",".join(request.headers.getlist("accept")))
    made, speeds = await asyncio.gather(desk.run(lambda: metrics(desk.ask().question, desk.outlooks)), _speeds(pulses))
    headers = {"content-type": f"{media}; version={version}; charset=utf-8", "vary": "Accept"}
    return Response(text(families(made, speeds), DIALECTS[media]), headers=headers)


async def _speeds(pulses: Pulses) -> list[Speed]:
    """None where the counters do not answer: a metric that is not known is left out."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            live = msgspec.json.decode(await next_speed(pulses, None), type=Live)
    except (ProblemError, TimeoutError):
        return []
    each = live.interfaces
    return [Speed(one.name, one.bytes_sent_per_second, one.bytes_received_per_second) for one in each]


def spoken(accept: str) -> Spoken:
    """What an Accept header likes best of what there is: OpenMetrics where it likes both, and where it says nothing.

    A browser, which asks for ``text/html``, gets the text that it can show.
    """
    wishes = list(_wishes(accept)) or [_Wish("*/*", "", 1)]
    browser = any(wish.media == "text/html" for wish in wishes)
    modern, plain = _liked(wishes, OPENMETRICS), _liked(wishes, PLAIN)
    named = any(wish.media == OPENMETRICS for wish in wishes)
    chosen = OPENMETRICS if modern.weight and modern.weight >= plain.weight and (named or not browser) else PLAIN
    return Spoken(chosen, (modern if chosen == OPENMETRICS else plain).version or VERSIONS[chosen][0])


def _liked(wishes: list[_Wish], media: str) -> _Wish:
    """How much a media type is wanted: what names it goes before what names a family, as HTTP has it."""
    for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
        found = [wish for wish in wishes if wish.media == name and wish.version in {"", *VERSIONS[media]}]
        if found:
            return max(found, key=lambda wish: wish.weight)
    return _Wish(media, "", 0)


def _wishes(accept: str) -> Iterator[_Wish]:
    """The parts that can be read."""
    for part in accept.split(","):
        media, *given = (piece.strip().lower() for piece in part.split(";"))
        found = {name: _unquoted(value) for name, _, value in (piece.partition("=") for piece in given)}
        weight = _weight(found.get("q", "1"))
        if media and weight is not None:
            yield _Wish(media, found.get("version", ""), weight)


def _unquoted(value: str) -> str:
    """A parameter's value, as HTTP lets it be written with quotes and without."""
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _weight(given: str) -> float | None:
    try:
        weight = float(given)
    except ValueError:
        return None
    return weight if 0 <= weight <= 1 else None
