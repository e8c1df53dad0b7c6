"""The ledger, the catalogue and the money."""
