"""`/keys`: what programs of the asker's show to act for them. A key is shown once, and never by anybody again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bots.commands.command import Argument, Command
from bots.commands.questions import ask, confirm
from bots.commands.request import Request
from bots.messages.reply import Brief, Button, Reply, Say
from core import outbox
from core.actors import Role
from core.calls import keys as actions
from core.calls.keys import KeyLine
from core.command_errors import MissingArgument
from core.credit.report import wallet_of
from core.errors import NotFound, PrivateOnly
from core.rules.money import amount_text, read_limit
from core.service import Core
from core.talk_errors import TooManyKeys

LIST = Button(Say("button-keys"), "keys")
SHOWN_FOR = timedelta(minutes=10)
"""How long a new key stands in a chat, where the bot can take its message away."""
NEW = Button(Say("button-key-new"), "keys", {"action": "new"}, replaces=False)
SHOWN = 20


async def keys(
    core: Core, request: Request, *, action: str | None, name: str | None, value: str | None, scopes: str | None
) -> Reply:
    """The asker's keys; making one, naming, limiting, pausing or revoking it."""
    if action in {None, "list"}:
        if request.pressed and name is not None:
            await core.write(outbox.withdraw, _shown(name))
        return await _list(core, request)
    if action == "new":
        return await _new(core, request, name, scopes)
    if name is None:
        raise MissingArgument(name="name")
    if action == "revoke":
        return await _revoke(core, request, name)
    if action in {"rename", "limit"}:
        if value is None:
            raise MissingArgument(name="value")
        if action == "rename":
            changed = await actions.change_key(core, request.actor, name, name=value)
        else:
            limit = read_limit(value)
            changed = await actions.change_key(core, request.actor, name, daily_limit=limit)
        return await _list(core, request, Say("key-changed", {"key": changed.name}))
    state = "paused" if action == "pause" else "active"
    changed = await actions.set_key_state(core, request.actor, name, state)
    return await _list(core, request, Say(f"key-{state}", {"key": changed.name}))


async def _new(core: Core, request: Request, name: str | None, scopes: str | None) -> Reply:
    if not request.chat.private:
        raise PrivateOnly
    if name is None:
        if (most := await _most(core, request)) <= len(await actions.key_list(core, request.actor)):
            raise TooManyKeys(most=most)
        given = {"action": "new", **({"scopes": scopes} if scopes else {})}
        return await ask(core, request, "keys", "name", given, Reply("ask-keys-name"))
    wanted = scopes.replace(",", " ").split() if scopes else ["chat"]
    key, made = await actions.make_key(core, request.actor, name, actions.KeyRights(scopes=wanted))
    # An answer that only its reader sees, below a command in a server, is Discord's own to forget.
    goes = request.chat.platform in outbox.CHATS and request.chat.aside is None
    facts = {
        "key": key,
        "name": made.name,
        "scopes": ", ".join(made.scopes),
        "minutes": int(SHOWN_FOR.total_seconds() // 60) if goes else 0,
    }
    # Its answer takes the place of the message that holds the key, which then is no secret any more.
    taken = Button(Say("button-key-taken"), "keys", {"action": "list", "name": str(made.id)}, style="primary")
    vanishes = (_shown(str(made.id)), SHOWN_FOR) if goes else None
    return Reply("key-made", facts, buttons=((taken,),), replace=False, vanishes=vanishes)


async def _most(core: Core, request: Request) -> int:
    """How many keys the asker may have."""
    plan = (await wallet_of(core, request.actor, request.actor, lines=0)).plan
    return max(plan.keys, actions.STAFF_KEYS if request.actor.role >= Role.VIEWER else 0)


def _shown(number: str) -> str:
    return f"key-shown:{number}"


async def _revoke(core: Core, request: Request, name: str) -> Reply:
    every = name.casefold() == "all"
    if not request.confirmed:
        known = await actions.key_list(core, request.actor)
        if not every and not any(
            name.casefold() in {one.name.casefold(), one.last4.casefold(), str(one.id)} for one in known
        ):
            raise NotFound(kind="key", name=name)
        question = Reply("keys-revoke-all") if every else Reply("key-revoke", {"key": name})
        return confirm(question, "keys", {"action": "revoke", "name": name})
    if every:
        count = await actions.revoke_all_keys(core, request.actor)
        return await _list(core, request, Say("keys-revoked", {"count": count}))
    gone = await actions.set_key_state(core, request.actor, name, "revoked")
    return await _list(core, request, Say("key-revoked", {"key": gone.name}))


async def _list(core: Core, request: Request, done: Say | None = None) -> Reply:
    found = await actions.key_list(core, request.actor)
    more = () if done is None else (done,)
    row = (NEW,) if len(found) < (most := await _most(core, request)) else ()
    if not found:
        none = Reply("keys-none", more=more, buttons=(row,) if row else ())
        return none if row else replace(none, more=(*more, Say("error-too_many_keys", {"most": most})))
    items = [_line(core, one) for one in found[:SHOWN]]
    rows = [_buttons(one) for one in found[:5]]
    return Reply("keys", {"count": len(found)}, items=items, more=more, buttons=(*rows, row) if row else rows)


def _buttons(one: KeyLine) -> tuple[Button, ...]:
    wish = "resume" if one.state == "paused" else "pause"
    facts = {"key": one.name}
    return (
        Button(Say(f"button-key-{wish}", facts), "keys", {"action": wish, "name": one.last4}),
        Button(Say("button-key-revoke", facts), "keys", {"action": "revoke", "name": one.last4}),
    )


def _line(core: Core, one: KeyLine) -> Say:
    now = core.now()
    ended = one.expires_at is not None and one.expires_at <= now
    facts: dict[str, Any] = {
        "key": one.name,
        "last4": one.last4,
        "state": "ended" if ended else one.state,
        "scopes": ", ".join(one.scopes),
        "limited": "no" if one.daily_limit is None else "yes",
        "limit": amount_text(one.daily_limit or 0),
        "used": "no" if one.last_used_at is None else "yes",
        "at": "" if one.last_used_at is None else Brief(one.last_used_at, now),
    }
    return Say("key-line", facts)


COMMANDS = (
    Command(
        "keys",
        Role.ANYONE,
        keys,
        "credit",
        (
            Argument("action", "choice", False, ("list", "new", "rename", "limit", "pause", "resume", "revoke")),
            Argument("name", required=False),
            Argument("value", required=False),
            Argument("scopes", required=False, word=True),
        ),
        once=True,
        enabled=lambda settings: settings.gateway.enabled,
    ),
)
