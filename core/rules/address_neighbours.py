"""Whether what touches an address in a message is certainly not a part of it.

That is so for a proven code, another address behind a separator, a label such as `email:`, more than one character of a
script that is written without spaces, brackets and quotes around the address, and the punctuation at the end of a
sentence. Everything else leaves a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.rules.code_symbols import canonical
from core.rules.codes import Shape, check_passes
from core.rules.message_folding import HIDDEN, ODD_DASH, SEPARATING_DASH, STOP, UNKNOWN

LONGEST: Final = 320
"""Characters on either side of an at sign that are looked at: more than any address has."""

_PAIRS: Final = {"(": ")", "[": "]", "{": "}", "<": ">", '"': '"', "`": "`", "'": "'"}
_OF_CLOSER: Final = {closer: opener for opener, closer in _PAIRS.items()}
_STRANGE: Final = frozenset((UNKNOWN, HIDDEN, ODD_DASH))
_BETWEEN: Final = frozenset(",;:|/&=?!-." + SEPARATING_DASH + STOP)
"""Signs that clearly separate an address from something else."""
_LIST: Final = frozenset(",;|/&" + SEPARATING_DASH)
_AFTER_WORDS: Final = frozenset(",;:" + SEPARATING_DASH + STOP)
_INSIDE: Final = "._+'-"
"""Signs that join the parts of a local part."""
_APART: Final = frozenset("._+" + STOP)
"""Signs that join also with space on both sides, where a dash or an apostrophe separates."""
_LIKE_A_DOT: Final = frozenset((",", ";", ":", UNKNOWN))
"""Signs that lie beside the dot on keyboards, or look like it."""
_UNUSUAL: Final = frozenset("!#$%&*/=?^`{|}~")
"""Signs that a local part may hold by its syntax, and hardly ever does."""
_ENDINGS: Final = ".,;:!?~" + STOP
_LABELS: Final = frozenset(
    "email e-mail mail mailto address addr to cc bcc account contact code codes subject body invite for is redeem "
    "email-address emailaddress user_email useremail correo adresse courriel почта имейл".split()
)
_GREETINGS: Final = frozenset("hi hello hey thanks thank you please ok okay yes dear sorry".split())
_NAMES: Final = (
    "邮箱",
    "邮件",
    "信箱",
    "邮址",
    "地址",
    "账号",
    "帐号",
    "账户",
    "帐户",
    "郵箱",
    "郵件",
    "信箱",
    "帳號",
    "帳戶",
)
_VERBS: Final = ("是", "为", "為", "给", "給", "用", "到", "叫", "请", "請", "邀请", "邀請", "填", "写")
_LABEL_SIGNS: Final = re.compile(r"[:=](//)?")
_TOGETHER: Final = (
    ("\u1100", "\u11ff"),  # Hangul, as single letters
    ("\u2e80", "\ua4cf"),  # Chinese characters, kana, Bopomofo, Yi
    ("\uac00", "\ud7ff"),  # Hangul
    ("\uf900", "\ufaff"),  # more Chinese characters
    ("\U00020000", "\U0003ffff"),
)
_WORD: Final = re.compile(
    r"[^\s,;:|/=&?!<>()\[\]{}\"'`*~" + f"{SEPARATING_DASH}{STOP}{UNKNOWN}{HIDDEN}{ODD_DASH}" + "]+"
)
_DOMAIN_LIKE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(?![A-Za-z0-9_/@])")
_ENDING_LIKE: Final = re.compile(r"([a-z]{2,3}(\.[a-z]{2})?|info|name)(?![A-Za-z0-9_@/])")
_SPREAD: Final = re.compile(rf"(?:\s+[.{STOP}]\s+[a-z]{{2,4}}(?![A-Za-z0-9_@/]))+")
_COUNTRIES: Final = frozenset("uk cn tw hk jp kr au nz br mx sg za tr vn".split())
"""Endings of domains such as `.com.tw` that are no words: after a domain and a gap they may belong to it."""
_LETTER: Final = re.compile(r"(?![ai](?![A-Za-z]))[a-z](?![A-Za-z0-9_'@]|[.-][A-Za-z0-9])", re.IGNORECASE)


_BEGUN: Final = re.compile(r"(?:(?:mail|mailto|email|邮箱|邮件|地址)[:=]|^<)([0-9A-Za-z._+-]+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an address. `instead` are the possible readings of what touches it, empty where there is none."""

    understood: bool
    instead: tuple[str, ...] = ("",)


_YES: Final = Side(True)
_NO: Final = Side(False)


def before_is_understood(left: str, local: str, right: str, shapes: Sequence[Shape]) -> Side:
    """What stands before the local part; `right` is what stands behind the domain."""
    if not left:
        return _YES
    if left[-1].isspace():
        return _spaced_before(left.rstrip(), local, shapes)
    if left[-1] == "@":
        return Side(False, ())
    if is_together(left[-1]):
        return _glued_words(left, shapes)
    head, signs = _cut_signs_behind(left)
    if _is_closed_before(head, signs, shapes):
        return _YES
    openers = {sign for sign in signs if sign in _PAIRS}
    between = "".join(sign for sign in signs if sign not in _PAIRS)
    if any(right.count(_PAIRS[one]) < signs.count(one) for one in openers) or not set(between) <= _BETWEEN:
        return _joined_before(head, signs, shapes)
    if not head or head[-1].isspace():
        labelled = between == ":" and _names_an_address(head.rstrip())
        return _YES if labelled or not between else _NO
    word = _last_word(head)
    understood = (
        (len(set(between)) == 1 and (_is_code_before(head, shapes) or _is_meant_as_code(word, shapes)))
        or ("@" in word and _separates(signs))
        or (signs == "<" and "<" not in _last_token(head))  # Ann<ann@example.com>
        or (between == "=" and head[: len(head) - len(word)].endswith(("?", "&")))  # a key of a link
        or (_is_label(head, word) and _LABEL_SIGNS.fullmatch(between) is not None)
        or _are_words_before(head, between, local)
    )
    return _YES if understood else _joined_before(head, signs, shapes)


def behind_is_understood(right: str, left: str, shapes: Sequence[Shape]) -> Side:
    """What stands behind a domain; `left` is what stands before the local part."""
    if not right or _is_code_behind(right, shapes):
        return _YES
    if right[0].isspace():
        return _spaced_behind(right, shapes, stopped=False)
    if right[0] == "@":
        return Side(False, ())
    if is_together(right[0]):
        words = _run_of_words(right)
        return _NO if len(words) == 1 or words[0] in "点點" else _YES
    tail, signs = _cut_signs_before(right)
    if _is_aside(tail, signs, shapes):
        return _YES
    closers = {sign for sign in signs if sign in _OF_CLOSER}
    between = "".join(sign for sign in signs if sign not in _OF_CLOSER)
    if any(left.count(_OF_CLOSER[one]) < signs.count(one) for one in closers) or not set(between) <= _BETWEEN | {"~"}:
        return _joined_behind(tail, signs, shapes)
    if not tail or tail[0].isspace():
        if not set(between) <= set(_ENDINGS):
            listed = len(between) > 1 and set(between) <= {"-", SEPARATING_DASH}
            return _YES if listed and _is_code_behind(tail.lstrip(), shapes) else _NO
        return _spaced_behind(tail, shapes, stopped=bool({".", STOP} & set(between)))
    word = _first_word(tail)
    follows = tail[len(word) : len(word) + 1]
    understood = (
        _is_code_behind(tail, shapes)
        or _is_meant_as_code(word, shapes)
        or ("@" in word and _separates(signs))
        or (is_together(tail[0]) and set(between) <= _AFTER_WORDS | set(".!?~"))
        or (word.casefold() in _LABELS and set(between) <= set("&?,;|/:") and follows in {":", "=", '"', "'"})
    )
    return _YES if understood else _joined_behind(tail, signs, shapes)


def _is_closed_before(head: str, signs: str, shapes: Sequence[Shape]) -> bool:
    """`【邮箱】ann@…`, `[CODE]ann@…`: brackets that closed before, around something that is understood."""
    closers = signs.rstrip(":")
    if not closers or any(_OF_CLOSER.get(one, UNKNOWN) not in head for one in closers):
        return False
    inside = head[head.rfind(_OF_CLOSER[closers[0]]) + 1 :]
    return _is_code_before(inside, shapes) or "@" in inside or inside.casefold() in _LABELS or _are_words(inside)


def _is_aside(tail: str, signs: str, shapes: Sequence[Shape]) -> bool:
    """`ann@example.com（我的邮箱）`, `ann@example.com(CODE)`: brackets that open behind, and close again."""
    if signs not in _PAIRS:
        return False
    inside, closed, _ = tail.partition(_PAIRS[signs])
    return bool(closed) and (_is_code_behind(inside, shapes) or _are_words(inside))


def _are_words(text: str) -> bool:
    return len(text) > 1 and all(map(is_together, text))


def is_together(char: str) -> bool:
    """Is `char` of a script whose words are written together, as in Chinese?"""
    return char != STOP and any(first <= char <= last for first, last in _TOGETHER)


def _spaced_before(left: str, local: str, shapes: Sequence[Shape]) -> Side:
    """White space ends an address, unless the text before the space is itself unfinished."""
    word = _last_token(left)
    bare = word.rstrip(_INSIDE + STOP)
    signs = word[len(bare) :].replace(STOP, ".")
    meant = f"{bare}{signs}"
    if word and word in _APART:  # `zhang . san@…`: a helpful keyboard puts space on both sides
        return _spread_before(left[:-1].rstrip(), word.replace(STOP, "."), shapes)
    if not _is_plain(bare[-1:]) or "@" in bare:
        return _YES
    if begun := _BEGUN.search(word):  # `email:bo b@…`: the address began before the gap
        return Side(False, (begun[1], ""))
    if _is_code_before(left[: len(left) - len(signs)], shapes) or bare.casefold() in _LABELS | _GREETINGS:
        return _YES
    if not signs:
        torn = local[0] in _INSIDE or _LETTER.fullmatch(word) is not None
        return Side(False, (meant, "")) if torn else _YES
    if signs == "." and (bare.isdigit() or _ends_a_sentence(left[: len(left) - len(word)])):
        return _YES
    return Side(False, (meant, ""))


def _spread_before(head: str, sign: str, shapes: Sequence[Shape]) -> Side:
    """A sign with space on both sides joins the address to the word before it, unless that ends something."""
    word = _last_token(head)
    if not _is_plain(word[-1:]) or "@" in word:
        return _YES
    if _is_code_before(head, shapes) or word.casefold() in _LABELS | _GREETINGS:
        return _YES
    ends = sign == "." and (word.isdigit() or _ends_a_sentence(head))
    return _YES if ends else Side(False, (f"{word}{sign}", ""))


def _spaced_behind(right: str, shapes: Sequence[Shape], *, stopped: bool) -> Side:
    word, following, *_ = (*right.split(None, 2), "", "")
    if not word:
        return _YES
    if spread := _SPREAD.match(right):
        return Side(False, (re.sub(r"\s+", "", spread[0]).replace(STOP, "."), ""))
    if word in _COUNTRIES and not following[:1].islower():
        return Side(False, (f".{word}", ""))
    if word[0] in {".", STOP} and _is_plain(word[1:2]):
        code = _is_code_behind(right.lstrip()[1:], shapes)
        return _YES if code else Side(False, (f".{word[1:].rstrip(_ENDINGS)}", ""))
    if _DOMAIN_LIKE.match(word):
        return _NO
    if letter := _LETTER.match(word):
        return Side(False, (f"{'.' * stopped}{letter[0]}", ""))
    goes_on = following.isascii() and following.isalpha() and following.islower()
    if stopped and not goes_on and (ending := _ENDING_LIKE.match(word)):
        return Side(False, (f".{ending[0]}", ""))
    return _YES


def _ends_a_sentence(before: str) -> bool:
    """At least two words on this line: `please invite me. bob@…`, and not `zhang. san@…` of a helpful keyboard."""
    line = before.rpartition("\n")[2]
    return len(re.split(r"[.!?,;:]", line)[-1].split()) >= 2


def _glued_words(left: str, shapes: Sequence[Shape]) -> Side:
    words = _run_of_words(left[::-1])[::-1]
    head = left[: len(left) - len(words)]
    if not _names_an_address(words):
        return _NO
    return _YES if not _is_plain(head[-1:]) or words.endswith(_NAMES) or _is_code_before(head, shapes) else _NO


def _are_words_before(head: str, between: str, local: str) -> bool:
    """Are these words of a script without spaces, with a sign behind them that ends them?"""
    words = _run_of_words(head[::-1])[::-1]
    if not words or not set(between) <= _AFTER_WORDS:
        return False
    return _names_an_address(words) or (len(words) > 1 and not is_together(local[0]))


def _names_an_address(text: str) -> bool:
    if not text or not is_together(text[-1]):
        return _last_word(text).casefold() in _LABELS
    words = _run_of_words(text[::-1])[::-1]
    return len(words) > 1 and words.endswith((*_NAMES, *_VERBS))


def _is_label(head: str, word: str) -> bool:
    """`email:`, and not the name in `https://user:secret@host`."""
    return word.casefold() in _LABELS and not head[: len(head) - len(word)].endswith("//")


def _run_of_words(text: str) -> str:
    end = next((place for place, char in enumerate(text) if not is_together(char)), len(text))
    return text[:end]


def _joined_before(head: str, signs: str, shapes: Sequence[Shape]) -> Side:
    """`zhang,san@…`: the comma lies beside the dot on a keyboard. `a/b@…`: unusual, yet an address."""
    word = _last_word(head)
    if len(signs) != 1 or not word or _is_code_before(head, shapes):
        return _NO
    if signs in _LIKE_A_DOT:
        # `1、ann@…` is the first of a list more often than a part of an address.
        return Side(False, ("", f"{word}.") if word.isdigit() else (f"{word}.", ""))
    return Side(False, (f"{word}{signs}", "")) if signs in _UNUSUAL else _NO


def _joined_behind(tail: str, signs: str, shapes: Sequence[Shape]) -> Side:
    word = re.match(r"[0-9A-Za-z.-]*", tail)
    if signs not in _LIKE_A_DOT or word is None or not word[0].strip(".-") or _is_code_behind(tail, shapes):
        return _NO
    return Side(False, (f".{word[0].strip('.-')}", ""))


def _separates(signs: str) -> bool:
    """Do these signs stand between two addresses of a list?"""
    return bool(signs) and (
        set(signs) <= _LIST | set(_PAIRS) | set(_OF_CLOSER) or (set(signs) == {"-"} and len(signs) > 1)
    )


def _cut_signs_behind(text: str) -> tuple[str, str]:
    place = len(text)
    while place and _is_sign(text[place - 1]):
        place -= 1
    return text[:place], text[place:]


def _cut_signs_before(text: str) -> tuple[str, str]:
    place = next((place for place, char in enumerate(text) if not _is_sign(char)), len(text))
    return text[place:], text[:place]


def _is_sign(char: str) -> bool:
    if char in _STRANGE or char in {SEPARATING_DASH, STOP}:
        return True
    return char.isascii() and not char.isalnum() and not char.isspace() and char != "@"


def _is_plain(char: str) -> bool:
    """Is it a letter or a digit of ASCII? An empty text is neither."""
    return char.isascii() and char.isalnum()


def _last_token(text: str) -> str:
    """What stands at the end, up to a space or the start of the line."""
    return text.rpartition(" ")[2].rpartition("\n")[2]


def _last_word(text: str) -> str:
    words = _WORD.findall(text[-LONGEST:])
    return words[-1] if words and text.endswith(words[-1]) else ""


def _first_word(text: str) -> str:
    found = _WORD.match(text)
    return found[0] if found else ""


def _is_code_before(text: str, shapes: Sequence[Shape]) -> bool:
    """Does `text` end with a code that its check symbol proves?"""
    if not canonical(text[-1:]):
        return False
    symbols = canonical(text[-LONGEST:])
    return any(check_passes(symbols[-shape.length :], shape) for shape in shapes if shape.native)


def _is_code_behind(text: str, shapes: Sequence[Shape]) -> bool:
    """Does `text` begin with a code that its check symbol proves?"""
    if not canonical(text[:1]):
        return False
    symbols = canonical(text[:LONGEST])
    return any(check_passes(symbols[: shape.length], shape) for shape in shapes if shape.native)


def _is_meant_as_code(word: str, shapes: Sequence[Shape]) -> bool:
    """Is a word laid out like a code without being proven one? Counts only where a separator stands between."""
    symbols = canonical(word)
    has_digit = any(char.isdigit() for char in word)
    for shape in shapes:
        if shape.prefix and symbols.startswith(shape.canonical_prefix) and len(symbols) >= len(shape.prefix) + 4:
            if has_digit or "-" in word:
                return True
        elif not shape.native and has_digit and shape.fits(symbols):
            return True
    return False
