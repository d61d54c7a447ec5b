"""Cutting addresses out of the words of a message.

The one unforgivable mistake is to take a part of an address for the whole: it would invite somebody else. So an address
is *read* only if everything that touches it is certainly no part of it. Otherwise it is *doubtful*: nobody is invited
before its writer has said which reading is right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.rules.address_neighbours import LONGEST, Side, before_is_understood, behind_is_understood, is_together
from core.rules.address_readings import domain_readings, local_readings
from core.rules.code_symbols import canonical
from core.rules.codes import Shape, check_passes
from core.rules.message_folding import HARD, HIDDEN, UNKNOWN

_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "<": ">", '"': '"', "`": "`"}
_MARKS: Final = frozenset("'*_~|")
_MOST_READINGS: Final = 4
MOST_SIGNS: Final = 100
"""At signs that are looked at; a message with more was not written by a person."""
_MASKED_BEFORE: Final = re.compile(rf"\*\*[^*]*$|[0-9A-Za-z]\*[^*]*$|\w{UNKNOWN}{{2,}}$")
_MASK_BEFORE: Final = re.compile(rf"\*$|{UNKNOWN}{{2,}}$")
_MASKED_BEHIND: Final = re.compile(rf"(?:\*|{UNKNOWN}{{2,}})[0-9A-Za-z.]|\*\*")
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{1,11}(?:-?[0-9A-Za-z]{4}){3,6}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Doubt:
    """An address that was not read for certain.

    `written` is what stands there, `meant` what may have been meant, the likeliest first, not yet checked; empty
    where nothing could be understood. `masked` says that letters of it were replaced, as by a***@example.com.
    """

    written: str
    meant: tuple[str, ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """Found between `start` and `end`: an address, or a doubt."""

    start: int
    end: int
    address: str = ""
    doubt: Doubt | None = None


def cut_addresses(text: str, shapes: Sequence[Shape]) -> tuple[list[str], list[Doubt], str]:
    """The addresses in folded `text` as written, those in doubt, and the text with a hard end in their places."""
    addresses: dict[str, str] = {}
    doubts: dict[Doubt, None] = {}
    rest, done = [], 0
    for number, at_sign in enumerate(re.finditer("@", text)):
        if number == MOST_SIGNS:
            rest.append(text[done : max(done, text.rfind(" ", 0, at_sign.start()))])
            done = len(text)
            break
        reading = _read(text, at_sign.start(), shapes)
        if reading is None:
            continue
        if reading.doubt is not None:
            doubts.setdefault(reading.doubt)
        else:
            addresses.setdefault(reading.address.casefold(), reading.address)
        rest.append(text[done : max(done, reading.start)])
        done = max(done, reading.end)
    rest.append(text[done:])
    if not addresses and not doubts:
        doubts = dict.fromkeys(_spelled_out(text))
    found = list(addresses.values())
    # `bob@gmail` deserves "that is no address" when it is all there is, and is ignored beside a whole one.
    whole = [address for address in found if "." in address.rpartition("@")[2]]
    return whole or ([] if doubts else found), list(doubts), HARD.join(rest)


def _read(text: str, place: int, shapes: Sequence[Shape]) -> _Reading | None:
    """What stands around the at sign at `place`; None for a mention, a command, or nothing like an address."""
    before, behind = text[max(0, place - LONGEST) : place], text[place + 1 : place + 1 + LONGEST]
    left, local, behind_code = _local_part(before, shapes)
    domain, right = _domain(behind, shapes)
    span = (place - len(local), place + 1 + len(domain))
    while local and domain and right and local[0] in _MARKS and local[0] == right[0]:
        local, right = local[1:], right[1:]
    if not local or not domain:
        return _torn(left, local, domain, right, span)
    if "." not in domain and left.endswith("/") and (len(left) == 1 or left[-2].isspace()):
        return None  # `/command@bot`
    left, right, wrapped = _unwrapped(left, right)
    shown = _shown(left, f"{local}@{domain}", right)
    if wrapped:
        sides = Side(True), Side(True)
    else:
        sides = (
            # A code that is glued to letters may be where the address begins, or a part of it.
            Side(not left[-1:].isalnum()) if behind_code else before_is_understood(left, local, right, shapes),
            behind_is_understood(right, left, shapes),
        )
    if not behind_code and not wrapped and (_MASKED_BEFORE.search(left) or _MASKED_BEHIND.match(right)):
        return _Reading(*span, doubt=Doubt(shown, masked=True))
    if local.endswith(".."):
        return _Reading(*span, doubt=Doubt(shown, masked=True))
    doubt = _doubt(local, domain, sides, shown)
    return _Reading(*span, f"{local}@{domain}"[:LONGEST], doubt)


def _doubt(local: str, domain: str, sides: tuple[Side, Side], shown: str) -> Doubt | None:
    """What may have been meant; None when it is certain."""
    before, behind = sides
    locals_, domains = local_readings(local), domain_readings(domain)
    if before.understood and behind.understood and locals_.certain and domains.certain:
        return None
    wider = (
        f"{start}{one}@{other}{end}"
        for start in before.instead
        for one in locals_.readings
        for other in domains.readings
        for end in behind.instead
    )
    return Doubt(shown, tuple(dict.fromkeys(wider))[:_MOST_READINGS])


def _torn(left: str, local: str, domain: str, right: str, span: tuple[int, int]) -> _Reading | None:
    """An at sign with nothing, or something unread, on one side. White space around it may still hide an address."""
    if not left.strip() + local or not domain + right.strip():
        return None
    if not local and not left[-1:].isspace():
        if "." not in domain:
            return None
        masked = _MASK_BEFORE.search(left) is not None
        return _Reading(*span, doubt=Doubt(_shown(left, f"@{domain}", right), masked=masked))
    if not domain and not right[:1].isspace():
        masked = _MASKED_BEHIND.match(right) is not None
        return _Reading(*span, doubt=Doubt(_shown(left, f"{local}@", right), masked=masked))
    name = local or left.rsplit(maxsplit=1)[-1]
    place = domain or right.split(maxsplit=1)[0].rstrip(".,;:!?")
    if not re.fullmatch(r"[\w.+'-]+", name) or not re.fullmatch(r"[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}", place):
        return None
    return _Reading(*span, doubt=Doubt(f"{name} @ {place}", (f"{name}@{place}",)))


_AT: Final = re.compile(r"\[at\]|\(at\)|\{at\}|<at>|(?<![^\W_])at(?![^\W_])|艾特", re.IGNORECASE)
_NAME: Final = re.compile(r"(?<![0-9A-Za-z.+_-])[0-9A-Za-z.+_-]{1,64}\s?$")
_PLACE: Final = re.compile(r"\s?[0-9A-Za-z-]+(?:\s?[\[({<]?\s?(?:dot|DOT|点|\.)\s?[\])}>]?\s?[0-9A-Za-z-]+){1,4}")


def _spelled_out(text: str) -> Iterator[Doubt]:
    """`bob (at) example dot com`: written for people, so a person has to confirm it."""
    for sign in _AT.finditer(text):
        name = _NAME.search(text[max(0, sign.start() - 66) : sign.start()])
        place = _PLACE.match(text[sign.end() : sign.end() + 200])
        if name and place and ("." not in place[0] or sign[0].casefold() != "at"):
            domain = re.sub(r"\W*(?:dot|DOT|点|\.)\W*", ".", place[0].strip())
            yield Doubt(f"{name[0]}{sign[0]}{place[0]}", (f"{name[0].strip()}@{domain}",))


def _unwrapped(left: str, right: str) -> tuple[str, str, bool]:
    """Without the marks that stand on both sides alike; True where brackets or quotes keep all else away."""
    while left and right and left[-1] in _MARKS and left[-1] == right[0]:
        left, right = left[:-1], right[1:]
    if not left or not right or _BRACKETS.get(left[-1]) != right[0]:
        return left, right, False
    before, behind = left[-2:-1], right[1:2]
    alone = not before or before.isspace() or (left[-1] == "<" and "<" not in left[:-1].split()[-1])
    ends = behind not in {"@", ".", "-", "_"} and (not behind.isalnum() or is_together(behind))
    return left, right, alone and (ends or not right[2:3].strip())


def _shown(left: str, core: str, right: str) -> str:
    """The whole word around an address, for showing; a code beside it is left out."""
    start = "" if not left or left[-1].isspace() else left.rsplit(maxsplit=1)[-1]
    end = "" if not right or right[0].isspace() else right.split(maxsplit=1)[0]
    start, end = _CODE.sub("…", start), _CODE.sub("…", end)
    return f"{start}{core}{end}".replace(UNKNOWN, "\ufffd").replace(HIDDEN, "")[:LONGEST]


def _local_part(text: str, shapes: Sequence[Shape]) -> tuple[str, str, bool]:
    """Split what stands before an @ into the words before the address and its local part; True: a code is between.

    Where words are written together, as in Chinese, a change of script ends a word; in an alphabetic script it
    does not, and `jörg` stays whole.
    """
    start = len(text)
    together = bool(text) and is_together(text[-1])
    while start and _belongs(text[start - 1], together=together):
        start -= 1
    local = text[start:]
    end = _verified_code_end(local, shapes)
    if end:
        local = local[end:].lstrip("_-.+'")
        return text[: len(text) - len(local)], local, True
    local = local.lstrip("-.+'")
    return text[: len(text) - len(local)], local, False


def _domain(behind: str, shapes: Sequence[Shape]) -> tuple[str, str]:
    """Split what stands after an @ into the domain and what is behind it. Three dashes in a row end a domain."""
    text = behind.partition("---")[0]
    end = _run(text, lambda char: char.isascii() and (char.isalnum() or char in ".-"))
    glued = _code_start(text[:end], shapes)
    if glued:
        end = len(text[:glued].rstrip(".-"))
        return behind[:end], behind[glued:]
    follows = text[end : end + 1]
    _, dot, last = text[:end].rstrip(".-").rpartition(".")
    complete = dot and len(last) >= 2 and text[end - 1] not in ".-"
    if follows and unicodedata.category(follows)[0] in "LMN" and not (complete and is_together(follows)):
        end = _run(text, lambda char: char in ".-" or (unicodedata.category(char)[0] in "LMN"))
        glued = _code_start(text[:end], shapes)
        end = glued or end
    end = len(text[:end].rstrip(".-"))
    return behind[:end], behind[glued or end :]


def _run(text: str, belongs: Callable[[str], bool]) -> int:
    """How many characters at the start belong to it."""
    return next((place for place, char in enumerate(text) if not belongs(char)), len(text))


def _belongs(char: str, *, together: bool) -> bool:
    if char.isascii():
        return char.isalnum() or char in "._+'-"
    return unicodedata.category(char)[0] in "LMN" and (together or not is_together(char))


def _verified_code_end(text: str, shapes: Sequence[Shape]) -> int:
    """Where the code ends that `text` starts with, proved by its check symbol; 0 for none."""
    for shape in shapes:
        if not shape.native:
            continue
        symbols = ""
        for place, char in enumerate(text[: 2 * shape.length], start=1):
            symbols += canonical(char)
            if len(symbols) >= shape.length:
                if check_passes(symbols, shape) and place < len(text):
                    return place
                break
    return 0


def _code_start(domain: str, shapes: Sequence[Shape]) -> int:
    """Where a code starts that is glued to a domain, proved by its check symbol; 0 for none."""
    upper = domain.upper()
    for shape in shapes:
        place = upper.find(shape.prefix) if shape.native else -1
        lengths = (shape.length, shape.length + len(shape.groups))  # without and with dashes
        if place > 0 and any(check_passes(canonical(upper[place : place + length]), shape) for length in lengths):
            return place
    return 0
