"""How the monitor is kept running: adapters with five verbs."""
