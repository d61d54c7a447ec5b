"""Who somebody is: identities on several platforms, one person behind them, a role, a language, and what is forgotten.

It may import rules and storage; everything that has a holder stands on it.
"""
