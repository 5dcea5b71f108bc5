"""The only room that asks the machine: counters, routes, clocks, identities, power."""

import sys

from packetbuddy.probes.face import Probe


def open_probe() -> Probe:
    """Open the probe of this operating system.

    Raises:
        ProbeError: the system offers no way to read its counters.
    """
    if sys.platform == "win32":
        from packetbuddy.probes.windows import WindowsProbe as Chosen  # noqa: PLC0415 - only one platform's file loads
    elif sys.platform == "darwin":
        from packetbuddy.probes.macos import MacProbe as Chosen  # noqa: PLC0415 - same
    else:
        from packetbuddy.probes.linux import open_linux as Chosen  # noqa: N812, PLC0415 - same
    return Chosen()
