"""What sort of interface the kernel describes: its link kind and hardware type become ``Facts.kind``. Pure."""

_TUNNELS = """
    tun wireguard amneziawg ovpn ovpn-dco vxlan geneve bareudp gtp amt pfcp lisp
    gre gretap erspan ip6gre ip6gretap ip6erspan ipip sit ip6tnl ipip6 vti vti6 xfrm l2tp l2tpeth ipoa
"""
_KINDS = {
    "": "hardware",
    "wwan": "hardware",  # LTE and 5G modems of the kernel's WWAN core
    "ipoib": "hardware",  # InfiniBand
    "dsa": "hardware",  # a port of a switch chip
    "failover": "hardware",
    "vlan": "vlan",
    "macsec": "vlan",  # stacked on a parent that carries the same bytes, like a VLAN
    "rmnet": "vlan",  # one channel of a modem's multiplexed link
    "macvlan": "macvlan",
    "macvtap": "macvlan",
    "virt_wifi": "macvlan",
    "ipvlan": "ipvlan",
    "ipvtap": "ipvlan",
    "bond": "bond",
    "team": "team",
    "bridge": "bridge",
    "openvswitch": "bridge",
    "veth": "veth",
    "netkit": "veth",
    "ppp": "ppp",
}
_KINDS |= dict.fromkeys(_TUNNELS.split(), "tunnel")
_KINDS |= dict.fromkeys(("dummy", "ifb", "nlmon", "vsockmon", "vcan", "vxcan", "can"), "local")
"""The last ones lead nowhere: a VPN's kill switch points a default route at a dummy, and what goes there is dropped."""

_NOT_UPPER = frozenset({"vrf"})
"""Masters that are routing domains, not bonds or bridges: their ports keep their own traffic."""

_PPP = frozenset({256, 257, 258, 259, 512})  # SLIP and its kin, PPP
_TUNNEL_TYPES = frozenset({768, 769, 776, 778, 823})  # TUNNEL, TUNNEL6, SIT, IPGRE, IP6GRE
_NO_LINK_LAYER = 65534  # NONE: tun without a driver name, or a modem in raw IP mode
_SOFTWARE_TYPES = frozenset({280, 801, 802, 803, 804, 805, 824, 825, 826})  # CAN, monitor-mode Wi-Fi, netlink monitors
_LOOPBACK_TYPE = 772


def kind_of(driver: str, hardware_type: int, *, has_device: bool) -> str:
    """``Facts.kind`` from IFLA_INFO_KIND (empty where absent), ARPHRD_* type and whether a device is its parent."""
    if hardware_type == _LOOPBACK_TYPE:
        return "loopback"
    if driver:
        return _KINDS.get(driver, "virtual")
    if hardware_type in _PPP:
        return "ppp"
    if hardware_type in _TUNNEL_TYPES or (hardware_type == _NO_LINK_LAYER and not has_device):
        return "tunnel"
    return "virtual" if hardware_type in _SOFTWARE_TYPES else "hardware"


def is_port_of(master_driver: str) -> bool:
    """Whether a port of a master of that link kind (empty where unknown) hands its traffic up to the master."""
    return master_driver not in _NOT_UPPER


_REMOTES = {
    "vxlan": (3, (2, 16)),
    "geneve": (None, (2, 7)),
    "vti": (1, (5,)),
    "vti6": (1, (5,)),
    "xfrm": (1, ()),
} | {
    kind: (1, (numbers,))
    for numbers, kinds in ((7, "gre gretap erspan ip6gre ip6gretap ip6erspan"), (3, "ipip sit ip6tnl ipip6"))
    for kind in kinds.split()
}
"""Where a tunnel's IFLA_INFO_DATA keeps the interface it is bound to, and its remote address (IPv4, IPv6)."""


def tunnel_ends(driver: str) -> tuple[int | None, tuple[int, ...]]:
    """Attribute numbers in IFLA_INFO_DATA: the link that carries the tunnel, and the possible remote addresses."""
    return _REMOTES.get(driver, (None, ()))
