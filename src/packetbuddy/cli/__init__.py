"""The pb command."""
