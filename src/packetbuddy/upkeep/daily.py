"""The daily upkeep: compact what is old, audit, back up what is sound. One line for each thing worth knowing."""

from datetime import date
from pathlib import Path

from packetbuddy.metering.readings import SECOND
from packetbuddy.metering.slots import slot_of
from packetbuddy.settings.model import Settings
from packetbuddy.settings.places import Home
from packetbuddy.storage.tending import Audit, Tender, prune, sweep, tending

DAY_NS = 86_400 * SECOND


def daily(home: Home, settings: Settings, *, now_ns: int, today: date) -> list[str]:
    """Do the day's upkeep; returns complaints, none for a healthy ledger.

    A ledger with a complaint is not backed up over sound backups.

    Raises:
        LedgerError: it could not be opened or worked on.
        OSError: the backup's folder cannot be written.
    """
    sweep(home.ledger, home.backups, before_ns=now_ns - DAY_NS)
    with tending(home.ledger, home.lock) as tender:
        tender.compact(slot_of(now_ns - settings.storage.detail_days * DAY_NS))
        tender.settle_former()
        audit = tender.audit()
        complaints = _complaints(audit)
        if audit.unequal_days and audit.damage is None:
            tender.mend_days(audit.unequal_days)
        if audit.damage is None and settings.storage.backups > 0:
            complaints += _back_up(tender, home.backups, settings.storage.backups, today)
    return complaints


def _back_up(tender: Tender, folder: Path, keep: int, today: date) -> list[str]:
    target = folder / f"packetbuddy-{today.isoformat()}.db"
    if not tender.backup(target):
        return [f"the backup {target} did not verify and was not kept"]
    prune(folder, keep)
    return []


def _complaints(audit: Audit) -> list[str]:
    found = []
    if audit.damage is not None:
        found.append(f"the ledger is damaged: {audit.damage}; counting goes on, backups are kept as they are")
    if audit.unequal_days:
        found.append(f"totals of {len(audit.unequal_days)} days differed from their slots and were made anew")
    found.extend(f"conservation does not hold for {each}" for each in audit.unbalanced)
    return found
