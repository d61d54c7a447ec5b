"""A house that has been lived in, and a way to break it by hand as no constraint, key or trigger would let anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.house import House, open_house


@asynccontextmanager
async def lived_in(url: str) -> AsyncIterator[House]:
    """One person invited, one invite unclear, free seats in two teams, an unused code."""
    async with open_house(url, workspaces=2, seats=3) as house:
        first, second, _ = await house.make_codes(3)
        await house.redeem("anna@example.com", first, key="1")
        house.sandbox.set_faults(["applied-then-reset=1"])
        await house.redeem("ben@example.com", second, key="2", wait=0.0)
        house.sandbox.set_faults([])
        yield house


async def plant(house: House, statements: Sequence[str]) -> None:
    """Change rows as no constraint, key or trigger would let anybody."""
    sqlite = house.url.startswith("sqlite")
    words = {
        "long_ago": "1000000" if sqlite else "'2020-01-01+00'",
        "ever": "99999999999999999" if sqlite else "'2999-01-01+00'",
        "false": "0" if sqlite else "false",
        "bytes": "x'00'" if sqlite else r"'\x00'::bytea",
    }
    engine = create_async_engine(house.url, poolclass=sa.NullPool)
    try:
        async with engine.connect() as connection:
            if sqlite:
                await connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                for trigger in ("audit_log_no_update", "audit_log_no_delete"):
                    await connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
            else:
                await connection.exec_driver_sql("SET session_replication_role = replica")
                checks = await connection.exec_driver_sql(
                    "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) "
                    "FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
                )
                for statement in checks.scalars().all():
                    await connection.exec_driver_sql(statement)
            for index in (
                "uq_leases_live_seat",
                "uq_leases_live_address",
                "uq_redemptions_code_address",
                "uq_transfers_live_lease",
                "uq_alerts_open",
            ):
                await connection.exec_driver_sql(f"DROP INDEX {index}")
            for statement in statements:
                await connection.exec_driver_sql(statement.format(**words))
            await connection.commit()
    finally:
        await engine.dispose()
