"""The one-run child that compacts, backs up and audits the ledger."""
