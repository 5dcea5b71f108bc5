"""PURE: money and, later, cycles and plans."""
