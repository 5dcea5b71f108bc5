"""PURE: counter readings become usage."""
