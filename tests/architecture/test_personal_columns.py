"""No column may hold a person without saying so: the list that is erased and exported from is the schema's."""

from __future__ import annotations

import sqlalchemy as sa

from core.people.personal import BY_NUMBER, KEPT, NOBODY, PERSONAL
from core.storage.all_tables import metadata

TEXT = (sa.String, sa.JSON, sa.LargeBinary)


def _is_text(column: sa.Column[object]) -> bool:
    kind = column.type.impl_instance if isinstance(column.type, sa.TypeDecorator) else column.type
    return isinstance(kind, TEXT)


def test_every_column_of_text_says_whether_it_holds_a_person() -> None:
    there = {
        f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.c if _is_text(column)
    }
    declared = [*PERSONAL, *BY_NUMBER, *KEPT, *NOBODY]
    assert sorted(there - set(declared)) == [], "declare it in core/people/personal.py"
    assert sorted(set(declared) - there) == []
    assert len(declared) == len(set(declared)), "declared twice"
