"""From what was written to what a handler takes: a line cut into arguments, and each of them read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bots.commands.choices import called, chosen, names_of
from bots.commands.command import Argument, Command
from bots.commands.dates import read_moment
from bots.commands.lengths import READERS, is_term, term_within
from core.command_errors import BadLength, LeftOver, MissingArgument, OptionTwice, UnknownOption
from core.errors import (
    AddressUnlikely,
    BadAddress,
    BadChoice,
    BadNumber,
    ExampleCode,
    Mistyped,
    NoCodes,
    TooManyCodes,
)
from core.redemptions.report import was_meant
from core.rules.addresses import Address, read_address
from core.rules.codes import CodeText, Shape, canonical, is_example
from core.rules.empty_text import says_nothing
from core.rules.message_text import Found, find_codes, words_as_codes
from core.rules.terms import parse_term
from core.rules.written_addresses import read_as_is, read_written, refuse_unlikely
from core.service import Core

AS_IS = "as_is"
"""The argument that says: I was asked about the address, and this is the one."""
OFFERED = "offered"
"""Among the raw values: the address that its writer was asked about last."""
BY_NAME = frozenset({"pool", "team"})
"""Kinds that may be named wherever a command takes one: `pool vip`."""
ONE_WORD = frozenset({"number", "batch", "choice"})
"""Kinds whose values have no spaces: what follows one is no part of it."""
MOST_WORDS = 6
"""Words that a choice may be called by."""
LONGEST_TEXT = 2000
MOST_ADDRESSES = 1000

_NOTHING: Mapping[str, str] = MappingProxyType({})
_TOKEN = re.compile(r'(?:(?:--)?[^\W\d][\w-]*[=:\uff1d\uff1a])?(?:"[^"]*"|“[^”]*”)|\S+')
_HOURS = re.compile(r"(?<=\d)(?:h|hours?|个?小时)$", re.IGNORECASE)
_NAMED = re.compile(r"(?:--)?([^\W\d][\w-]*)([=:\uff1d\uff1a])(.*)", re.DOTALL)
_MEANT = re.compile(r"--([^\W\d][\w-]*)|(?:--)?([^\W\d][\w-]*)[=\uff1d].*", re.DOTALL)
"""What can only be meant as an option. A colon is none: `telegram:42` is a person."""


def cut_line(command: Command, line: str, shapes: Sequence[Shape], *, words: bool = False) -> dict[str, str]:
    """The raw text of each argument that `line` gives, by name. `words`: a code may be a word like any other.

    Raises: UnknownOption, OptionTwice, LeftOver for what belongs to no argument, so that nothing is taken for what it
    was not meant as, or dropped without a word.
    """
    given: dict[str, str] = {}
    if any(argument.kind in {"codes", "code"} for argument in command.arguments):
        line = _take_codes(command, line, shapes, given, words=words)
    line = _take_document(command, line, given)
    tokens = _take_named(command, _TOKEN.findall(line), given)
    places = [one for one in command.arguments if one.kind != "flag" and not one.word and one.name not in given]
    length = next((one for one in command.arguments if one.kind == "term" and one.word and one.name not in given), None)
    while tokens:
        # A known word is what it says, also where any other text could stand.
        by_kind = sorted(places, key=lambda one: one.kind != "choice")
        place = next((one for one in by_kind if _taken(one, tokens)), places[0] if places else None)
        if place is None:
            if command.arguments and not any(one.kind in {"codes", "code"} for one in command.arguments):
                raise LeftOver(text=" ".join(tokens)[:80], command=command.name)
            break
        if length is not None and place.kind in BY_NAME and (found := term_within(tokens)) is not None:
            # A length of time names no pool.
            given[length.name] = " ".join(tokens[found])
            del tokens[found]
            length = None
            continue
        places.remove(place)
        if place.rest or not (places or place.kind in ONE_WORD):
            if not place.required and len(tokens) > 1 and _argument(command, tokens[0]) is place:
                del tokens[0]  # "reason spam", said in front of what it is
            given[place.name] = _as_written(line, tokens) if place.kind == "text" else " ".join(tokens)
            break
        size = max(1, _taken(place, tokens))
        given[place.name] = " ".join(tokens[:size])
        del tokens[:size]
    return given


def address_text(found: Found, text: str) -> str | None:
    """What an address argument is read from: the one address, or all of `text` where a person has to choose."""
    if found.doubtful or len(found.addresses) > 1:
        return text
    return found.addresses[0] if found.addresses else None


async def read_argument(
    core: Core, argument: Argument, raw: Any, given: Mapping[str, str] = _NOTHING, timezone: str | None = None
) -> Any:
    """The value of an argument. `given`: the raw texts of all; `timezone`: the writer's own. Raises: what is wrong."""
    if argument.kind == "address":
        return await _read_address(core, argument, str(raw), given)
    if argument.kind in {"codes", "code"}:
        codes = read_codes(str(raw), await core.shapes(), core.settings.redemption.codes_per_message)
        return codes if argument.kind == "codes" else codes[0]
    if argument.kind == "moment":
        return read_moment(str(raw), core.now(), timezone or core.settings.timezone)
    if argument.kind == "flag":
        return raw is True or str(raw).casefold() in {"true", "yes", "y", "1", "on", argument.name, "是", "好"}
    return _read_plain(argument, raw)


async def _read_address(core: Core, argument: Argument, raw: str, given: Mapping[str, str]) -> Address:
    """The address of a text. Who was asked about it and says so gets it as it is written."""
    if not raw.strip():
        raise MissingArgument(name=argument.name)
    known = core.settings.redemption.mail_domains
    if given.get(AS_IS) == "true":
        return read_as_is(clean(raw), await core.shapes())
    address = read_written(raw, await core.shapes(), known)
    if argument.invites and address.original != given.get(OFFERED):
        try:
            refuse_unlikely(address, known)
        except AddressUnlikely:
            if not await was_meant(core, address):
                raise
    return address


class Codes(tuple[CodeText, ...]):  # noqa: SLOT001 - a tuple cannot have slots of its own
    """The codes of a text; `mistyped` are those that were meant as codes and are none, as they may be shown."""

    mistyped: tuple[str, ...] = ()


def read_codes(text: str, shapes: Sequence[Shape], most: int) -> Codes:
    """All codes of a text, each once. Raises: Mistyped when there is nothing better, NoCodes, TooManyCodes."""
    found = find_codes(text, shapes)
    if found.mistyped and not found.codes:
        refusal = ExampleCode if is_example(canonical(found.mistyped[0]), shapes) else Mistyped
        raise refusal(expected=shapes[0].example, code=found.mistyped[0])
    # Whoever is asked for a code answers with one, also where it looks like any other word.
    read = found.codes or words_as_codes(text, shapes)
    if not read:
        raise NoCodes(expected=shapes[0].example)
    if len(read) > most:
        raise TooManyCodes(most=most, given=len(read))
    codes = Codes(read)
    codes.mistyped = found.mistyped
    return codes


def clean(text: str, *, lines: bool = False) -> str:
    """Without invisible, control and direction characters; white space single. `lines` keeps line breaks."""
    kept = "".join(
        char
        for char in unicodedata.normalize("NFC", text)
        if char in "\n\t " or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    if lines:
        return "\n".join(re.sub(r"[ \t]+", " ", line).strip() for line in kept.splitlines()).strip()
    return re.sub(r"\s+", " ", kept).strip()


def raw_values(options: Mapping[str, Any]) -> dict[str, str]:
    """Typed options as the texts that a dialogue or a button keeps."""
    return {
        name: value if isinstance(value, str) else str(value) for name, value in options.items() if value is not None
    }


def _read_plain(argument: Argument, raw: Any) -> Any:
    text = str(raw).strip() if argument.whole else clean(str(raw), lines=argument.rest)
    if not text or (argument.whole and says_nothing(text)):
        raise MissingArgument(name=argument.name)
    if argument.kind == "addresses":
        written = re.split(r"[\s,;\uff0c\uff1b、]+", str(raw))
        addresses = {one.key: one for one in (read_address(part) for part in written if part)}
        if not addresses:
            raise BadAddress(reason="empty")
        if len(addresses) > MOST_ADDRESSES:
            raise BadNumber(name=argument.name, low=1, high=MOST_ADDRESSES)
        return tuple(addresses.values())
    if argument.kind in {"number", "batch"}:
        return _read_number(argument, text)
    if argument.kind == "choice":
        choice = chosen(argument, text)
        if choice is None:
            raise BadChoice(name=argument.name, value=text[:80], choices=list(argument.choices))
        return choice
    if argument.kind == "term":
        return parse_term(text)
    if argument.kind == "document":
        return str(raw)
    most = argument.high or (len(text) if argument.whole else LONGEST_TEXT)
    if len(text) > most:  # cut, it would say something else
        raise BadLength(name=argument.name, value=text[:80], low=1, high=most)
    return text


def _read_number(argument: Argument, text: str) -> int:
    low = 1 if argument.low is None else argument.low
    high = 2**53 if argument.high is None else argument.high
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").removeprefix("#")
    plain = _HOURS.sub("", plain) if argument.name == "hours" else plain
    if not re.fullmatch(r"[+-]?\d{1,16}", plain, re.ASCII) or not low <= int(plain) <= high:
        raise BadNumber(name=argument.name, low=low, high=high)
    return int(plain)


def _take_codes(command: Command, line: str, shapes: Sequence[Shape], given: dict[str, str], *, words: bool) -> str:
    """Codes and addresses stand in any order and spelling; what is left of the line are other arguments."""
    found = find_codes(line, shapes)
    address = next((one for one in command.arguments if one.kind == "address"), None)
    if address is not None and (text := address_text(found, line)) is not None:
        given[address.name] = text
    codes = next(one for one in command.arguments if one.kind in {"codes", "code"})
    known = {one.name.replace("_", "-") for one in command.arguments if one.kind == "flag"}
    known.update(choice for one in command.arguments for choice in one.choices)
    others: list[str] = []
    left: list[str] = []
    for token in _TOKEN.findall(line):
        if _meant_as_option(command, token) and not find_codes(token, shapes):
            raise _unknown(command, token)
        named = token.removeprefix("--").casefold().replace("_", "-") in known or ("=" in token and "@" not in token)
        (others if named else left).append(token)
    if found.codes or found.mistyped:
        given[codes.name] = "\n".join([*(code.display for code in found.codes), *found.mistyped])
    elif words and (read := words_as_codes(" ".join(left), shapes)):
        given[codes.name] = "\n".join(word.display for word in read)
    return " ".join(others)


def _take_document(command: Command, line: str, given: dict[str, str]) -> str:
    """A pasted document begins at the first bracket, or on a line of its own, and is not cut into words."""
    document = next((one for one in command.arguments if one.kind == "document"), None)
    begin = re.search(r"[{\[\n]|```", line)
    if document is None or begin is None or not line[begin.start() :].strip():
        return line
    given[document.name] = line[begin.start() :].strip()
    return line[: begin.start()]


def _take_named(command: Command, tokens: list[str], given: dict[str, str]) -> list[str]:
    """What is given by name. Returns what is left, without the quotes around it: a quoted token is never a name."""
    left: list[str] = []
    waiting = list(tokens)
    while waiting:
        if _text_begins(command, waiting[0], left, given):
            return left + waiting
        token = waiting.pop(0)
        if token[0] in '"“':
            left.append(_unquoted(token))
            continue
        named = _NAMED.fullmatch(token)
        if named and (argument := _argument(command, named[1])) is not None:
            if argument.name in given:
                raise OptionTwice(name=argument.name)
            given[argument.name] = _whole(argument, named[3], waiting)
            continue
        argument = _argument(command, token.removeprefix("--"))
        by_name = argument is not None and (
            token.startswith("--") or argument.word or argument.kind in BY_NAME or token.casefold() in argument.aliases
        )
        if argument is not None and argument.kind == "flag":
            given[argument.name] = "true"
        elif argument is not None and waiting and by_name and argument.name not in given:
            given[argument.name] = _value(command, argument, waiting, given)
        elif _meant_as_option(command, token):
            raise _unknown(command, token)
        else:
            left.append(token)
    return left


def _text_begins(command: Command, token: str, left: Sequence[str], given: Mapping[str, str]) -> bool:
    """Is it a word of what somebody writes for others? All that follows is text then, whatever it looks like."""
    prose = command.arguments[-1] if command.arguments else None
    if prose is None or not prose.prose or any(one.kind != "text" and not one.required for one in command.arguments):
        return False
    before = sum(one.name not in given for one in command.arguments[:-1])
    named = _MEANT.fullmatch(token)
    by_name = named is not None and _argument(command, named[1] or named[2]) is not None
    return len(left) > before or (len(left) == before and not by_name)


def _value(command: Command, argument: Argument, waiting: list[str], given: Mapping[str, str]) -> str:
    """Take the value of a named argument off the line: of several words where it can have them, up to the next name."""
    first = waiting.pop(0)
    if argument.kind in {"choice", *READERS}:
        return _whole(argument, first, waiting)
    if first[0] in '"“' or argument.kind in ONE_WORD or _free_text_follows(command, given):
        return _unquoted(first)
    ends = (number for number in range(len(waiting)) if _begins_another(command, argument, waiting[number:], given))
    more = next(ends, len(waiting))
    return " ".join([first, *(waiting.pop(0) for _ in range(more))])


def _whole(argument: Argument, first: str, waiting: list[str]) -> str:
    """The value that begins with `first`, with what belongs to it of the words behind, which are taken off."""
    if first and first[0] not in '"“' and argument.kind in {"choice", *READERS}:
        for _ in range(_taken(argument, [first, *waiting]) - 1):
            first += f" {waiting.pop(0)}"
    return _unquoted(first)


def _begins_another(command: Command, argument: Argument, tokens: Sequence[str], given: Mapping[str, str]) -> bool:
    """Is it the name of another argument, with or without its value, or (behind a name of a thing) another choice?"""
    token = tokens[0]
    named = _NAMED.fullmatch(token)
    other = _argument(command, named[1] if named else token.removeprefix("--"))
    if (
        other is not None
        and other is not argument
        and (named or other.word or other.kind in {"flag", *BY_NAME} or token.startswith("--"))
    ):
        return True
    if token[0] in '"“' or _meant_as_option(command, token):
        return True
    places = (one for one in command.arguments if not one.word and one.name not in given)
    kinds = {"choice", "address"} if argument.kind in {"pool", "team"} else set()
    return any(one.kind in kinds and _taken(one, tokens) for one in places)


def _free_text_follows(command: Command, given: Mapping[str, str]) -> bool:
    """Does what somebody writes for others stand behind it, where every word counts?"""
    return any(one.prose and one.name not in given for one in command.arguments)


def _argument(command: Command, name: str) -> Argument | None:
    wanted = name.casefold().replace("-", "_")
    found = next((one for one in command.arguments if wanted in {one.name, *one.aliases}), None)
    if found is not None or name.isascii() or any(one.prose for one in command.arguments):
        return found  # in what somebody writes for others, such a word is far more often a word
    if any(wanted in called(choice) for one in command.arguments for choice in one.choices):
        return None
    return next((one for one in command.arguments if wanted in names_of(one.name)), None)


def _meant_as_option(command: Command, token: str) -> bool:
    """Does it look like an option that the command does not have? What somebody wrote for others is never one."""
    free = any(argument.prose or argument.kind == "token" for argument in command.arguments)
    found = None if free or "@" in token else _MEANT.fullmatch(token)
    return found is not None and _argument(command, found[1] or found[2]) is None


def _unknown(command: Command, token: str) -> UnknownOption:
    known = [argument.written for argument in command.arguments if argument.name not in {"page", AS_IS}]
    return UnknownOption(name=token[:80], command=command.name, options=known, count=len(known))


def _as_written(line: str, tokens: Sequence[str]) -> str:
    """The end of a line that the tokens are, with its line breaks."""
    written = re.search(r"\s+".join(re.escape(token) for token in tokens) + r"\s*$", line)
    return written[0].strip() if written else " ".join(tokens)


def _taken(argument: Argument, tokens: Sequence[str]) -> int:
    """How many of the next words are a value of the argument: of a choice or a length of time as many as belong to it,
    of anything else the first one, if it looks like one.
    """
    if argument.kind not in {"choice", *READERS}:
        in_hours = argument.name == "hours" and len(tokens) > 1 and _HOURS.fullmatch(f"1{tokens[1]}", 1)
        return 2 if in_hours else int(_accepts(argument, tokens[0]))
    sizes = range(min(MOST_WORDS, len(tokens)), 0, -1)
    return next((size for size in sizes if _reads(argument, " ".join(tokens[:size]))), 0)


def _reads(argument: Argument, text: str) -> bool:
    if argument.kind == "choice":
        return chosen(argument, text) is not None
    return READERS[argument.kind](text)


def _accepts(argument: Argument, token: str) -> bool:
    if argument.kind in {"number", "batch"}:
        return re.fullmatch(r"#?-?\d[\d,]*", token) is not None
    if argument.kind in {"address", "addresses"}:
        return "@" in token
    if argument.kind == "term" and not argument.required:
        return token[0].isdigit() or is_term(token)
    return argument.kind != "document" or "{" in token


def _unquoted(token: str) -> str:
    return token[1:-1] if len(token) > 1 and token[0] in '"“' and token[-1] in '"”' else token
