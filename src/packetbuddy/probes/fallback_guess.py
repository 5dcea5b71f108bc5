"""Facts of an interface from sysfs and its name, for a Linux where rtnetlink is refused."""

import os
from collections.abc import Mapping

from packetbuddy.metering.readings import Facts
from packetbuddy.probes.linux_files import read_number, read_text
from packetbuddy.probes.linux_kinds import kind_of

_NAMES = (
    ("loopback", ("lo",)),
    ("veth", ("veth", "vnet", "lxc", "cali")),
    ("bridge", ("docker", "br-", "br0", "virbr", "lxcbr", "lxdbr", "cni0", "podman")),
    ("bond", ("bond",)),
    ("team", ("team",)),
    ("ppp", ("ppp", "wwanppp")),
    ("tunnel", ("tun", "tap", "wg", "tailscale", "zt", "vxlan", "gre", "sit", "ip6tnl", "utun", "ipsec", "nordlynx")),
    ("vlan", ("vlan",)),
    ("macvlan", ("macvlan", "macvtap")),
    ("hardware", ("eth", "en", "wl", "ww", "usb", "ib", "rndis")),
)
_ETHERNET = 1


def guess_facts(name: str, indexes: Mapping[str, int], sysfs: str = "/sys/class/net") -> Facts:
    """The facts of an interface among those whose index is known.

    Sysfs is believed only where its index agrees: inside ``unshare -Urn`` it shows somebody else's interfaces.
    """
    folder = f"{sysfs}/{name}"
    if read_number(f"{folder}/ifindex") != indexes[name]:
        return Facts(kind_from_name(name))
    kind = _kind(name, folder, indexes[name])
    lower = read_number(f"{folder}/iflink")
    stacked = (bool(lower) and lower != indexes[name]) or kind == "veth"
    here = lower in indexes.values() and lower != indexes[name]
    speed = read_number(f"{folder}/speed") if kind == "hardware" else None
    return Facts(
        kind=kind,
        master=read_number(f"{folder}/master/ifindex") or None,
        lower=lower if stacked and here else None,
        lower_elsewhere=stacked and not here,
        running=read_text(f"{folder}/operstate") in {"up", "unknown"} and read_number(f"{folder}/carrier") == 1,
        bytes_per_second=speed * 125_000 if speed is not None and speed > 0 else None,
    )


def kind_from_name(name: str) -> str:
    """``Facts.kind`` as the usual names suggest it."""
    if "." in name:
        return "vlan"
    return next((kind for kind, beginnings in _NAMES if name.startswith(beginnings)), "virtual")


def _kind(name: str, folder: str, index: int) -> str:
    hardware_type = read_number(f"{folder}/type") or 0
    driver = _driver(folder)
    has_device = os.access(f"{folder}/device", os.F_OK)
    known = kind_of(driver, hardware_type, has_device=has_device)
    if driver or has_device or hardware_type != _ETHERNET:
        return known
    # An Ethernet without a device or a declared type is software. One that is bound to another is a veth or its kin.
    guessed = kind_from_name(name)
    if read_number(f"{folder}/iflink") not in {index, 0, None}:
        return "macvlan" if guessed == "macvlan" else "veth"
    # A container's eth0 whose peer elsewhere happens to have the same number looks as if bound to itself.
    return "veth" if guessed == "hardware" else guessed


def _driver(folder: str) -> str:
    """The link kind as far as sysfs tells it: a declared device type, or a tun's own file."""
    if read_text(f"{folder}/tun_flags") is not None:
        return "tun"
    for line in (read_text(f"{folder}/uevent") or "").splitlines():
        key, _, value = line.partition("=")
        if key == "DEVTYPE":
            return {"wlan": "", "gadget": "", "fcoe": "", "mesh": ""}.get(value, value)
    return ""
