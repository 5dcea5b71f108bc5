"""Frozen settings, the places of the home, loading the file."""
