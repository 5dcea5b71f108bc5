"""What a restored ledger takes back of its own days: what it lacks, where the shared database saw more."""

from packetbuddy.metering.quarters import EMPTY, Quarter, UtcDay


def lacking(mine: UtcDay, theirs: UtcDay, *, final: int) -> list[tuple[int, Quarter]]:
    """Quarters (numbered since 1970) before ``final``, with the bytes to add and the seconds that are observed then.

    After ``final`` the counters may still tell it by themselves. A quarter that holds estimated bytes is left as it is:
    they were spread over it, and what the database knows of it is among them.
    """
    known = dict(mine.held())
    both = ((number, known.get(number, EMPTY), there) for number, there in theirs.held() if number < final)
    return [
        (number, _lack(here, there))
        for number, here, there in both
        if there.observed > here.observed and not here.estimated
    ]


def _lack(here: Quarter, there: Quarter) -> Quarter:
    return Quarter(
        max(0, there.rx - here.rx),
        max(0, there.tx - here.tx),
        max(0, there.estimated - here.estimated),
        there.peak,
        there.observed,
    )
