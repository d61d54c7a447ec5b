"""Which system a file is of, by its tables, and reading it whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from core.command_errors import DamagedFile, UnknownSystem
from core.predecessors.belongings import Belongings
from core.predecessors.old_database import OldDatabase
from core.predecessors.old_secrets import OldSecrets
from core.predecessors.plain_systems import with_accounts, with_keys, with_leases
from core.predecessors.sealed_systems import with_hashes, with_records

Reader: TypeAlias = Callable[[OldDatabase, OldSecrets, ZoneInfo], Belongings]


class System(NamedTuple):
    """`marks` are the tables with the columns that only it has; `zone` is of its moments, None for the machine's."""

    marks: dict[str, tuple[str, ...]]
    zone: str | None
    read: Reader


SYSTEMS: Final[tuple[System, ...]] = (
    System({"gpt_accounts": ("email", "token"), "redemption_codes": ("code", "is_redeemed")}, None, with_accounts),
    System({"redemption_codes": ("code", "team_name")}, None, with_leases),
    System(
        {"teams": ("access_token_encrypted",), "redemption_records": ("email", "code")}, "Asia/Shanghai", with_records
    ),
    System({"access_keys": ("key_code",), "invitations": ("email", "status")}, "UTC", with_keys),
    System({"redeem_codes": ("code_hash",)}, "UTC", with_hashes),
)


def read_system(files: Sequence[Path], secrets: OldSecrets, zone: str | None, local: str) -> Belongings:
    """Everything that the files hold. `zone` overrules the system's own, `local` is where it is the machine's.

    Raises: UnknownSystem (facts: file, tables), DamagedFile, OSError.
    """
    with OldDatabase(files) as old:
        for system in SYSTEMS:
            if all(old.has(table, *columns) for table, columns in system.marks.items()):
                chosen = zone or system.zone or local
                return replace(system.read(old, secrets, ZoneInfo(chosen)), zone=chosen)
        if not old.columns:
            raise DamagedFile(file=files[0].name)
        raise UnknownSystem(file=files[0].name, tables=sorted(old.columns)[:20])
