"""PURE: the frozen answers everyone shows, and how quantities are written."""
