"""What somebody says that is neither a command nor an answer, and what is said to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bots.commands import small_talk
from bots.commands.arguments import address_text
from bots.commands.asking import question
from bots.commands.catalogue import find_command, written_bare
from bots.commands.command import Command
from bots.commands.dialogue import Dialogue
from bots.commands.meant import ALONE
from bots.commands.request import Request
from bots.messages.reply import Button, Reply, Say
from core.actors import Role
from core.codes.words import imported_among
from core.errors import ExampleCode
from core.rules.codes import canonical, is_example
from core.rules.message_text import Found, words_as_codes
from core.service import Core
from core.talk import choosing

NEVER_TALK = frozenset({"address", "addresses", "codes", "code", "number", "term", "moment", "batch"})
"""The kinds of arguments that no word of small talk can be."""
MOST_WORDS = 3
"""Words of a message that are looked up in case they are codes: an address and a code, not a conversation."""
_PERSON = re.compile(r"(?:telegram|discord):\d{1,20}", re.ASCII)
_HELP = Button(Say("button-help"), "help")
_REDEEM = Button(Say("button-redeem"), "redeem")


def no_answer(core: Core, request: Request, command: Command, dialogue: Dialogue, text: str) -> Reply | None:
    """What is said to a voice message or a "thank you" in place of an answer; the question stays open."""
    argument = command.argument(dialogue.asked)
    if argument is None or argument.kind == "document":
        return None
    kind = request.media or ("file" if request.files else "")
    talked = small_talk.heard(text) if argument.kind in NEVER_TALK else None
    if talked is not None:
        lead = small_talk.answer(core, talked, request.language)
    elif kind and not text:
        lead = Reply("media-instead", {"kind": kind})
    else:
        return None
    asked = question(command, argument, dict(dialogue.values))
    return replace(asked, key=lead.key, facts=lead.facts, more=(Say(asked.key, asked.facts), *asked.more))


def is_a_wish(found: Found, command: Command, dialogue: Dialogue) -> bool:
    """An address with codes is no answer to a question about a language or a number: it is a wish of its own."""
    argument = command.argument(dialogue.asked)
    free = {"text", "document", "codes", "code"}
    if any(one.kind in {"codes", "code"} for one in command.arguments):
        free |= {"address", "addresses"}  # both are what it asks for
    return bool(found.addresses and found.codes) and (argument is None or argument.kind not in free)


def is_the_other(kind: str, cut: Mapping[str, str], text: str) -> bool:
    """Is it a code alone where an address was asked for, or an address alone where codes were? Both go together."""
    if kind == "address":
        return "codes" in cut and "@" not in text and "＠" not in text
    return kind == "codes" and cut.get("address") == text.strip()


def together(before: Mapping[str, str], cut: Mapping[str, str], kind: str) -> dict[str, str]:
    """What is given by now. Another code alone, sent where an address was asked for, goes with those before it."""
    given = {**before, **cut}
    if kind == "address" and "codes" in before and "codes" in cut and "address" not in cut:
        codes = [*before["codes"].split("\n"), *cut["codes"].split("\n")]
        given["codes"] = "\n".join(dict.fromkeys(codes))
    return given


def not_understood(request: Request) -> Reply:
    """Nothing could be made of it. Staff are told of their commands, everybody else of redeeming."""
    if request.actor.role > Role.ANYONE:
        return Reply("not-understood-staff", buttons=((_HELP,),))
    return Reply("not-understood", buttons=((_REDEEM, _HELP),))


def names_a_person(request: Request, text: str) -> bool:
    """Is it nothing but an identity, as a shared contact is, from staff? They want to know who that is."""
    return request.actor.role > Role.ANYONE and _PERSON.fullmatch(text) is not None


async def named_alone(core: Core, request: Request, text: str) -> Command | None:
    """The command of staff whose bare name is all that one of them wrote, or what only the bot can do: no question for a
    model.
    """
    if request.attachments:
        return None
    named = None if " " in text else written_bare(text, request.actor.role)
    if named is not None and named.role > Role.ANYONE:
        return named
    meant = ALONE.get("".join(text.rstrip("?？!！。.").casefold().split()))
    return find_command(meant) if meant is not None and await choosing.talks(core) else None


def did_you_mean(named: Command, *more: Button) -> Reply:
    """Offer a command, as a button, to whoever wrote its bare name."""
    button = Button(Say("button-did-you-mean", {"command": named.name}), named.name, replaces=False)
    return Reply("did-you-mean", {"command": named.name}, buttons=((button, *more),))


async def with_words(core: Core, request: Request, found: Found, text: str) -> Found:
    """A code of letters only is a word like others: where one of few is a code that exists, it is meant."""
    if found.codes or found.mistyped:
        return found
    words = words_as_codes(text, await core.shapes())
    if not words or len(words) > MOST_WORDS:
        return found
    return replace(found, codes=tuple(await imported_among(core, request.actor, words)))


async def wished(core: Core, found: Found, text: str) -> dict[str, str]:
    """What redeeming is given by addresses and codes in a text. Raises: ExampleCode."""
    values = {}
    if (address := address_text(found, text)) is not None:
        values["address"] = address
    elif found.mistyped and not found.codes and is_example(canonical(found.mistyped[0]), shapes := await core.shapes()):
        raise ExampleCode(expected=shapes[0].example, code=found.mistyped[0])
    if found.codes or found.mistyped:
        values["codes"] = "\n".join([*(code.display for code in found.codes), *found.mistyped])
    return values
