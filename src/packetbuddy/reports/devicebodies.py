"""The JSON bodies of devices and of the synchronisation, for the API and ``--json``. Pure."""

from packetbuddy.reports.bodies import Body, Presentation, instant_text, usage_body
from packetbuddy.reports.model import DeviceRow, SyncReport


def devices_body(rows: tuple[DeviceRow, ...], how: Presentation) -> Body:
    """Every device and everything it moved."""
    return {"devices": [_device(row, how) for row in rows]}


def sync_body(report: SyncReport) -> Body:
    """How the synchronisation stands."""
    return {
        "state": report.state,
        "database": report.database,
        "last_try": instant_text(report.last_try),
        "last_success": instant_text(report.last_success),
        "problem": report.problem,
        "devices": report.devices,
    }


def _device(row: DeviceRow, how: Presentation) -> Body:
    return {
        "id": row.id,
        "name": row.name,
        "os": row.os,
        "last_seen": instant_text(row.last_seen),
        "this": row.this,
        "retired": row.retired,
        "accounts": row.accounts,
        "problem": row.refused or None,
        "usage": usage_body(row.usage, how),
    }
