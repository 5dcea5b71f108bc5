"""PURE. Who is who in the shared database, what can be believed of it, and what becomes of days that exist twice."""
