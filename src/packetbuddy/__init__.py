"""PacketBuddy counts every internet byte of a computer exactly once."""

__version__ = "2.0.0"
