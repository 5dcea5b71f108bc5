"""Properties of uplink resolution that hold for any graph of interfaces, also for impossible ones."""

import random

from hypothesis import given
from hypothesis import strategies as st

from packetbuddy.metering import routing
from packetbuddy.metering.readings import Facts, Link, Route
from packetbuddy.metering.uplinks import Selection, resolve
from unit.topologies import NOTHING, route

KINDS = ("hardware", "loopback", "veth", "vlan", "macvlan", "bond", "bridge", "ppp", "tunnel", "local", "virtual")
ADDRESSES = (None, "203.0.113.7", "198.51.100.1", "2001:db8::1", "nonsense")
PREFIXES = (
    "0.0.0.0/0",
    "0.0.0.0/1",
    "::/0",
    "8000::/1",
    "203.0.113.7/32",
    "203.0.0.0/8",
    "2001:db8::/32",
    "10.0.0.0/8",
)

ids = st.none() | st.integers(1, 9)
facts = st.builds(
    Facts,
    st.sampled_from(KINDS),
    master=ids,
    lower=ids,
    lower_elsewhere=st.booleans(),
    outer=st.sampled_from(ADDRESSES),
    running=st.booleans(),
)
graphs = st.lists(facts, max_size=8).map(
    lambda made: tuple(Link(at, f"{each.kind[:3]}{at}", NOTHING, each) for at, each in enumerate(made, 1))
)
tables = st.lists(
    st.builds(
        lambda prefix, at, via, metric, table: route(prefix, at, via=via, metric=metric, table=table),
        st.sampled_from(PREFIXES),
        st.integers(1, 9),
        st.booleans(),
        st.integers(0, 2),
        st.sampled_from((52, 254)),
    ),
    max_size=8,
).map(tuple)
selections = st.none() | st.lists(
    st.sampled_from(("*", "har*", "tun?", "loo*", "bon3", "veth1", "loo1", "tun2", "gone")), max_size=3
).map(tuple)


def stacked(links: tuple[Link, ...]) -> set[tuple[int, int]]:
    """Pairs (upper, lower) by an independent reading of the facts: parents and bonds' ports, transitively."""
    known = {each.identity: each for each in links}
    pairs: set[tuple[int | None, int | None]]
    pairs = {(at, each.facts.lower) for at, each in known.items() if not each.facts.lower_elsewhere}
    pairs |= {(each.facts.master, at) for at, each in known.items()}
    closed = {
        (upper, lower)
        for upper, lower in pairs
        if upper in known
        and lower in known
        and (known[lower].facts.master != upper or known[upper].facts.kind in {"bond", "team", "hardware"})
        and known[lower].facts.kind not in {"loopback", "local"}
    }
    while more := {(a, d) for a, b in closed for c, d in closed if b == c} - closed:
        closed |= more
    return closed


@given(graphs, st.none() | tables)
def test_never_two_that_lie_on_each_other(links: tuple[Link, ...], routes: tuple[Route, ...] | None) -> None:
    """In auto no counted interface lies, however deep, on another counted one."""
    chosen = resolve(links, routes, None).counted
    assert not {(a, b) for a, b in stacked(links) if a in chosen and b in chosen and a != b}


@given(graphs, st.none() | tables)
def test_never_loopback(links: tuple[Link, ...], routes: tuple[Route, ...] | None) -> None:
    """In auto loopback and AirDrop never count, whatever the routes say."""
    kinds = {made.kind for made in resolve(links, routes, None).decisions if made.counted}
    assert not kinds & {"loopback", "local"}


@given(graphs, tables, selections, st.integers())
def test_order_does_not_matter(
    links: tuple[Link, ...], routes: tuple[Route, ...], selection: Selection, seed: int
) -> None:
    """Links and routes in another order give the same choice."""
    dice = random.Random(seed)
    other_links, other_routes = list(links), list(routes)
    dice.shuffle(other_links)
    dice.shuffle(other_routes)
    assert resolve(links, routes, selection) == resolve(other_links, other_routes, selection)


@given(graphs, st.none() | tables, selections)
def test_every_link_is_decided_once_with_a_reason(
    links: tuple[Link, ...], routes: tuple[Route, ...] | None, selection: Selection
) -> None:
    """Each link has one decision with a reason, sorted by name, and the counted ones are those decided so."""
    choice = resolve(links, routes, selection)
    assert [made.name for made in choice.decisions] == sorted(each.name for each in links)
    assert {made.identity for made in choice.decisions} == {each.identity for each in links}
    assert choice.counted == {made.identity for made in choice.decisions if made.counted}
    assert all(made.reason and len(made.reason) < 160 for made in choice.decisions)


@given(graphs, tables)
def test_something_counts_whenever_a_default_route_leads_out(
    links: tuple[Link, ...], routes: tuple[Route, ...]
) -> None:
    """No byte is lost by dropping: a usable default route always leaves something that counts."""
    usable = {each.identity for each in links if each.facts.kind not in {"loopback", "local"}}
    leads_out = any(routing.is_default(each) and each.link in usable for each in routes)
    assert bool(resolve(links, routes, None).counted) == leads_out
