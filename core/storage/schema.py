"""What the tables of both wings share: one `MetaData`, one naming scheme, a few kinds of column."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, Integer, text

from core.storage.column_types import Id

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def number() -> Column[int]:
    """The number of a row."""
    return Column("id", Id, primary_key=True, autoincrement=True)


def flag(name: str, default: bool) -> Column[bool]:
    """Yes or no."""
    return Column(
        name, sa.Boolean, nullable=False, default=default, server_default=sa.true() if default else sa.false()
    )


def count(name: str, default: int = 0) -> Column[int]:
    """A small whole number that is never null."""
    return Column(name, Integer, nullable=False, default=default, server_default=str(default))


def amount(name: str, default: int = 0) -> Column[int]:
    """Micro-credits, or tokens: a 64-bit whole number that is never null."""
    return Column(name, sa.BigInteger, nullable=False, default=default, server_default=str(default))


def states(column: str, *words: str) -> CheckConstraint:
    """The words that a column may hold."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index of only the rows for which `where` holds."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), info={"where": where})
