"""What an amount of bytes is, in things people know. Round figures, said as such."""

from typing import NamedTuple

HOUR_OF_FILM = 3 * 10**9
LONG_HOURS = 96
"""Beyond that, days say more than hours."""
DAYS_IN_YEAR = 365.25


class Thing(NamedTuple):
    """Something people know, and its bytes."""

    name: str
    size: int


class Disc(NamedTuple):
    """Something that was once handed around with data on it, and how thick it is, in metres."""

    name: str
    size: int
    thick: float


class Height(NamedTuple):
    """Something people know by its height, in metres."""

    name: str
    metres: float


class Comparison(NamedTuple):
    """The large words, and the sentence that goes with them."""

    figure: str
    words: str


THINGS = (
    Thing("pages of a novel", 2 * 10**3),
    Thing("photos from a phone", 3 * 10**6),
    Thing("hours of music", 72 * 10**6),
    Thing("hours of film in HD", HOUR_OF_FILM),
)
FLOPPY, DVD = Disc("floppy disks", 1_474_560, 0.0033), Disc("DVDs", 4_700_000_000, 0.0012)
DVD_FROM = 10**12
HEIGHTS = (
    Height("a matchbox", 0.015),
    Height("a coffee mug", 0.1),
    Height("a kitchen table", 0.75),
    Height("a door", 2),
    Height("a giraffe", 5.5),
    Height("a house of four floors", 12),
    Height("the Leaning Tower of Pisa", 57),
    Height("the Eiffel Tower", 330),
    Height("the Burj Khalifa", 828),
    Height("Mount Everest", 8_849),
    Height("the way up to the edge of space", 100_000),
    Height("the way up to the Space Station", 400_000),
    Height("the way to the Moon", 384_400_000),
)


def amounts_to(count: int) -> Comparison:
    """Bytes as film, music, photos or pages: the largest of which there are at least three."""
    thing = next((each for each in reversed(THINGS) if count >= 3 * each.size), THINGS[0])
    number = count / thing.size
    hours = thing.size == HOUR_OF_FILM and number > LONG_HOURS
    return Comparison(f"{rounded(number)} {thing.name}", f"{_unbroken(number)} without a pause" if hours else "")


def stacked(count: int) -> Comparison | None:
    """Bytes as a stack of discs, and what is about as high; ``None`` for too few to stack."""
    disc = DVD if count >= DVD_FROM else FLOPPY
    height = count / disc.size * disc.thick
    if height < HEIGHTS[0].metres:
        return None
    against = next(each for each in reversed(HEIGHTS) if height >= each.metres)
    return Comparison(f"{_metres(height)} of {disc.name}", f"a stack {_times(height / against.metres)} {against.name}")


def rounded(number: float) -> str:
    """Two digits, which is all that such a comparison can promise: 473 reads 470, 38214 reads 38,000."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= 0.995 * size:
            return f"{_two_digits(number / size)} {word}"
    return _two_digits(number)


def _two_digits(number: float) -> str:
    if number < 9.95:
        return f"{number:.1f}".removesuffix(".0")
    size = 10 ** (len(str(int(number))) - 2)
    return f"{round(number / size) * size:,}"


def _unbroken(hours: float) -> str:
    days = hours / 24
    return f"{rounded(days / DAYS_IN_YEAR)} years" if days > 2 * DAYS_IN_YEAR else f"{rounded(days)} days"


def _metres(height: float) -> str:
    if height < 1:
        return f"{rounded(height * 100)} cm"
    return f"{rounded(height)} m" if height < 2000 else f"{rounded(height / 1000)} km"


def _times(ratio: float) -> str:
    return "as high as" if ratio < 1.15 else f"{rounded(ratio)} times as high as"
