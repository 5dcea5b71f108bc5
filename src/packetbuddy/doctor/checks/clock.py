"""The wall clock and the local zone."""

from collections.abc import Iterator
from datetime import UTC, datetime

from packetbuddy.doctor.facts import Facts
from packetbuddy.doctor.findings import BROKEN, NOTE, WARNING, Finding
from packetbuddy.metering.epochs import RELEASE_NS
from packetbuddy.metering.readings import SECOND

NAME = "clock"
KEEP = "Turn a time service on: `timedatectl set-ntp true`, or chrony or ntpd"


def check(facts: Facts) -> Iterator[Finding]:
    """A clock from before this program existed, one that nobody keeps, a zone that is none."""
    clock = facts.clock
    if clock.now_ns < RELEASE_NS:
        when = datetime.fromtimestamp(clock.now_ns // SECOND, UTC)
        text = f"The clock says {when:%Y-%m-%d}, which is before this version of PacketBuddy existed."
        yield Finding(NAME, BROKEN, text, f"Set it. {KEEP}; what was counted meanwhile is moved to where it belongs")
    elif clock.synchronized is False:
        text = "No time service keeps this machine's clock, as far as the system knows."
        yield Finding(NAME, NOTE, text, f"{KEEP}; where the clock is right all the same, nothing is wrong")
    if clock.zone_complaint:
        remedy = (
            "Unset TZ, or set it to a name such as Asia/Kolkata; `pb config set display.timezone NAME` overrules it"
        )
        yield Finding("zone", WARNING, f"{clock.zone_complaint}.", remedy)
    if clock.localtime_broken:
        text = "/etc/localtime holds no rules of a time zone, so that local times are those of UTC."
        remedy = "`timedatectl set-timezone NAME`, or `pb config set display.timezone NAME`"
        yield Finding("zone", WARNING, text, remedy)
