"""Reading lists of codes that other systems and spreadsheets wrote: any encoding, any separator, nothing dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from core.errors import ListUnreadable, Mistyped
from core.rules.codes import CodeText, read_imported

MOST_USES: Final = 1_000_000
_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SEPARATORS: Final = ("\t", ";", "|", ",")
_NUMBER: Final = re.compile(r'"?\d(?:[.,]\d+)?E\+?\d{1,3}"?', re.IGNORECASE)
_SAYS_SEPARATOR: Final = re.compile(r"sep=(?:\S|\t)?", re.IGNORECASE)
"""The line by which a list tells Excel its separator."""
_LISTED: Final = re.compile(r"\d{1,5}\.\s|[-\u2013\u2014]\s")
_COUNTED: Final = re.compile(r"[0-9A-Za-z]\s+x?\d{1,3}$", re.IGNORECASE)
_CODE_NAMES: Final = frozenset(
    "code codes coupon coupons voucher vouchers key keys token serial cdk cdkey pin license licence gutschein gutscheincode "
    "gutscheinnummer nummer código codigo clave 兑换码 激活码 卡密 卡号 序列号 兑换代码 邀请码 码 代码 優惠碼 兌換碼".split()
)
_USES_NAMES: Final = frozenset(
    "uses use max_uses maxuses count quantity qty amount number limit anzahl menge usos 次数 数量 可用次数 使用次数 份数".split()
)


@dataclass(frozen=True, slots=True)
class ListedCode:
    """A code of a list, with the line it stands on and the uses given there, if any."""

    line: int
    code: CodeText
    uses: int | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not taken. `reason` is a key; `other` is the line it clashes with."""

    line: int
    reason: str
    other: int | None = None


@dataclass(slots=True)
class CodeList:
    """What a list holds. `heading` is the line taken for a heading; `unused` are its columns that are not kept."""

    codes: list[ListedCode]
    bad: list[BadLine]
    heading: str = ""
    unused: list[str] = field(default_factory=list)


_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_FOUR_BYTES = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]")
"""A character of GB 18030 that GBK does not have."""
_UNDEFINED = frozenset(b"\x81\x8d\x8f\x90\x9d")
"""The bytes that Windows-1252 gives no character."""


def decode_list(content: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else UTF-16 without a mark, else what it reads like.

    That is Windows-1252 where letters beyond ASCII stand singly among others, GB 18030 otherwise.

    Raises: ListUnreadable.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding)
    if b"\x00" in content[:64]:
        return _decoded(content, "utf-16-le" if content[1:2] == b"\x00" else "utf-16-be")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded(content, "cp1252" if _is_western(content) else "gb18030")


def _is_western(content: bytes) -> bool:
    """In Chinese text, bytes beyond ASCII come in pairs; a Western accent stands alone, or second in a word."""
    if _FOUR_BYTES.search(content) is not None or not _UNDEFINED.isdisjoint(content):
        return False
    return all(
        len(run[0]) == 1 or (len(run[0]) == 2 and _inside_a_word(content, *run.span()))
        for run in _BEYOND_ASCII.finditer(content)
    )


def _inside_a_word(content: bytes, start: int, end: int) -> bool:
    return content[:start][-1:].islower() and content[end : end + 1].islower()


def read_code_list(lines: Iterable[str]) -> CodeList:
    """Codes one per line, alone or in the first columns of a table, with an optional number of uses.

    The separator is a tab, a semicolon, a bar or a comma; a heading is recognised by its words. Anything else makes a
    line bad, unless a heading names that column: nothing is ever left out silently.
    """
    found = CodeList([], [])
    seen: dict[str, tuple[int, str]] = {}
    heading: _Heading | None = None
    first = True
    for number, line in _numbered(lines):
        fields = _fields(line)
        if first:
            first = False
            heading = _heading(fields)
            if heading is not None:
                found.heading, found.unused = line, heading.unused
                continue
        read = _read(number, line, fields, heading)
        if isinstance(read, BadLine):
            found.bad.append(read)
            continue
        written = fields[heading.code if heading else 0]
        if (before := seen.get(read.code.canonical)) is not None:
            reason = "repeated_line" if before[1] == written else "reads_alike"
            found.bad.append(BadLine(number, reason, before[0]))
            continue
        seen[read.code.canonical] = (number, written)
        found.codes.append(read)
    return found


@dataclass(frozen=True, slots=True)
class _Heading:
    code: int
    uses: int | None
    width: int
    unused: list[str]


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, start=1):
        plain = line.strip("\ufeff\r\n ")
        if plain.strip("\t;|, ") and not (number == 1 and _SAYS_SEPARATOR.fullmatch(plain)):
            yield number, plain


def _fields(line: str) -> list[str]:
    """The columns of a line. Quotes around one go, and so does the `="…"` by which Excel keeps a text a text."""
    if _NUMBER.match(line):
        return [line]
    separator = next((one for one in _SEPARATORS if one in line), None)
    parts = line.split(separator) if separator else [line]
    return [_bare(part) for part in parts]


def _bare(column: str) -> str:
    plain = column.strip()
    if plain.startswith("="):
        plain = plain[1:].strip()
    while len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'":
        plain = plain[1:-1].replace('""', '"').strip()
    if plain.startswith('="') and plain.endswith('"'):
        plain = plain[2:-1]
    return plain


def _heading(fields: list[str]) -> _Heading | None:
    """The columns that the first line names; None when it is a code already."""
    names = [re.sub(r"[\s_-]+", "_", one.strip().casefold()) for one in fields]
    code = next((i for i, name in enumerate(names) if _CODE_NAMES & {name, *name.split("_")}), None)
    uses = next((i for i, name in enumerate(names) if i != code and _USES_NAMES & {name, *name.split("_")}), None)
    if any(char.isdigit() for one in fields for char in one) or (code is None and not _reads_like_words(fields)):
        return None
    code = 0 if code is None else code
    if uses is None and len(fields) == 2 and code == 0 and not _CODE_NAMES & {names[1]}:
        uses = 1
    unused = [one for i, one in enumerate(fields) if i not in {code, uses} and one]
    return _Heading(code, uses, len(fields), unused)


def _reads_like_words(fields: list[str]) -> bool:
    """Several words in the first column, or words of another script, or a second column that is no number."""
    first = fields[0]
    words = " " in first.strip() or not first.isascii() or first.endswith(":") or first.startswith("#")
    return words or any(one and not one.isdigit() for one in fields[1:])


def _read(number: int, line: str, fields: list[str], heading: _Heading | None) -> ListedCode | BadLine:
    if _NUMBER.match(_bare(line)):
        return BadLine(number, "scientific_number")
    code, uses = (heading.code, heading.uses) if heading else (0, 1)
    others = range(len(fields)) if heading is None else range(heading.width, len(fields))
    if len(fields) <= code or any(fields[i] for i in others if i not in {code, uses}):
        return BadLine(number, "extra_columns")
    count = fields[uses] if uses is not None and uses < len(fields) else ""
    if count and not (count.isascii() and count.isdecimal() and 1 <= int(count[:9]) <= MOST_USES):
        return BadLine(number, "bad_number")
    if _is_more_than_a_code(fields[code]):
        return BadLine(number, "mistyped_code")
    if _NUMBER.fullmatch(fields[code]):
        return BadLine(number, "scientific_number")
    try:
        read = read_imported(fields[code])
    except Mistyped:
        return BadLine(number, "mistyped_code")
    return ListedCode(number, read, int(count) if count else None)


def _is_more_than_a_code(written: str) -> bool:
    """`1. AB12-CD34`, `AB12-CD34 2`: a number of the line, or of the uses, would be taken for a part of the code."""
    return bool(_LISTED.match(written)) or ("-" in written and _COUNTED.search(written) is not None)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise ListUnreadable from None
