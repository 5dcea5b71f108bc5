"""All facts of one installation, in the order in which they must be read."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from packetbuddy.doctor.facts import Facts
from packetbuddy.doctor.looks import books, launcher, machine, monitor, place, python, settings, updates
from packetbuddy.settings.places import Home


class Patient(NamedTuple):
    """What is looked at: a home, and who looks when."""

    home: Home
    environment: Mapping[str, str]
    user_home: Path
    now_ns: int
    version: str


def gather(patient: Patient) -> Facts:
    """Look at everything. Writes nothing, starts nothing of ours, connects to nothing, raises for no fault."""
    home, environment = patient.home, patient.environment
    where = place.look(home, environment, patient.user_home)
    config = settings.look(home.config, environment)
    wanted = config.checked.settings
    facts = Facts(
        now_ns=patient.now_ns,
        version=patient.version,
        zone=machine.zone_of(wanted, environment, patient.now_ns),
        python=python.look(),
        place=where,
        config=config,
        clock=machine.look_at_clock(wanted, environment, patient.now_ns, synchronized=None),
    )
    if where.kind != "folder" or where.foreign:
        return facts
    ledger = books.look(home)
    network = machine.look(wanted)  # after the ledger, or bytes would be missing that it has
    kept = network.reading.at.synchronized if network.reading else None
    return facts._replace(
        clock=facts.clock._replace(synchronized=kept),
        ledger=ledger,
        backups=books.look_at_backups(home),
        network=network,
        monitor=monitor.look(home, environment),
        port=machine.look_at_port(wanted),
        service=monitor.look_at_service(home, environment),
        launcher=launcher.look(home, environment, patient.user_home),
        updates=updates.look(home),
    )
