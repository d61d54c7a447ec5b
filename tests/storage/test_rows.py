"""The types of rows are the tables' own: no column is in one of them alone, and each has the type that is read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, get_type_hints

import pytest
import sqlalchemy as sa

from core.storage import chat_tables, rows, talk_rows, talk_tables
from core.storage import tables as t
from core.storage.column_types import Json, Moment

TABLES: dict[type[object], sa.Table] = {
    rows.JobRow: t.jobs,
    rows.LeaseRow: t.leases,
    rows.RedemptionRow: t.redemptions,
    rows.RemovalRow: t.removals,
    rows.SeatRow: t.seats,
    rows.SourceRow: talk_tables.sources,
    rows.TeamRow: t.teams,
    rows.TransferRow: t.transfers,
    talk_rows.AttachmentRow: chat_tables.attachments,
    talk_rows.CallRow: talk_tables.calls,
    talk_rows.ConversationRow: chat_tables.conversations,
    talk_rows.KeyRow: talk_tables.keys,
    talk_rows.MessageRow: chat_tables.messages,
    talk_rows.ModelRow: talk_tables.models,
    talk_rows.TurnRow: chat_tables.turns,
    talk_rows.WalletRow: talk_tables.wallets,
}


@pytest.mark.parametrize("row", TABLES, ids=lambda row: row.__name__)
def test_a_row_has_what_its_table_has(row: type[object]) -> None:
    assert get_type_hints(row) == {column.name: _read_as(column) for column in TABLES[row].c}


def _read_as(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, Json):
        return Any
    kinds = {Moment: datetime, sa.Boolean: bool, sa.LargeBinary: bytes, sa.Integer: int, sa.Float: float}
    kind = next((read for kind, read in kinds.items() if isinstance(column.type, kind)), str)
    return kind | None if column.nullable else kind
