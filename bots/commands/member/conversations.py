"""What people do with their conversations: list, open, keep, find, save and share them."""

from __future__ import annotations

import re
from typing import Any

from bots.commands.command import Argument
from bots.commands.member.answered import NEW_BUTTON
from bots.commands.member.talk import place_of, refuse_where_off, talking
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.rendering import Look
from bots.messages.rendering import words as words_of
from bots.messages.reply import Brief, Button, File, Prose, Reply, Say
from core.actors import Role
from core.command_errors import MissingArgument
from core.service import Core
from core.talk import conversations, exporting, searching, sharing
from core.talk.contents import shortened
from core.talk.conversations import ConversationLine

LIST = Button(Say("button-chats"), "chats")
SHOWN = 10
"""Conversations of one list, each with its button; words find the others."""
LABEL = 40
"""Characters of a title on a button."""
OPENED = 5
"""Conversations that a search offers to open."""
ACTIONS = ("show", "resume", "rename", "star", "unstar", "archive", "unarchive", "archived", "delete")
OF_THIS = frozenset({"rename", "star", "unstar", "archive"})
"""What is done with the conversation that goes on here, where no other one is named; deleting is not."""
ALSO = (("open", "resume"), ("打开", "resume"), ("unpin", "unstar"), ("remove", "delete"), ("重命名", "rename"))
IN_DAYS = re.compile(r"([1-9]\d{0,2})(?:d|days?|天|日)", re.IGNORECASE)
NOTHING = frozenset(
    {"off", "none", "clear", "reset", "delete", "remove", "-", "无", "关", "关闭", "清除", "清空", "删除"}
)


async def chats(core: Core, request: Request, *, action: str | None, number: int | None, words: str | None) -> Reply:
    """The asker's conversations; or something done with one of them."""
    await refuse_where_off(core)
    place = place_of(request)
    if number is None and action in {None, "show", "archived"}:
        found = await conversations.chat_list(core, request.actor, place, words, archived=action == "archived")
        away = await conversations.archived_count(core, request.actor) if words is None and action != "archived" else 0
        return _listed(found, words, core, away)
    if number is None and action in OF_THIS:
        number = await conversations.number_here(core, request.actor, place)
    if number is None:
        raise MissingArgument(name="number")
    if action == "resume":
        await conversations.open_chat(core, request.actor, place, number)
    elif action == "rename":
        question = Reply("chats-ask-title")
        most = conversations.LONGEST_TITLE
        if words is not None and len(words) > most:  # cut, it would say something else
            question = Reply("chats-long-title", {"most": most, "given": len(words)}, more=(Say("chats-ask-title"),))
            words = None
        if words is None:
            return await ask(core, request, "chats", "words", {"action": action, "number": number}, question)
        await conversations.rename(core, request.actor, number, words)
    elif action in {"star", "unstar"}:
        await conversations.pin(core, request.actor, number, action == "star")
    elif action in {"archive", "unarchive"}:
        await conversations.archive(core, request.actor, number, action == "archive")
    elif action == "delete":
        line = await conversations.chat_page(core, request.actor, place, number)
        if not request.confirmed:
            facts = {"title": titled(line.title), "count": line.messages}
            return confirm(Reply("chats-delete", facts), "chats", {"action": action, "number": number})
        await conversations.delete(core, request.actor, number)
        return Reply("chats-deleted", {"title": titled(line.title)}, buttons=((LIST,),))
    return _page(await conversations.chat_page(core, request.actor, place, number), core, action)


async def instructions(core: Core, request: Request, *, text: str | None) -> Reply:
    """What the conversation here begins with; or another text, or `off`."""
    await refuse_where_off(core)
    place = place_of(request)
    if text is None:
        present = await conversations.instructions(core, request.actor, place)
        return Reply("instructions", {"text": Prose(present)}) if present else Reply("instructions-none")
    off = text.strip().casefold() in NOTHING
    await conversations.instruct(core, request.actor, place, None if off else text)
    return Reply("instructions-off" if off else "instructions-set")


async def search(core: Core, request: Request, *, words: str) -> Reply:
    """The newest of the asker's messages that hold these words."""
    await refuse_where_off(core)
    found = await searching.search(core, request.actor, words)
    if not found:
        return Reply("search-nothing", {"words": words})
    now = core.now()
    items = [
        Say("search-line", {"title": titled(one.title), "text": one.text, "at": Brief(one.at, now)})
        for one in found[:SHOWN]
    ]
    named = {one.conversation_id: one.title for one in found[:SHOWN]}
    rows = [(_button("resume", number, title),) for number, title in list(named.items())[:OPENED]]
    return Reply("search-found", {"words": words, "count": len(found)}, items=items, buttons=rows)


async def savechat(core: Core, request: Request, *, format: str | None) -> Reply:  # noqa: A002 - as people write it
    """The conversation that goes on here, as a file."""
    await refuse_where_off(core)
    form: Any = format or "md"
    look = Look(request.language, "plain", 10_000)
    said = exporting.Wording(
        you=words_of(Say("export-you"), look),
        marks={state: words_of(Say(f"talk-mark-{state}"), look) for state in ("stopped", "interrupted")},
        zone=request.actor.timezone or core.settings.timezone,
    )
    saved = await exporting.save_chat(core, request.actor, place_of(request), form, said)
    name = f"conversation.{form}"
    facts = {"count": saved.messages, "all": saved.all, "whole": "yes" if saved.messages == saved.all else "no"}
    return Reply("chat-saved", facts, files=(File(name, saved.content.encode("utf-8", "replace")),))


async def share(
    core: Core, request: Request, *, action: str | None, days: int | None, number: int | None, token: str | None
) -> Reply:
    """A link to a copy of the conversation that goes on here; the links there are; one taken back, or opened."""
    await refuse_where_off(core)
    place = place_of(request)
    if action == "list":
        return _shares(await sharing.share_list(core, request.actor), core)
    if action == "back":
        number = number or days  # the first number in a line
        if number is None:
            return _shares(await sharing.share_list(core, request.actor), core)  # with a button for each
        await sharing.revoke(core, request.actor, number)
        return Reply("share-revoked")
    if action == "copy":
        if token is None:
            raise MissingArgument(name="token")
        return await opened(core, request, token)
    if token is not None and sharing.is_share(token):
        return await opened(core, request, token)
    buttons = ((Button(Say("button-shares"), "share", {"action": "list"}, replaces=False),),)
    if token is not None and (said := IN_DAYS.fullmatch(f"{days or ''}{token}")) and int(said[1]) <= sharing.MOST_DAYS:
        days, token = int(said[1]), None
    if token is not None:  # a mistyped word makes nothing public
        return Reply("share-how", {"text": token[:80], "most": sharing.MOST_DAYS}, buttons=buttons, state="refused")
    made, until = await sharing.share(core, request.actor, place, days or sharing.USUAL_DAYS)
    link = request.chat.deep_link(made) if request.chat.deep_link is not None else None
    if link:
        return Reply("share-link", {"link": link, "until": until}, buttons=buttons)
    return Reply("share-token", {"token": made, "until": until}, buttons=buttons)


async def opened(core: Core, request: Request, token: str) -> Reply:
    """A shared conversation, copied to whoever has the link."""
    title = await sharing.open_share(core, request.actor, place_of(request), token.strip(), request.key)
    return Reply("share-opened", {"title": title})


async def by_link(core: Core, request: Request, payload: str) -> Reply | None:
    """What a link brings along, if it is a shared conversation."""
    if not request.chat.private or not sharing.is_share(payload):
        return None
    request.actor.require(Role.ANYONE)
    await refuse_where_off(core)
    return await opened(core, request, payload)


def _listed(found: list[ConversationLine], words: str | None, core: Core, away: int) -> Reply:
    """`away` are those that were archived, which are listed elsewhere."""
    others = (
        ((Button(Say("button-chats-archived", {"count": away}), "chats", {"action": "archived"}),),) if away else ()
    )
    if not found:
        return Reply("chats-none", {"words": words or "", "archived": away}, buttons=((NEW_BUTTON,), *others))
    shown = found[:SHOWN]
    rows = [(_button("show", one.id, one.title, line=one.id),) for one in shown]
    facts = {"count": len(found), "more": len(found) - len(shown)}
    return Reply("chats", facts, items=[_line(one, core) for one in shown], buttons=(*rows, (NEW_BUTTON,), *others))


def _line(one: ConversationLine, core: Core) -> Say:
    facts = {
        "number": str(one.id),
        "title": titled(one.title),
        "at": Brief(one.changed_at, core.now()),
        "count": one.messages,
        "state": "here" if one.here else "pinned" if one.pinned else "archived" if one.archived else "other",
    }
    return Say("chats-line", facts)


def _page(one: ConversationLine, core: Core, done: str | None) -> Reply:
    """One conversation, and what has just been done with it."""

    def do(action: str) -> Button:
        return Button(Say(f"button-chats-{action}"), "chats", {"action": action, "number": one.id})

    pin = do("unstar" if one.pinned else "star")
    away = do("unarchive" if one.archived else "archive")
    rows = ((*(() if one.here else (do("resume"),)), do("rename")), (pin, away, do("delete")), (LIST,))
    return Reply("chats-page", {"done": done or ""}, items=[_line(one, core)], buttons=rows)


def _shares(found: list[sharing.SharedLink], core: Core) -> Reply:
    if not found:
        return Reply("shares-none")
    now = core.now()
    shown = found[:SHOWN]
    items = [
        Say("shares-line", {
            "number": str(one.id),
            "title": titled(one.title),
            "last4": one.ends_with,
            "until": Brief(one.until, now),
            "count": one.openings,
        })
        for one in shown
    ]  # fmt: skip
    rows = [
        (
            Button(
                Say("button-share-revoke", {"number": str(one.id), "last4": one.ends_with}),
                "share",
                {"action": "back", "number": one.id},
                line=one.id,
            ),
        )
        for one in shown
    ]
    more = [Say("shares-more", {"count": len(found) - len(shown)})] if len(found) > len(shown) else []
    return Reply("shares", {"count": len(found)}, items=items, more=more, buttons=rows)


def titled(title: str) -> str | Say:
    """How a conversation is called: one in which nothing was written yet has no title, and no button may be empty."""
    return title or Say("chat-untitled")


def _button(action: str, number: int, title: str, *, line: int | None = None) -> Button:
    facts = {"number": "" if line is None else str(line), "title": titled(shortened(title, LABEL))}
    return Button(Say("button-chat", facts), "chats", {"action": action, "number": number}, line=line)


COMMANDS = (
    talking(
        "chats",
        handler=chats,
        arguments=(
            Argument("action", "choice", False, ACTIONS, also=ALSO),
            Argument("number", "number", False),
            Argument("words", required=False, rest=True, prose=True),
        ),
    ),
    talking(
        "instructions",
        handler=instructions,
        arguments=(
            Argument(
                "text", required=False, rest=True, prose=True, whole=True, high=conversations.LONGEST_INSTRUCTIONS
            ),
        ),
    ),
    talking("search", handler=search, arguments=(Argument("words", rest=True, prose=True),)),
    talking("savechat", handler=savechat, arguments=(Argument("format", "choice", False, ("md", "json", "txt")),)),
    talking(
        "share",
        handler=share,
        arguments=(
            Argument(
                "action",
                "choice",
                False,
                ("list", "back", "copy"),
                also=(("revoke", "back"), ("撤销", "back"), ("open", "copy"), ("打开", "copy")),
            ),
            Argument("days", "number", False, low=1, high=sharing.MOST_DAYS),
            Argument("number", "number", False, word=True),
            Argument("token", required=False),
        ),
    ),
)
