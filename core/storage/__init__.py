"""Where rows live: the tables, their types, the databases, migrations, and the few ways to claim and change a row.

It knows no noun's meaning. The constraints in `tables` are the truth; a use case turns a broken one into a refusal.
"""
