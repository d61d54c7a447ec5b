"""What keeps an installation in order: key changes, backups, folded figures, old rows deleted, clocks that jumped.

This folder may import teams, people and the layers below; no noun depends on it.
"""
