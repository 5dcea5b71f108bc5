"""A body becomes the bytes of its struct; rows that come one by one are written one by one."""

from collections.abc import Iterator
from typing import get_args

import msgspec

from packetbuddy.api.shapes import Shape
from packetbuddy.reports.bodies import Body


def encoded(body: Body, shape: type[Shape]) -> bytes:
    """JSON of ``body``, checked to be a ``shape``. Values that are iterators are written as lists."""
    long = {name: value for name, value in body.items() if isinstance(value, Iterator)}
    checked = msgspec.convert({**body, **dict.fromkeys(long, ())}, shape)
    if not long:
        return msgspec.json.encode(checked)
    kinds = {
        field.encode_name: get_args(field.type)[0]
        for field in msgspec.structs.fields(shape)
        if field.encode_name in long
    }
    parts = msgspec.to_builtins(checked) | {name: _rows(rows, kinds[name]) for name, rows in long.items()}
    return msgspec.json.encode(parts)


def _rows(rows: Iterator[object], kind: type[Shape]) -> msgspec.Raw:
    written = bytearray(b"[")
    for row in rows:
        written += msgspec.json.encode(msgspec.convert(row, kind))
        written += b","
    if len(written) > 1:
        del written[-1:]
    return msgspec.Raw(written + b"]")
