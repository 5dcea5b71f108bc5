"""The JSON body of ``pb top``. Speeds in whole bytes a second, as everywhere. Pure."""

from packetbuddy.reports.bodies import Body, Presentation
from packetbuddy.reports.quantities import speed
from packetbuddy.reports.top import Moved, Talker, Top


def top_body(top: Top, how: Presentation) -> Body:
    """Programs, what has no name, what came and went, and all that the links moved in the same time."""
    return {
        "at": top.at.isoformat(),
        "began": top.began.isoformat(),
        "measured_seconds": round(top.seconds, 3),
        "kinds": top.kinds,
        "sampled": True,
        "everybody": top.everybody,
        "programs": [{"name": each.name, **_talker(each, top, how)} for each in top.talkers],
        "unnamed": _talker(top.unnamed, top, how),
        "brief": {**_talker(top.brief, top, how), "missed": top.missed},
        "links": None if top.links is None else _speeds(top.links, top, how),
    }


def _talker(talker: Talker, top: Top, how: Presentation) -> Body:
    return {
        "pids": list(talker.pids),
        "connections": talker.connections,
        **_speeds(talker.now, top, how),
        "bytes_sent": talker.since.sent,
        "bytes_received": talker.since.received,
        "total_bytes": talker.since.total,
    }


def _speeds(moved: Moved, top: Top, how: Presentation) -> Body:
    sent, received, total = (each / top.seconds for each in (moved.sent, moved.received, moved.total))
    return {
        "bytes_sent_per_second": round(sent),
        "bytes_received_per_second": round(received),
        "total_bytes_per_second": round(total),
        "human_readable": {
            "sent": speed(sent, how.units, how.speed),
            "received": speed(received, how.units, how.speed),
            "total": speed(total, how.units, how.speed),
        },
    }
