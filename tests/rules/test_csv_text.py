"""Tables for spreadsheets: what a cell may hold, and what is only shown and never run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.rules.csv_text import csv_line, csv_text, harmless, txt_line


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "|calc", "%0A", "＝1+1", "－1", "⩵1"]
)
def test_what_a_spreadsheet_would_run_gets_a_quote_in_front(text: str):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "bob", "a=1", "1-2", "'=1", " =1", "春", "½", "㏂ +1"])
def test_what_it_only_shows_is_left_as_it_is(text: str):
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (-3, "-3"),  # a number stays one: it needs no guard, and a sum over the column still works
        (2.5, "2.5"),
        ("-3", "'-3"),
        (datetime(2026, 11, 21, 9, 30, tzinfo=UTC), "2026-11-21T09:30:00+00:00"),
        ("a,b", '"a,b"'),
        ('a"b', '"a""b"'),
        ("a\0b", "ab"),
        ("\0=1", "'=1"),  # what is dropped hides no sign behind it
    ],
)
def test_a_cell_of_each_kind(cell: object, written: str):
    assert csv_line(["x", cell, "y"]) == f"x,{written},y\r\n"


def test_a_table_is_its_heading_and_its_rows():
    assert csv_text(["a", "b"], [[1, None], ["x", True]]) == "a,b\r\n1,\r\nx,yes\r\n"
    assert csv_text(["a"], []) == "a\r\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [("TEAM-1", "TEAM-1\n"), ("TE\nAM\r-1\0", "TEAM-1\n"), ("a b", "a b\n"), ("春\u202e节", "春节\n"), ("", "\n")],
)
def test_a_line_of_a_list_stays_one_line(text: str, line: str):
    assert txt_line(text) == line
