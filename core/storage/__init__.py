"""Where rows live: the tables, their types, the databases, migrations, and the few ways to claim and change a row.

Nothing here knows what a noun means. The constraints in `tables` are the truth; a use case turns a violated one into a
refusal.
"""
