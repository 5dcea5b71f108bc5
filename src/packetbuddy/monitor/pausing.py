"""``pb service stop --pause``: a last look, from which on nothing is counted until the next start.

What moved up to that look is booked, to the byte, in the transaction that also says that counting rests: whenever this
is cut short, either nothing has happened or all of it.
"""

import time

from packetbuddy import __version__
from packetbuddy.errors import LedgerBusyError
from packetbuddy.metering.books import PAUSED
from packetbuddy.metering.meter import Meter
from packetbuddy.monitor.ledger import Opened, open_ledger
from packetbuddy.monitor.log import Log
from packetbuddy.monitor.main import meter_for
from packetbuddy.monitor.tuning import Tuning, pace
from packetbuddy.probes import open_probe
from packetbuddy.settings.places import Home
from packetbuddy.storage.lock import Lock
from packetbuddy.storage.writer import Beat, Flush


def pause(home: Home) -> bool:
    """Rest from now on; false where nothing was ever counted, so that nothing would be left out.

    Raises:
        LockHeldError: a monitor counts.
        LedgerError: it could not be written.
        ProbeError: the counters could not be read; nothing has changed.
    """
    if not home.ledger.exists():
        return False
    lock = Lock(home.lock)
    lock.acquire()
    try:
        opened = open_ledger(home, Log(home.stderr_log), wait=lambda: True)
        if opened is None:
            raise LedgerBusyError("the ledger is locked or its disk is full", "try again")
        try:
            _rest(home, opened)
        finally:
            opened.writer.close()
    finally:
        lock.release()
    return True


def _rest(home: Home, opened: Opened) -> None:
    if opened.books.machine == PAUSED:
        return
    tuning = Tuning(home.config)
    meter, probe = meter_for(tuning, opened), open_probe()
    try:
        meter.look(probe.look())
    finally:
        probe.close()
    meter.pause()
    kinds = {each.name: each.kind for each in meter.choice.decisions}
    opened.writer.commit(Flush(meter.harvest(), meter.books, kinds, _beat(tuning, meter)))


def _beat(tuning: Tuning, meter: Meter) -> Beat:
    at, now = pace(tuning.settings, battery=False), time.time_ns()
    started = meter.books.at.wall_ns if meter.books.at else now
    return Beat(__version__, started, at.poll_ns, at.write_ns, None, stopped_ns=now)
