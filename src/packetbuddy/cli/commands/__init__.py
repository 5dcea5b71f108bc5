"""One module per verb; each returns a result that render.py shows."""
