"""What somebody may still use: wallets, plans, grants and the ledger that explains every balance."""
