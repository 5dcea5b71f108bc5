"""What a file is, by what is in it, never by its name; opened so that nothing in its place can hurt."""

import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from packetbuddy.errors import ImportFileError
from packetbuddy.imports import days, former, vnstat
from packetbuddy.imports.source import Asked, Source
from packetbuddy.storage.foreign import Visitor, visiting
from packetbuddy.storage.predecessor import TABLES as FORMER_TABLES

SQLITE = b"SQLite format 3\x00"
LARGEST_TEXT = 16 << 20
"""Ten years of our JSON are a fifth of this; so much may be held in memory."""
DEEPEST = 20
"""Brackets within brackets; vnStat and we need seven."""
KNOWN = "`pb import` reads databases of PacketBuddy 1.x and vnStat 2, `vnstat --json`, and our own CSV and JSON"


class _Shape(msgspec.Struct):
    """Enough of a JSON file to tell what it is."""

    vnstatversion: msgspec.Raw = msgspec.Raw()
    days: msgspec.Raw = msgspec.Raw()
    data: msgspec.Raw = msgspec.Raw()


@contextmanager
def recognised(path: Path, asked: Asked) -> Iterator[Source]:
    """The file as a source of usage; open as long as the ``with`` lasts.

    Raises:
        ImportFileError: it cannot be read, is not known, or does not hold what it should; one line that names it.
    """
    try:
        descriptor = _opened(path)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor is no path
            magic = file.read(len(SQLITE))
            content = b"" if magic == SQLITE else magic + file.read(LARGEST_TEXT)
        if magic != SQLITE:
            yield _of_text(content, asked)
            return
        with visiting(path) as visitor:
            yield _of_database(visitor, asked)
    except ImportFileError as exc:
        name = str(path)
        raise ImportFileError(str(exc) if name in str(exc) else f"{name}: {exc}", exc.hint) from exc


def _opened(path: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as exc:
        raise ImportFileError("there is no such file", "Look at its name") from exc
    except OSError as exc:
        raise ImportFileError(f"it cannot be opened: {exc.strerror}", "Nothing was imported") from exc
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ImportFileError("it is not a file", KNOWN)
    return descriptor


def _of_database(visitor: Visitor, asked: Asked) -> Source:
    if visitor.is_ledger():
        raise ImportFileError(
            "it is a PacketBuddy ledger", "`pb restore FILE` puts it in place; `pb export` makes what can be added"
        )
    tables = visitor.tables()
    if all(columns <= tables.get(name, frozenset()) for name, columns in FORMER_TABLES.items()):
        return former.of_database(visitor, asked)
    if tables.keys() >= vnstat.TABLES:
        return vnstat.of_database(visitor, asked)
    raise ImportFileError("it is another program's database", KNOWN)


def _of_text(content: bytes, asked: Asked) -> Source:
    if len(content) > LARGEST_TEXT:
        raise ImportFileError(f"it is larger than {LARGEST_TEXT >> 20} MiB, which no export is", KNOWN)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ImportFileError("it is not known", KNOWN) from exc
    if text.lstrip()[:1] == "{":
        return _of_json(text, asked)
    header = {name.strip().lower() for name in text.partition("\n")[0][:1000].split(",")}
    if header >= set(days.NEEDED):
        return days.of_csv(io.StringIO(text, newline=""), asked)
    raise ImportFileError("it is not known", KNOWN)


def _of_json(text: str, asked: Asked) -> Source:
    _refuse_depth(text)
    try:
        shape = msgspec.json.decode(text, type=_Shape)
        if bytes(shape.vnstatversion):
            return vnstat.of_text(msgspec.json.decode(text, type=vnstat.Printed), asked)
        if bytes(shape.days):
            return days.of_json(msgspec.json.decode(text, type=days.Days), asked)
        if bytes(shape.data):  # what `pb month --json` and its like print
            return days.of_json(msgspec.json.decode(shape.data, type=days.Days), asked)
    except msgspec.MsgspecError as exc:
        raise ImportFileError(f"it is no JSON that is known: {exc}", "Nothing was imported") from exc
    raise ImportFileError("it is no JSON that is known", KNOWN)


def _refuse_depth(text: str) -> None:
    """The decoder would stop too, but far down the stack."""
    depth = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', text, re.DOTALL):
        if mark[0] in {"[", "{"}:
            depth += 1
        elif mark[0] in {"]", "}"}:
            depth -= 1
        if depth > DEEPEST:
            raise ImportFileError("it is nested more deeply than anything that is known", "Nothing was imported")
