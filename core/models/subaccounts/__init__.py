"""Parents that can make accounts: one protocol, an adapter each."""
