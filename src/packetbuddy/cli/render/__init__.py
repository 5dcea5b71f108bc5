"""Answers become lines for a terminal. Pure: value and paper in, lines out."""
