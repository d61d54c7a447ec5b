"""From a request to a reply: which command is meant, may it be used, is something missing, what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import structlog

from bots.commands import chatter, confirming, small_talk
from bots.commands.arguments import OFFERED, address_text, cut_line, raw_values, read_argument
from bots.commands.asking import ANSWER, CANCEL, ask_for, ask_missing
from bots.commands.buttons import store_buttons
from bots.commands.catalogue import as_command, find_command, nearest, written_bare
from bots.commands.command import Argument, Command
from bots.commands.dialogue import Dialogue, is_asked_about, keep_dialogue, open_dialogue, was_lost
from bots.commands.failures import failed, refused
from bots.commands.files import credential_unasked, posts_teams, secrets_in, text_of
from bots.commands.groups import SecretKind, keep_posted, linked, pointer, welcome
from bots.commands.member import conversations, talk
from bots.commands.next_steps import beside
from bots.commands.request import SLASHES, Request
from bots.commands.staff.team_import import holds_credential
from bots.messages.reply import Button, Reply, Say
from core import telemetry
from core.actors import Role
from core.command_errors import MissingArgument, PoolUnnamed, UnknownCommand
from core.errors import (
    AddressUnlikely,
    BadInput,
    Busy,
    ButtonUsed,
    OutcomeUnknown,
    Refusal,
)
from core.people.buttons import is_button, press
from core.rules.message_text import find_codes
from core.service import Core
from core.talk import choosing

log = structlog.get_logger(__name__)

REDEEM = "redeem"
TOKEN = re.compile(r"[\w-]{32}", re.ASCII)
"""What a sign-in token looks like at the end of a link."""
WHILE_BANNED = frozenset({"help", "language", "privacy", "start", "timezone"})
"""What even somebody may do whom staff have shut out: read what is stored about them, and have it erased."""


async def dispatch(core: Core, request: Request) -> Reply | None:
    """Answer one request; None when it is nobody's business, as most of what is said in a group.

    Never raises for anything that a person may do. What was not expected is logged with a reference number,
    which is all that the person sees of it. Raises: Busy for a request that is kept.
    """
    telemetry.begin_numbering()
    request = replace(request, show=partial(_show, request))
    try:
        reply = await _answer(core, request)
    except Refusal as refusal:
        reply = replace(refused(refusal, core.now()), buttons=await beside(core, request, refusal))
        if request.pressed is not None and not request.chat.private:
            # The message with the button is everybody's: one person's refusal must not take its place.
            reply = replace(reply, toast=True, private=False)
    except OutcomeUnknown as unknown:
        log.warning("outcome_unknown", platform=request.chat.platform)
        reply = Reply(f"error-{unknown.key}", unknown.facts, state="failed", private=False)
    except Busy:
        log.warning("busy", platform=request.chat.platform)
        if request.kept:
            raise  # perhaps in the middle of something: whoever begins it again knows how it ended
        reply = Reply("error-busy", state="failed", private=False)
    except Exception as fault:
        log.exception("unexpected_error", reference=(reference := telemetry.new_reference()))
        reply = await failed(core, fault, reference)
    if reply is None:
        return None
    if not request.chat.private and reply.private:
        reply = replace(pointer(request, request.command or "start", {}), delete_request=reply.delete_request)
    if request.chat.private and reply.timezone is None:
        reply = replace(reply, timezone=request.actor.timezone)
    reply = replace(reply, unit=core.settings.money.unit)
    reply = await store_buttons(core, request.actor.key, reply)
    await confirming.note(core, request, reply)
    return linked(request, reply)


async def _show(request: Request, reply: Reply) -> None:
    """A passing state is in the reader's time as well."""
    if request.chat.private and reply.timezone is None:
        reply = replace(reply, timezone=request.actor.timezone)
    await request.show(reply)


async def _answer(core: Core, request: Request) -> Reply | None:
    if request.pressed is not None:
        return await _pressed(core, request, request.pressed)
    if request.command is not None:
        return await _named(core, request, request.command, raw_values(request.options))
    text = request.text.strip()
    private = request.chat.private
    if request.edited and not (private and await is_asked_about(core, request.actor.key, request.edited)):
        # What was answered or done stays so, however its wording is changed afterwards; a question may be asked anew.
        return await _edited(core, request, text)
    if (written := as_command(text)) is not None:
        name = re.split(r"\s", written, maxsplit=1)[0]
        return await _written(core, request, name, written[len(name) :].strip())
    if not request.chat.private:
        return await _overheard(core, request, text)
    return await _said(core, request, text)


async def _edited(core: Core, request: Request, text: str) -> Reply | None:
    """Another wording of what is over: said where it was to do something, seen to where it shows what nobody may see."""
    codes = find_codes(text, await core.shapes()).codes
    if not request.chat.private and (codes or holds_credential(text)):
        return await _overheard(core, request, text)
    if holds_credential(text):
        return credential_unasked(request)
    if request.chat.private and (codes or text.startswith(SLASHES)):
        return Reply("edited-unread")
    return await talk.reworded(core, request, text)


async def _pressed(core: Core, request: Request, nonce: str) -> Reply | None:
    try:
        pressed = await press(core, request.actor, nonce, request.key)
    except Refusal as refusal:
        if request.pressed is not None:
            return replace(refused(refusal, core.now()), toast=True, private=False)
        if isinstance(refusal, ButtonUsed):
            return refused(refusal, core.now())
        return await _named(core, request, "start", {})  # a link that others have seen as well
    request = replace(request, confirmed=pressed.confirmed)
    if pressed.command == CANCEL:
        return await _cancelled(core, request)
    if pressed.command == ANSWER:
        return await _said(core, request, str(pressed.arguments["value"]))
    # What a form added to the press fills gaps only: it comes from the client, the arguments from the button's row.
    reply = await _named(core, request, pressed.command, raw_values({**request.options, **pressed.arguments}))
    return reply if reply is None or pressed.replaces else replace(reply, replace=False)


async def _written(core: Core, request: Request, name: str, line: str) -> Reply | None:
    name, named, _ = name.partition("@")
    if name.casefold() == CANCEL:
        return await (_cancelled(core, request) if request.chat.private else _cancelled_aloud(core, request, named))
    if name.casefold() == "start" and line and (opened := await _linked(core, request, line)) is not None:
        return opened
    command = find_command(name)
    if command is None:
        if not request.chat.private and not named:
            return None  # groups are full of other bots' commands
        raise UnknownCommand(name=name[:40], nearest=nearest(name, request.actor.role) or "")
    if command.name not in WHILE_BANNED:
        request.actor.require(command.role)
    try:
        values = cut_line(command, line, await core.shapes(), words=True)
    except BadInput as wrong:
        if not request.chat.private and not command.public:
            return await _named(core, request, name, {}, line)
        return replace(refused(wrong, core.now()), delete_request=_takes_secret(command))
    return await _named(core, request, name, values, line)


async def _linked(core: Core, request: Request, payload: str) -> Reply | None:
    """What a link into the private chat brought along; None where it is nothing that is known."""
    if await is_button(core, payload):
        return await _pressed(core, request, payload)
    if (copied := await conversations.by_link(core, request, payload)) is not None:
        await confirming.forget(core, request)
        return copied
    if found := find_codes(payload, await core.shapes()):
        return await _named(core, request, REDEEM, await chatter.wished(core, found, payload))
    return await _named(core, request, "claim", {"token": payload}) if TOKEN.fullmatch(payload) else None


def _allowed(request: Request, name: str) -> Command:
    """Raises: UnknownCommand, NotAllowed, Banned."""
    command = find_command(name)
    if command is None:
        raise UnknownCommand(name=name[:40], nearest=nearest(name, request.actor.role) or "")
    if command.name not in WHILE_BANNED:
        request.actor.require(command.role)
    return command


def _does_at_once(command: Command, values: Mapping[str, str]) -> bool:
    """Is everything said that staff's command needs to change something? A link to it works once, as a message does."""
    said = all(argument.name in values for argument in command.arguments if argument.required)
    return said and command.role > Role.VIEWER


def _takes_secret(command: Command) -> bool:
    return any(argument.kind in {"document", "token"} for argument in command.arguments)


async def _named(core: Core, request: Request, name: str, values: Mapping[str, str], line: str = "") -> Reply | None:
    """Run a command that was named, asking for what is missing."""
    command = _allowed(request, name)
    if not request.chat.private and not command.is_public(values):
        posted: SecretKind | None = "code" if await keep_posted(core, request, line) else None
        posted = "credential" if (line or request.files) and _takes_secret(command) else posted
        return pointer(request, command.name, values, posted, once=_does_at_once(command, values))
    before = (
        await open_dialogue(core, request.actor.key, request.key, edited=request.edited)
        if request.chat.private
        else None
    )
    return await _run(core, request, command, dict(values), before)


async def _said(core: Core, request: Request, text: str) -> Reply | None:
    """Free text in a private chat: an answer, or an address and codes, or something else."""
    meant = small_talk.heard(text)
    if meant == CANCEL:
        return await _cancelled(core, request)
    dialogue = await open_dialogue(core, request.actor.key, request.key, edited=request.edited)
    if (agreed := await _agreed(core, request, text, dialogue)) is not None:
        return agreed
    dialogue = await confirming.closed(core, request, dialogue)
    command = find_command(dialogue.command) if dialogue is not None else None
    found = find_codes(text, await core.shapes())
    if dialogue is not None and command is not None and not chatter.is_a_wish(found, command, dialogue):
        return await _answered(core, request, command, dialogue, text)
    if holds_credential(text):
        return credential_unasked(request)
    found = await chatter.with_words(core, request, found, text)
    if found:
        wished = await chatter.wished(core, found, text)
        doubted = await talk.doubted(core, text, wished) if found.codes and dialogue is None else None
        return doubted or await _run(core, request, _allowed(request, REDEEM), wished, dialogue)
    if dialogue is None and await was_lost(core, request.actor.key, request.key):
        return Reply("dialogue-lost", buttons=((_do("button-redeem", REDEEM), _do("button-help", "help")),))
    if meant == "human":
        return small_talk.answer(core, meant, request.language)
    if chatter.names_a_person(request, text):
        return await _named(core, request, "find", {"what": text})
    if held := await secrets_in(core, request):
        return await _named(core, request, "import", {}) if held == "teams" else credential_unasked(request)
    if (named := await chatter.named_alone(core, request, text)) is not None:
        asking = Button(Say("button-ask-it"), "ask", {"text": text}, once=True, replaces=False)
        return chatter.did_you_mean(named, *([asking] if await choosing.talks(core) else []))
    # "Help" is not asked of a model, and "thank you" from somebody without credit is answered, not refused.
    spoken = meant is not None and not request.attachments
    idle = spoken and (small_talk.is_for_the_bot(text) or not await talk.could_pay(core, request))
    if (text or request.attachments) and not idle and (kept := await talk.said(core, request, text)) is not None:
        return kept
    return await _not_talk(core, request, text, meant)


async def _not_talk(core: Core, request: Request, text: str, meant: small_talk.SmallTalk | None) -> Reply | None:
    """The answer to free text where there is no model to ask."""
    if request.files and request.actor.role < Role.ADMIN:
        return Reply("file-unasked")
    if request.files:  # those who bring in teams see what it holds, and store it or not
        return await _named(core, request, "import", {})
    if meant is not None:
        return await small_talk.reply(core, meant, request.language)
    if request.media:
        return small_talk.about_media(request.media)
    if (named := written_bare(text, request.actor.role)) is not None:
        return chatter.did_you_mean(named)
    return chatter.not_understood(request)


async def _agreed(core: Core, request: Request, text: str, dialogue: Dialogue | None) -> Reply | None:
    """What comes of a plain yes or no to what is to be confirmed; None where it answers nothing of that kind."""
    answer = await confirming.answer(core, request, text, dialogue)
    if answer is None:
        return None
    if answer.yes:
        return await _pressed(core, request, answer.nonce)
    await confirming.forget(core, request)
    return Reply("cancelled", private=False)


async def _answered(core: Core, request: Request, command: Command, dialogue: Dialogue, text: str) -> Reply | None:
    argument = command.argument(dialogue.asked)
    if argument is None:
        return await _cancelled(core, request)
    request.actor.require(command.role)
    if (beside_it := chatter.no_answer(core, request, command, dialogue, text)) is not None:
        return beside_it
    values = dict(dialogue.values)
    if argument.kind in {"address", "codes", "code"}:
        # Whoever is asked for the address and sends both has answered both.
        cut = cut_line(command, text, await core.shapes()) if text else {}
        values = chatter.together(values, cut, argument.kind)
        if argument.name not in values and not chatter.is_the_other(argument.kind, cut, text):
            values[argument.name] = text
    elif argument.kind != "document" or not request.files:  # what is written beside a file is about the file
        values[argument.name] = text
    return await _run(core, request, command, values, dialogue)


async def _overheard(core: Core, request: Request, text: str) -> Reply | None:
    """In a group, codes and credentials are taken out of sight; else only what is said to the bot is its business."""
    if holds_credential(text) or await posts_teams(core, request):
        return pointer(request, "import", {}, "credential")
    found = find_codes(text, await core.shapes())
    if not await keep_posted(core, request, text):
        return await _spoken_to(core, request, text) if request.addressed else None
    values = {"codes": "\n".join(code.display for code in found.codes)}
    if (address := address_text(found, text)) is not None:
        values["address"] = address
    return pointer(request, REDEEM, values, "code")


async def _spoken_to(core: Core, request: Request, text: str) -> Reply | None:
    """Whoever speaks to the bot in a group is answered by a model, or told where one talks with it."""
    before = await confirming.opened(core, request, text)
    if (agreed := await _agreed(core, request, text, before)) is not None:
        return agreed
    if (answer := await talk.addressed(core, request, text)) is not None:
        return answer
    called = not text and not request.attachments  # by its name alone
    return welcome(request) if called or small_talk.heard(text) in {"hello", "how", "human"} else None


async def _run(
    core: Core, request: Request, command: Command, values: dict[str, str], before: Dialogue | None
) -> Reply:
    """Read every argument, ask for the first that is missing or wrong, and call the handler when all are there."""
    read: dict[str, Any] = {}
    missing: Argument | None = None
    for argument in command.arguments:
        raw: Any = values.get(argument.name)
        if raw is None and argument.kind == "document" and request.files:
            raw = await text_of(request)
            values[argument.name] = raw
        if raw is None:
            if not argument.required:
                read[argument.name] = False if argument.kind == "flag" else argument.default
                continue
            missing = missing or argument  # what is wrong with the rest is said first
            continue
        try:
            read[argument.name] = await read_argument(core, argument, raw, values, request.actor.timezone)
        except Refusal as refusal:
            values.pop(argument.name)
            wrong = {argument.name: ""}
            if command.first is not None and (early := await command.first(core, request, wrong)) is not None:
                return early  # whoever is answered without a word need not write it rightly
            if isinstance(refusal, AddressUnlikely):
                values[OFFERED] = refusal.facts["written"]  # whoever sends the same address once more means it
            return await ask_for(core, request, command, argument, values, before, refusal)
    if missing is not None:
        return await _ask_first(core, request, command, missing, values, before)
    await keep_dialogue(
        core, request.actor.key, request.key, before, None, message=request.message, edited=request.edited
    )
    if command.once and request.repeated:
        return Reply("interrupted", {"command": command.name}, state="failed")
    try:
        return await command.handler(core, request, **read)
    except (MissingArgument, PoolUnnamed) as refusal:
        return await ask_missing(core, request, command, values, refusal)


async def _ask_first(
    core: Core, request: Request, command: Command, missing: Argument, values: dict[str, str], before: Dialogue | None
) -> Reply:
    """Ask for what is missing, unless what is there is enough."""
    early = await command.first(core, request, values) if command.first is not None else None
    if early is None:
        return await ask_for(core, request, command, missing, values, before, None)
    if early.state != "asking":
        await keep_dialogue(core, request.actor.key, request.key, before, None, message=request.message)
    return early


async def _cancelled_aloud(core: Core, request: Request, named: str) -> Reply | None:
    """In a group no question is ever open, and the other bots there are told the same."""
    return await talk.stopped(core, request) or (Reply("nothing-to-cancel", private=False) if named else None)


async def _cancelled(core: Core, request: Request) -> Reply:
    before = await open_dialogue(core, request.actor.key, request.key, edited=request.edited)
    await keep_dialogue(
        core, request.actor.key, request.key, before, None, message=request.message, edited=request.edited
    )
    if (
        (before is None or confirming.is_one(before))
        and not request.pressed
        and (stopped := await talk.stopped(core, request)) is not None
    ):
        return stopped
    return Reply("cancelled") if before is not None or request.pressed else small_talk.nothing_open(request.text)


def _do(label: str, command: str, **arguments: Any) -> Button:
    return Button(Say(label), command, arguments)
