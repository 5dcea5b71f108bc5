"""Ledger and counters become reports, pending usage included."""
