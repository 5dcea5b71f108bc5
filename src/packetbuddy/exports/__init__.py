"""PURE: one frozen report becomes CSV, JSON, HTML, Markdown or TOON. Pieces of text, in order, never all at once."""
