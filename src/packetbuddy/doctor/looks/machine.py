"""The counters, the clock and the port of this machine. Connects to nothing."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import tzinfo

from packetbuddy.answers.zone import complaint, is_broken, zone_for
from packetbuddy.doctor.facts import Clock, Network, Port
from packetbuddy.errors import ProbeError, SettingsError
from packetbuddy.metering.uplinks import Choice, resolve
from packetbuddy.probes import open_probe
from packetbuddy.probes.face import Probe
from packetbuddy.probes.neighbours import listeners
from packetbuddy.settings.address import address_of
from packetbuddy.settings.model import Settings

NOTHING = Choice(frozenset(), (), ())


def look(settings: Settings, probe: Callable[[], Probe] = open_probe) -> Network:
    """One reading and what counts by it; the ledger must have been read before."""
    try:
        opened = probe()
    except ProbeError as error:
        return Network(None, str(error), plain=False, choice=NOTHING)
    try:
        reading = opened.look()
        plain = opened.changes() is not None or not sys.platform.startswith("linux")
        return Network(reading, "", plain, resolve(reading.links, reading.routes, settings.monitoring.interface))
    except ProbeError as error:
        return Network(None, str(error), plain=False, choice=NOTHING)
    finally:
        opened.close()


def look_at_port(settings: Settings) -> Port:
    """Who listens at the configured address."""
    address = address_of(settings.api)
    try:
        return Port(address, listeners(address.host, address.port))
    except ProbeError:
        return Port(address, None)


def zone_of(settings: Settings, environment: Mapping[str, str], now_ns: int) -> tzinfo:
    """The zone to tell times in: the configured one, where that can be had, else the local one."""
    try:
        return zone_for(settings.display.timezone, environment, now_ns).rules
    except SettingsError:
        return zone_for("local", environment, now_ns).rules


def look_at_clock(
    settings: Settings, environment: Mapping[str, str], now_ns: int, *, synchronized: bool | None
) -> Clock:
    """The clock that commands see, and the zone that the environment or the system gives them."""
    local = settings.display.timezone == "local"
    return Clock(
        now_ns=now_ns,
        synchronized=synchronized,
        zone_complaint=complaint(environment) if local else "",
        localtime_broken=local and os.name == "posix" and "TZ" not in environment and is_broken(),
    )
