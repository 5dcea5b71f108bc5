"""An export as an answer: written to a file first, so that it holds no lock and no memory while a slow reader reads."""

from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, cast

from packetbuddy import __version__
from packetbuddy.answers.history import Bounds, Maker
from packetbuddy.api.desk import Desk
from packetbuddy.api.large import LARGE_BYTES, Stored
from packetbuddy.api.queries import ExportQuery, check_days
from packetbuddy.errors import PacketBuddyError

if TYPE_CHECKING:
    from packetbuddy.answers.export import Export


def export(desk: Desk, query: ExportQuery) -> Stored:
    """The same file, to the byte, that ``pb export`` writes at the same instant.

    Raises:
        WrongUsageError: the parameters cannot be meant together.
        PacketBuddyError: there is no room for the file.
    """
    asking = desk.ask(query.interface, query.device)
    for_check = [day for day in (query.first, query.last) if day is not None]
    if for_check:
        check_days(for_check[0], for_check[-1])
    from packetbuddy.answers.export import exported, order  # noqa: PLC0415 - most never ask, and the page stays small

    wanted = order(query.format, dialect=query.dialect, bounds=Bounds(query.first, query.last), year=query.year)
    maker = Maker(None if query.redact else desk.facts.hostname, __version__)
    with exported(asking.question, asking.how, wanted, maker) as made:
        return _stored(made)


def _stored(made: "Export") -> Stored:
    file = cast("IO[bytes]", SpooledTemporaryFile(LARGE_BYTES))  # noqa: SIM115 - it is sent after this returns
    try:
        size = sum(file.write(piece.encode()) for piece in made.pieces)
        file.seek(0)
    except OSError as error:
        file.close()
        raise PacketBuddyError(f"the export could not be written: {error.strerror or error}") from error
    headers = {
        "content-type": made.kind.media,
        "content-disposition": f'attachment; filename="{made.name}"',
        "content-length": str(size),
    }
    return Stored(file, size, [(name.encode(), value.encode()) for name, value in headers.items()])
