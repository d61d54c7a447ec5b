"""How a database becomes what `tables` says: Alembic, and what revisions share."""
