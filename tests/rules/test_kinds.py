"""Pictures, files and names that come with a question."""

from __future__ import annotations

import pytest

from core.rules.kinds import begins_like_no_text, image_type, plain_name, quoted, reads_like_text

PNG = b"\x89PNG\r\n\x1a\n"
WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt "


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (PNG + b"...", "image/png"),
        (PNG, "image/png"),
        (PNG[:-1], None),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"GIF88a", None),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (WAVE, None),
        (b"RIFF\x24\x00\x00WEBP", None),
        (b"", None),
    ],
)
def test_a_picture_is_told_by_how_it_begins(content: bytes, media: str | None):
    assert image_type(content) == media


@pytest.mark.parametrize(
    ("content", "binary"),
    [(b"%PDF-1.7", True), (b"PK\x03\x04", True), (b"OggS", True), (b"GIF89a", True), (b"", False), (b"% PDF", False)],
)
def test_a_document_or_a_picture_is_no_text(content: bytes, binary: bool):
    assert begins_like_no_text(content) is binary


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("plain\ttext\r\n\f", True),
        ("\x1b[1mbold\x1b[0m", True),
        ("\ufeff春", True),
        ("", True),
        ("a\x00b", False),
        ("a\x07", False),
        ("a\x85b", False),  # a byte of another kind that a Western decoder lets through
        ("a\ufffdb", False),
    ],
)
def test_text_has_no_bytes_of_another_kind(text: str, reads: bool):
    assert reads_like_text(text) is reads


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("notes.txt", "notes.txt"),
        ("/srv/ann/notes.txt", "notes.txt"),
        ("C:\\Users\\ann\\notes.txt", "notes.txt"),
        ("a/b\\c.txt", "c.txt"),
        ("a\nb\u202e.txt", "ab.txt"),
        ('the "best" `code`.py', "the best code.py"),
        ("  many   blanks .txt ", "many blanks .txt"),
        ("folder/", ""),
        ("x" * 101, "x" * 100),
    ],
)
def test_the_name_of_a_file_is_one_plain_line(name: str, plain: str):
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("text", "fence"),
    [
        ("plain", "```"),
        ("a `b` c", "```"),
        ("two `` of them", "```"),
        ("```\ncode\n```", "````"),
        ("` `` ` ```` `", "`````"),
        ("````", "`````"),
        ("``x``", "```"),  # two runs of two are no run of four
    ],
)
def test_a_file_is_fenced_by_more_ticks_than_it_holds(text: str, fence: str):
    assert quoted("a.md", text + " \n") == f"a.md:\n{fence}\n{text}\n{fence}"
