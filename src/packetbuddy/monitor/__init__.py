"""The resident process: poll, account, flush."""
