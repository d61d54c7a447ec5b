"""Lists of codes as people have them: nothing of a line is dropped without a word."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ListUnreadable
from core.rules.code_lists import BadLine, CodeList, decode_list, read_code_list


def read(text: str) -> CodeList:
    return read_code_list(text.splitlines())


def taken(text: str) -> list[tuple[str, int | None]]:
    return [(one.code.canonical, one.uses) for one in read(text).codes]


@pytest.mark.parametrize(
    ("line", "code", "uses"),
    [
        ("SPRING-8A4D-X1", "SPR1NG8A4DX1", None),
        ("SPRING-8A4D-X1;2", "SPR1NG8A4DX1", 2),
        ("SPRING-8A4D-X1\t2", "SPR1NG8A4DX1", 2),
        ("SPRING-8A4D-X1|2", "SPR1NG8A4DX1", 2),
        ("SPRING-8A4D-X1, 2", "SPR1NG8A4DX1", 2),
        ('="SPRING-8A4D-X1"', "SPR1NG8A4DX1", None),
        ('"SPRING-8A4D-X1","2"', "SPR1NG8A4DX1", 2),
        ('"=""SPRING-8A4D-X1""";2', "SPR1NG8A4DX1", 2),
        ("  spring 8a4d x1  ", "SPR1NG8A4DX1", None),
        ("\ufeffSPRING-8A4D-X1;;", "SPR1NG8A4DX1", None),
        ("00123456", "00123456", None),
        ("QWERTZUP", "QWERTZUP", None),
        ("QWERTZUP;2", "QWERTZUP", 2),  # a word in the first line, and no heading: a number stands beside it
        ("=A1B2C3D4", "A1B2C3D4", None),
        ('A1B2C3D4;""', "A1B2C3D4", None),
        ("A1B2C3D4;1", "A1B2C3D4", 1),
        ("A1B2C3D4;1000000", "A1B2C3D4", 1_000_000),
        ("A1B2C3D4;2;", "A1B2C3D4", 2),
    ],
)
def test_a_line_in_any_dress(line, code, uses):
    assert taken(line) == [(code, uses)]


@pytest.mark.parametrize(
    ("heading", "line", "uses", "unused"),
    [
        ("Code;Uses", "A1B2C3D4;3", 3, []),
        ("code,created at,max_uses", "A1B2C3D4,2026-01-01,3", 3, ["created at"]),
        ("兑换码\t次数", "A1B2C3D4\t3", 3, []),
        ("Our spring codes", "A1B2C3D4", None, []),
        ("Gutschein;Anzahl;Notiz", "A1B2C3D4;3;für Anna", 3, ["Notiz"]),
        ("Was auch immer|wie oft", "A1B2C3D4|3", 3, []),
        ("uses;voucher code", "3;A1B2C3D4", 3, []),
        ("Code;Key", "A1B2C3D4;Z9", None, ["Key"]),  # two columns of codes: the second is no number of uses
        ("Code;wie oft", "A1B2C3D4;3", 3, []),
        ("Code;Notiz;Ort", "A1B2C3D4;3;B", None, ["Notiz", "Ort"]),
        ("Wort;Zeichen", "A1B2C3D4;3", 3, []),
        ("My spring list;", "A1B2C3D4", None, []),
        ("My spring list", "A1B2C3D4", None, []),
        ("Список", "A1B2C3D4", None, []),
        ("Liste:", "A1B2C3D4", None, []),
        ("#Liste", "A1B2C3D4", None, []),
        ("Notiz;Code", "für Anna;A1B2C3D4", None, ["Notiz"]),
    ],
)
def test_a_heading_of_any_words(heading, line, uses, unused):
    found = read(f"{heading}\n{line}\n")
    assert [(one.line, one.code.canonical, one.uses) for one in found.codes] == [(2, "A1B2C3D4", uses)]
    assert (found.heading, found.unused, found.bad) == (heading, unused, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1.23457E+12", "scientific_number"),
        ("1,23457E+12", "scientific_number"),
        ('"1,23457E+12";1', "scientific_number"),
        ("1E+15;2", "scientific_number"),
        ("A1B2C3D4;2;for Anna", "extra_columns"),
        ("A1B2C3D4;two", "bad_number"),
        ("A1B2C3D4;0", "bad_number"),
        ("A1B2C3D4;-1", "bad_number"),
        ("A1B2#C3D4", "mistyped_code"),
        ("A1B2/C3D4", "mistyped_code"),
        ("SPRING-8A4D-X1 2", "mistyped_code"),
        ("SPRING-8A4D-X1 x2", "mistyped_code"),
        ("1. A1B2C3D4", "mistyped_code"),
        ("- A1B2C3D4", "mistyped_code"),
        ("春节-A1B2", "mistyped_code"),
        ("Ä1B2C3", "mistyped_code"),
        ("?", "mistyped_code"),
        ('"A1B2C3D4', "mistyped_code"),  # a quote on one side only keeps nothing together
        ("A1B2C3D4'", "mistyped_code"),
        ('A1B2C3D4;"', "bad_number"),
        ("A1B2C3D4;1000001", "bad_number"),
        ("sep=;", "mistyped_code"),  # no word to Excel but in the first line
    ],
)
def test_what_would_be_lost_is_refused_with_the_reason(line, reason):
    assert read(f"Z9Y8X7W6\n{line}").bad == [BadLine(2, reason)]
    assert len(read(f"Z9Y8X7W6\n{line}").codes) == 1


def test_the_line_for_excel_is_no_code():
    found = read("sep=;\nCode;Uses\nA1B2C3D4;2")
    assert [(one.line, one.code.canonical, one.uses) for one in found.codes] == [(3, "A1B2C3D4", 2)]
    assert found.bad == []


def test_a_line_that_ends_before_the_column_of_the_codes():
    assert read("Notiz;Code\nfür Anna\nfür Bob;A1B2C3D4").bad == [BadLine(2, "extra_columns")]


def test_lines_that_read_alike_are_named_with_both():
    found = read("VIP-0001\n\nVIP-OOOI\nVIP-0001")
    assert found.bad == [BadLine(3, "reads_alike", 1), BadLine(4, "repeated_line", 1)]
    assert read("VIP-0001;1\nVIP-OOOI;1").bad == [BadLine(2, "reads_alike", 1)], "whatever stands beside it"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
)
def test_every_encoding_that_spreadsheets_write(encoding):
    text = "兑换码,次数\nA1B2C3D4,2\n"
    if encoding in {"utf-16-le", "utf-16-be"}:
        text = text.replace("兑换码,次数", "Code,Uses")  # without a mark only the zeros of plain letters tell
    assert taken(decode_list(text.encode(encoding))) == [("A1B2C3D4", 2)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Société Générale", "cp1252"),
        ("créée à Besançon – “Zürich”", "cp1252"),
        ("Café", "latin-1"),
        ("蓝队 A组b", "gbk"),
        ("朱镕基 Café", "gb18030"),
        ("𠮷", "gb18030"),
        ("a蓝 c", "gbk"),  # a pair of bytes is within a word only where letters stand on both sides
        ("a 蓝c", "gbk"),
        ("ab 蓝c", "gbk"),
        ("créée", "cp1252"),
    ],
)
def test_names_of_east_and_west_are_told_apart(text: str, encoding: str):
    assert decode_list(f'{{"name": "{text}"}}'.encode(encoding)) == f'{{"name": "{text}"}}'


def test_what_is_in_no_encoding_is_said_to_be_so():
    with pytest.raises(ListUnreadable):
        decode_list(b"\xff\xfe\x00")


@given(st.lists(st.text(max_size=30), max_size=8))
def test_no_line_is_lost(lines):
    lines = [" ".join(line.split()) for line in lines]
    found = read_code_list(lines)
    spoken = [one.line for one in found.codes] + [bad.line for bad in found.bad]
    silent = [number for number, line in enumerate(lines, start=1) if number not in spoken]
    empty = [number for number in silent if not lines[number - 1].strip("\ufeff\t;|, ")]
    assert len(silent) == len(empty) + bool(found.heading)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(ListUnreadable):
        read_code_list(decode_list(content).splitlines())
