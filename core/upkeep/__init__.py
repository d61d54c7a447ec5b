"""What keeps an installation well: keys changed, backups, figures folded, old rows forgotten, a clock that jumped.

It may import teams, people and what is below; no noun waits for it.
"""
