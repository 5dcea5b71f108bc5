"""Foreign files become usage of the ledger: recognised, read, and placed where nobody has counted yet."""
