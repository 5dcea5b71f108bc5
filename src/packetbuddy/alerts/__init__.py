"""The one-run child that looks whether an alert is due and tells it, once."""
