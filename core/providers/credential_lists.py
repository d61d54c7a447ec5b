"""Lists of credentials as operators keep them, split into single ones: one reason per object, not per line of text.

Understood are objects in a list or under a name, several objects one after another over many lines, missing commas
between them, bare tokens one per line, and tables. A line that holds something a person signs in with is refused, and
nothing of it goes any further.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.providers.credential_spellings import ADMIN_KEY, WEB_TOKEN, plain_key, signs_in

SIGNS_IN: Final = "credential_password"
NOT_READABLE: Final = "credential_not_json"
MOST: Final = 20_000
"""Credentials of one list."""

_WRAPPERS: Final = frozenset(
    "teams accounts items data results result list records rows workspaces sessions entries tokens credentials".split()
)
_FIELDS: Final = frozenset(
    "accesstoken token adminkey accountid account workspaceid email user name provider expires seats baseurl".split()
)
_SEPARATORS: Final = ("\t", ";", "|", ",")
_BETWEEN: Final = re.compile(r"----+|[\t;|,:]|\s+")
_ADDRESS: Final = re.compile(r"[^\s@,;|]+@[^\s@,;|]+\.[^\s@,;|:]+")
_IN_ADDRESS: Final = re.compile(r"[^\s@,;|]@[^\s@,;|]+\.[^\s@,;|:]+")
"""The end of one, to be searched for: a whole one would be looked for anew from every letter of a long word."""
_ACCOUNT: Final = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:acc|account|ws|org|team)[-_][\w-]+", re.IGNORECASE
)
_OBJECT: Final = re.compile(r"[{\[]\s*[\"'{]")
_OPENING: Final = "{["
_SIGNS: Final = re.compile(r'"(?:[^"\\\n]|\\.)*("?)|[{}\[\]]')
"""A bracket, or a string with the mark that ends it: one that nothing ends is read once, not from each of its marks."""
_BRACKETS: Final = re.compile(r"[{}\[\]]")
_TRAILING: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|,(?=\s*[}\]])')
_FENCE: Final = re.compile(r"```[^\S\n]*(?:json[l5c]?)?", re.IGNORECASE)
_NEXT: Final = re.compile(r"\n(?=[\[{])")


@dataclass(frozen=True, slots=True)
class Listed:
    """One credential of a list with the line on which it begins: an object, or the key of why it cannot be used."""

    line: int
    found: Mapping[str, Any] | None = field(default=None, repr=False)
    reason: str | None = None


def read_list(text: str) -> Iterator[Listed]:
    """Everything in a paste or file, in order. What is not understood is reported once, and never shown."""
    cleaned = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    yield from _limited(_pieces(cleaned))


def _limited(found: Iterator[Listed]) -> Iterator[Listed]:
    for count, one in enumerate(found):
        if count == MOST:
            return
        if one.found is not None and signs_in(one.found):
            yield Listed(one.line, reason=SIGNS_IN)
        else:
            yield one


def _pieces(text: str) -> Iterator[Listed]:
    place, line = 0, 1
    heading: _Heading | None = None
    unclosed: Sequence[int] = ()
    while place < len(text):
        start = _skip(text, place)
        line += text.count("\n", place, start)
        place = start
        if place == len(text):
            return
        if text[place] in _OPENING:
            closing = None if _is_among(unclosed, place) else _closing(text, place)
            value = None if closing is None else _parsed(text[place:closing])
            if closing is None:
                unclosed = unclosed or _unclosed(text, place)
                following = _NEXT.search(text, place + 1)
                closing = following.end() if following else len(text)
            end = closing
            yield from _objects(value, line) if value is not None else (Listed(line, reason=NOT_READABLE),)
        else:
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            written = text[place:end].strip().rstrip(",;").strip()
            named = _heading_of(written)
            if named is not None:
                heading = named
            elif (read := _line_read(written, line, heading)) is not None:
                yield read
        line += text.count("\n", place, end)
        place = end


def _skip(text: str, place: int) -> int:
    """Skip space, commas between objects, and the marks of a code block."""
    while place < len(text):
        if text[place].isspace() or text[place] in ",;":
            place += 1
        elif (fence := _FENCE.match(text, place)) is not None:
            place = fence.end()
        else:
            break
    return place


def _closing(text: str, start: int) -> int | None:
    """Where the JSON value that begins with this bracket ends; None where nothing closes it."""
    depth = 0
    for place in _brackets(text, start):
        depth += 1 if text[place] in _OPENING else -1
        if depth == 0:
            return place + 1
    return None


def _unclosed(text: str, start: int) -> Sequence[int]:
    """The brackets from this one on that nothing closes, in their order: nobody need look for their ends again."""
    left = array("q")
    for place in _brackets(text, start):
        if text[place] in _OPENING:
            left.append(place)
        elif left:
            left.pop()
    return left


def _is_among(places: Sequence[int], place: int) -> bool:
    found = bisect_left(places, place)
    return found < len(places) and places[found] == place


def _brackets(text: str, start: int) -> Iterator[int]:
    """The places of the brackets that stand in no string."""
    for sign in _SIGNS.finditer(text, start):
        if sign[1] is None:
            yield sign.start()
        elif not sign[1]:
            yield from (inner.start() for inner in _BRACKETS.finditer(text, *sign.span()))


def _parsed(piece: str) -> Any:
    for candidate in (piece, _without_trailing_commas(piece)):
        try:
            return json.loads(candidate)
        except (ValueError, RecursionError):
            continue
    return None


def _without_trailing_commas(piece: str) -> str:
    return _TRAILING.sub(lambda one: "" if one[0] == "," else one[0], piece)


def _objects(value: Any, line: int) -> Iterator[Listed]:
    """The credentials in a value: itself, those of a list, or those under a name."""
    if isinstance(value, list):
        # Objects of one list are numbered by their place in it: that is how somebody finds them.
        for number, item in enumerate(value, start=1):
            yield from _one(item, number)
    else:
        yield from _one(value, line)


def _one(value: Any, line: int) -> Iterator[Listed]:
    if isinstance(value, str):
        read = _line_read(value.strip(), line, None)
        if read is not None:
            yield read
        return
    if not isinstance(value, Mapping):
        yield Listed(line, reason=NOT_READABLE)
        return
    wrapped = _wrapped(value)
    if wrapped is None:
        yield Listed(line, value)
    elif signs_in(value, 0):  # beside the list: it holds for every object in it
        yield Listed(line, reason=SIGNS_IN)
    elif isinstance(wrapped, list):
        yield from _objects(wrapped, line)
    else:
        for number, item in enumerate(wrapped.values(), start=1):
            yield from _one(item, number)


def _wrapped(value: Mapping[str, Any]) -> list[Any] | Mapping[str, Any] | None:
    """What an object merely wraps: a list under a usual name, or objects by name. None for a credential itself."""
    names = {plain_key(name): inner for name, inner in value.items()}
    if _has_secret(value):
        return None
    if names.keys() & _FIELDS and not any(isinstance(names.get(name), list) for name in _WRAPPERS):
        return None
    for name in (*(name for name in names if name in _WRAPPERS), *names):
        inner = names[name]
        if isinstance(inner, list) and inner and all(isinstance(one, Mapping | str) for one in inner):
            return inner
        if name in _WRAPPERS and isinstance(inner, Mapping) and _wrapped(inner) is not None:
            return _wrapped(inner)
    if value and all(isinstance(inner, Mapping) for inner in value.values()) and not names.keys() & _FIELDS:
        return value if any(_has_secret(inner) for inner in value.values()) and len(value) > 1 else None
    return None


def _has_secret(value: Mapping[str, Any]) -> bool:
    return any(plain_key(name) in {"accesstoken", "token", "adminkey"} for name in value)


@dataclass(frozen=True, slots=True)
class _Heading:
    separator: str
    names: Sequence[str]


def _heading_of(written: str) -> _Heading | None:
    """The columns of a table, if that is what a line names."""
    for separator in _SEPARATORS:
        names = [name.strip().strip('"') for name in written.split(separator)]
        if (
            len(names) > 1
            and len({plain_key(name) for name in names} & _FIELDS) > 1
            and not _IN_ADDRESS.search(written)
        ):
            return _Heading(separator, names)
    return None


def _line_read(written: str, line: int, heading: _Heading | None) -> Listed | None:
    """A bare token, a row of a table, or the reason why a line is neither; None for a comment."""
    if not written or written.startswith(("#", "//")):
        return None
    bare = re.sub(r"^(?:authorization:\s*)?bearer\s+", "", written.strip("\"'"), flags=re.IGNORECASE)
    if WEB_TOKEN.fullmatch(bare):
        return Listed(line, {"accessToken": bare})
    if ADMIN_KEY.fullmatch(bare):
        return Listed(line, {"admin_key": bare})
    if heading is not None and written.count(heading.separator) == len(heading.names) - 1:
        cells = [cell.strip().strip('"') for cell in written.split(heading.separator)]
        return Listed(line, {name: cell for name, cell in zip(heading.names, cells, strict=True) if cell})
    return _fields_read(bare, line)


def _fields_read(written: str, line: int) -> Listed:
    """A line of several values that identify themselves. Anything else beside them may be a password."""
    parts = [part for part in _BETWEEN.split(written) if part]
    found: dict[str, Any] = {}
    for part in parts:
        if WEB_TOKEN.fullmatch(part):
            found["accessToken"] = part
        elif ADMIN_KEY.fullmatch(part):
            found["admin_key"] = part
        elif _ADDRESS.fullmatch(part):
            found["email"] = part
        elif _ACCOUNT.fullmatch(part):
            found["account_id"] = part
        elif part.casefold() not in {"bearer", "team", "business", "chatgpt", "openai"}:
            something_else = (bool(found) or _IN_ADDRESS.search(written) is not None) and not _OBJECT.search(written)
            return Listed(line, reason=SIGNS_IN if something_else else NOT_READABLE)
    if found.keys() & {"accessToken", "admin_key"}:
        return Listed(line, found)
    return Listed(line, reason="credential_no_token" if found else NOT_READABLE)
