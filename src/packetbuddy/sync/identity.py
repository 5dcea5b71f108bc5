"""Which device this ledger is: its identity is random and its own, and a copy that counts elsewhere takes another."""

from typing import NamedTuple
from uuid import uuid4

from packetbuddy.errors import SyncBusyError
from packetbuddy.metering.quarters import EMPTY, Quarter
from packetbuddy.metering.slots import QUARTER, slot_of
from packetbuddy.storage.far import Sharing, Standing
from packetbuddy.storage.reader import Reader
from packetbuddy.sync.local import Local, write_identity, written_identity


class Facts(NamedTuple):
    """What is true of this machine now. ``machine`` is a hash of its identity, empty where it has none."""

    machine: str
    name: str
    os: str
    now_ns: int


def identify(local: Local, facts: Facts) -> Standing:
    """Find out who we are, or become somebody.

    Raises:
        SyncBusyError: the ledger comes from another machine and nothing was counted into it here yet.
    """
    written = written_identity(local.home)
    with local.reading() as reader:
        before = Sharing(reader).standing()
        standing = _standing(reader, written, facts)
    if standing != before:
        with local.changing() as syncer:
            standing = _standing(syncer.reader, written, facts)
            syncer.keep(standing)
    if standing.device != written:
        write_identity(local.home, standing.device)
    return standing


def another(local: Local) -> Standing:
    """Become another device from the last acknowledged quarter on: a copy of us goes by our name and lives."""
    with local.changing() as syncer:
        standing = syncer.sharing.standing() or Standing("", "")
        edge = (standing.edge, Quarter(standing.edge_rx, standing.edge_tx, standing.edge_estimated))
        standing = _begun(standing, standing.machine, edge)._replace(alone=1)
        syncer.keep(standing)
    write_identity(local.home, standing.device)
    return standing


def _standing(reader: Reader, written: str | None, facts: Facts) -> Standing:
    standing = Sharing(reader).standing()
    if standing is None:
        return Standing(written or str(uuid4()), facts.machine, name=facts.name)
    if not (facts.machine and standing.machine) or facts.machine == standing.machine:
        return standing._replace(machine=standing.machine or facts.machine)
    return _begun(standing, facts.machine, _where_it_began(reader))._replace(name=facts.name)


def _where_it_began(reader: Reader) -> tuple[int, Quarter]:
    """The quarter in which the ledger began to count here, and what it held before.

    Raises:
        SyncBusyError: it has not yet.
    """
    began_ns = Sharing(reader).became_ns()
    if began_ns is None:
        raise SyncBusyError(
            "sync: this ledger comes from another machine", "it is synchronised once something was counted here"
        )
    slot = slot_of(began_ns)
    quarter = slot // QUARTER
    before = reader.total(reader.series(None), quarter * QUARTER, slot)
    return quarter, EMPTY._replace(rx=before.rx, tx=before.tx, estimated=before.estimated)


def _begun(standing: Standing, machine: str, cut: tuple[int, Quarter]) -> Standing:
    """Another device from a quarter on; what was pulled stays."""
    return Standing(
        str(uuid4()),
        machine,
        cut=cut[0],
        cut_rx=cut[1].rx,
        cut_tx=cut[1].tx,
        cut_estimated=cut[1].estimated,
        name=standing.name,
        edge=cut[0],
        edge_rx=cut[1].rx,
        edge_tx=cut[1].tx,
        edge_estimated=cut[1].estimated,
        pulled=standing.pulled,
        generation=standing.generation + 1,
        tried_ns=standing.tried_ns,
        done_ns=standing.done_ns,
    )
