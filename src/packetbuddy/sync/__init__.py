"""Many devices in one PostgreSQL: one run takes up what changed here and brings what changed elsewhere."""
