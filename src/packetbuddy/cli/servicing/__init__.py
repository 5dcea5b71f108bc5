"""What ``pb service`` and ``pb watchdog`` are made of."""
