"""Alembic's entry: the connection is handed over by `core.storage.migrate`."""

from __future__ import annotations

from alembic import context

from core.storage.all_tables import for_migrations

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=for_migrations(),
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
