"""What people and the tester do in the emulated Discord: run commands, press, fill in forms, write, break things.

Every public method is an action of the control side: its arguments and its result are JSON.
`people.py` holds the typed, documented side.
"""

from __future__ import annotations

import base64
import time
from typing import Any

from tests.support.discord.form import Json
from tests.support.discord.gateway import DIRECT_MESSAGES, GUILD_MESSAGES, INVALID_SESSION, RECONNECT, Gateway
from tests.support.discord.messages import Messages
from tests.support.discord.options import fill_options, shown
from tests.support.discord.rest import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, SUBMIT
from tests.support.discord.rules import LABEL, LOADING, SELECTS, TEXT_INPUT, walk
from tests.support.discord.state import CLOSED, Channel, Fault, Post, Talk, Upload, World
from tests.support.emulator_control import DeskError

FAULT_KINDS = frozenset(
    "401 429 429_shared 429_global cloudflare error 500 502 503 drop_before drop_after slow".split()
)


class Desk:
    """The actions. All of them are synchronous: waiting is the caller's."""

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self.world = world
        self.gateway = gateway
        self.messages = messages

    # -- places and people -----------------------------------------------------------------------------------------
    def place(self) -> Json:
        """Return the ids of the application and of the first guild and its channel."""
        return {"app": self.world.app_id, "guild": self.world.guild_id, "channel": self.world.channel_id}

    def add_guild(self, *, name: str) -> Json:
        """Add a guild with one channel; the sessions of its shard are told."""
        guild = self.world.add_guild(name)
        self.gateway.dispatch("GUILD_CREATE", self.world.guild_object(guild), guild, 1)
        return {"guild": guild, "channel": self.world.guilds[guild].channels[0]}

    def add_channel(self, *, guild: str, name: str) -> str:
        channel = self.world.add_channel(guild, name)
        self.gateway.dispatch("CHANNEL_CREATE", self.world.channels[channel].public(), guild, 1)
        return channel

    def set_member(self, *, user: str, permissions: str, guild: str | None) -> None:
        self.world.user(user)
        self.world.guilds[guild or self.world.guild_id].members[user] = permissions

    def set_channel_state(self, *, channel: str, state: str) -> None:
        if state not in ("open", "forbidden", "hidden", "deleted", *CLOSED):
            raise DeskError(f"unknown channel state {state!r}")
        self._channel(channel).state = state

    def set_dm(self, *, user: str, is_open: bool) -> str:
        """Open or close a person's direct messages for the bot; return the channel's id."""
        self.world.user(user)
        (self.world.dm_closed.discard if is_open else self.world.dm_closed.add)(user)
        return self.world.dm_channel(user).id

    def is_ready(self, *, guild: str | None, dm: bool, commands: bool = False) -> bool:
        place = None if dm else guild or self.world.guild_id
        known = self.world.commands.get(place or "global") or self.world.commands.get("global")
        return self.gateway.is_ready(place) and (bool(known) or not commands)

    # -- interactions ----------------------------------------------------------------------------------------------
    def slash(self, *, path: str, options: Json, who: Json, focused: str | None = None) -> Json:
        """Run a registered command, or (with `focused`) ask for completions of one option."""
        name, *subs = path.removeprefix("/").split()
        channel = self._where(who)
        command = self._command(name, channel)
        resolved: Json = {}
        nested = fill_options(self.world, command, subs, options, resolved, focused)
        data: Json = {"id": command["id"], "name": name, "type": 1, "options": nested}
        if resolved:
            data["resolved"] = resolved
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        if focused is None:
            said = " ".join([f"/{name}", *subs, *(f"{key}:{shown(value)}" for key, value in options.items())])
            self.world.log("user", who["user"], {"channel_id": channel.id}, said)
        return self._interact(COMMAND if focused is None else AUTOCOMPLETE, data, who, channel)

    def press(self, *, button: str, who: Json, message: str | None, forged: bool) -> Json:
        """Press the newest button with this label or custom id that the person sees; `forged` invents a custom id."""
        channel = self._where(who)
        post, component = self._find(channel, who["user"], button, message, forged, {2})
        if component.get("disabled"):
            raise DeskError(f"the button {button!r} is disabled")
        if component.get("url"):
            raise DeskError(f"the button {button!r} opens a link and calls nobody")
        self.world.log("user", who["user"], {"channel_id": channel.id}, f"[{button}]")
        data = {"custom_id": component["custom_id"], "component_type": 2, "id": component.get("id", 1)}
        return self._interact(COMPONENT, data, who, channel, post)

    def select(self, *, values: list[str], who: Json, menu: str | None, message: str | None) -> Json:
        """Choose in the newest select (with this placeholder or custom id) by labels or values."""
        channel = self._where(who)
        post, component = self._find(channel, who["user"], menu, message, False, SELECTS)
        chosen = values
        if component["type"] == 3:
            known = {text: o["value"] for o in component["options"] for text in (o["label"], o["value"])}
            if missing := [value for value in values if value not in known]:
                raise DeskError(f"no such choice {missing}; there are {sorted(known)}")
            chosen = [known[value] for value in values]
        if not component.get("min_values", 1) <= len(chosen) <= component.get("max_values", 1):
            raise DeskError(f"{len(chosen)} values cannot be chosen here")
        self.world.log("user", who["user"], {"channel_id": channel.id}, f"[{', '.join(values)}]")
        data = {"custom_id": component["custom_id"], "component_type": component["type"], "values": chosen}
        return self._interact(COMPONENT, data, who, channel, post)

    def submit(self, *, token: str, values: Json, who: Json) -> Json:
        """Fill in the form that answered interaction `token`, by label or custom id; the rest keeps its default."""
        talk = self._talk(token)
        if talk.callback is None or talk.callback["type"] != MODAL:
            raise DeskError("this interaction was not answered with a form")
        modal = talk.callback["data"]
        left = dict(values)
        resolved: Json = {}
        filled = [self._fill(holder, left, resolved) for holder in modal["components"]]
        if left:
            raise DeskError(f"the form has no {sorted(left)}")
        channel = self.world.channels[talk.channel]
        text = f"[{modal['title']}] " + " | ".join(f"{key}: {shown(value)}" for key, value in values.items())
        self.world.log("user", who["user"], {"channel_id": channel.id}, text)
        data: Json = {"custom_id": modal["custom_id"], "components": filled}
        if resolved:
            data["resolved"] = resolved
        post = self.world.posts.get(talk.source or "")
        return self._interact(SUBMIT, data, who, channel, post)

    def _fill(self, holder: Json, left: Json, resolved: Json) -> Json:
        """Fill one row or label of a form, as Discord sends it back."""
        component = holder["component"] if holder["type"] == LABEL else next(iter(holder.get("components", [])), None)
        if component is None:
            return {"type": holder["type"], "id": 1, "content": holder.get("content", "")}
        names = (holder.get("label"), component.get("label"), component["custom_id"])
        key = next((name for name in names if name in left), None)
        value: Any = left.pop(key) if key is not None else component.get("value", "")
        label = next(name for name in names if name)
        filled: Json = {"type": component["type"], "id": 2, "custom_id": component["custom_id"]}
        if component["type"] == TEXT_INPUT:
            if not isinstance(value, str):
                raise DeskError(f"{label!r} takes text")
            least = component.get("min_length") or int(component.get("required", True))
            if (value or component.get("required", True)) and len(value) < least:
                raise DeskError(f"{label!r} wants at least {least} characters")
            if len(value) > component.get("max_length", 4000):
                raise DeskError(f"{label!r} takes {component.get('max_length', 4000)} characters at most")
            filled["value"] = value
        elif component["type"] in SELECTS:
            known = {text: o["value"] for o in component.get("options", []) for text in (o["label"], o["value"])}
            chosen = [value] if isinstance(value, str) and value else list(value)
            filled["values"] = [known.get(item, item) for item in chosen]
        else:
            files = [Upload(item["filename"], base64.b64decode(item["data"])) for item in value or []]
            kept = [self.world.keep_attachment(file) for file in files]
            resolved.setdefault("attachments", {}).update({item["id"]: item for item in kept})
            filled["values"] = [item["id"] for item in kept]
        if holder["type"] == LABEL:
            return {"type": LABEL, "id": 1, "component": filled}
        return {"type": 1, "id": 1, "components": [filled]}

    def replay(self, *, token: str) -> None:
        """Deliver an interaction again, as a resume may; its three seconds have begun long ago."""
        talk = self._talk(token)
        self.gateway.dispatch("INTERACTION_CREATE", talk.payload, talk.payload.get("guild_id"))

    def raw_event(self, *, event: str, data: Json, guild: str | None) -> None:
        self.gateway.dispatch(event, data, guild)

    def _interact(self, kind: int, data: Json, who: Json, channel: Channel, post: Post | None = None) -> Json:
        token = f"interaction{self.world.snowflake()}"
        person = self.world.user(who["user"])
        payload: Json = {
            "id": self.world.snowflake(),
            "application_id": self.world.app_id,
            "type": kind,
            "token": token,
            "version": 1,
            "locale": who["locale"],
            "channel_id": channel.id,
            "channel": channel.public(person),
            "entitlements": [],
            "attachment_size_limit": self.world.upload_bytes,
            "app_permissions": str((1 << 53) - 1),
            "data": data,
        }
        if channel.guild is None:
            payload |= {"user": person, "context": 1, "authorizing_integration_owners": {"0": "0"}}
        else:
            guild = self.world.guilds[channel.guild]
            payload |= {
                "guild_id": guild.id,
                "guild": {"id": guild.id, "locale": guild.locale, "features": []},
                "guild_locale": guild.locale,
                "member": self.world.member(guild.id, who["user"]),
                "context": 0,
                "authorizing_integration_owners": {"0": guild.id},
            }
        if post is not None:
            payload["message"] = post.message
        talk = Talk(payload, time.monotonic(), who["user"], channel.id, self.world.revision)
        talk.source = post.message["id"] if post else None
        self.world.talks[token] = talk
        self.gateway.dispatch("INTERACTION_CREATE", payload, channel.guild)
        return payload

    # -- writing ---------------------------------------------------------------------------------------------------
    def write(self, *, text: str, who: Json, sender: str, files: list[Json], edit_of: str | None = None) -> Json:
        """Write a message in a channel or DM, as a person, another bot or a webhook; or edit one."""
        channel = self._where(who)
        needs = GUILD_MESSAGES if channel.guild else DIRECT_MESSAGES
        extra: Json = {"guild_id": channel.guild} if channel.guild else {}
        if edit_of is not None:
            post = self.world.posts[edit_of]
            post.message = post.message | {"content": text, "edited_timestamp": post.message["timestamp"]}
            self.world.log("user", who["user"], post.message)
            self.gateway.dispatch("MESSAGE_UPDATE", post.message | extra, channel.guild, needs)
            return post.message
        if len(text) > 2000:
            raise DeskError("the client takes 2000 characters at most")
        author = self.world.user(who["user"])
        if sender == "bot":
            author = author | {"bot": True}
        message = self.messages.written(channel, author, text, who.get("reply_to"))
        uploads = [Upload(item["filename"], base64.b64decode(item["data"])) for item in files]
        message["attachments"] = [self.world.keep_attachment(upload) for upload in uploads]
        if sender == "webhook":
            message["webhook_id"] = self.world.snowflake()
        elif channel.guild:
            extra["member"] = {k: v for k, v in self.world.member(channel.guild, who["user"]).items() if k != "user"}
        self.world.store(message, outgoing=False)
        self.world.log("user", who["user"], message)
        self.gateway.dispatch("MESSAGE_CREATE", message | extra, channel.guild, needs)
        return message

    # -- gateway and faults ----------------------------------------------------------------------------------------
    def cut(self, *, shard: int | None, repeat: int) -> int:
        return self.gateway.cut(shard, repeat)

    def reconnect(self, *, shard: int | None) -> int:
        return self.gateway.order(RECONNECT, None, shard)

    def invalidate(self, *, resumable: bool, shard: int | None) -> int:
        return self.gateway.order(INVALID_SESSION, resumable, shard)

    def forget_sessions(self) -> None:
        self.gateway.forget()

    def set_heartbeat(self, *, milliseconds: int, acknowledged: bool) -> None:
        """Set the interval for new connections, and whether heartbeats are acknowledged at all."""
        self.gateway.heartbeat_ms = milliseconds
        self.gateway.acknowledge_heartbeats = acknowledged

    def set_privileged_intents(self, *, intents: int) -> None:
        self.gateway.privileged = intents

    def fault(self, *, route: str, kind: str, count: int, retry_after: float, seconds: float, code: int) -> None:
        if kind not in FAULT_KINDS:
            raise DeskError(f"unknown fault {kind!r}; there are {sorted(FAULT_KINDS)}")
        self.world.faults.append(Fault(route, kind, count, retry_after, seconds, code))

    def clear_faults(self) -> None:
        self.world.faults.clear()

    # -- reading ---------------------------------------------------------------------------------------------------
    def talk(self, *, token: str) -> Json:
        """Return what came back under an interaction's token: the callback, its delay and the standing messages."""
        talk = self._talk(token)
        posts = [self.world.posts[post] for post in dict.fromkeys(talk.posts)]
        shown_posts = [
            p for p in posts if not p.deleted and not p.message["flags"] & LOADING and p.revision > talk.born
        ]
        return {
            "revision": self.world.revision,
            "callback": talk.callback,
            "acknowledged_after": talk.acknowledged_after,
            "messages": [post.message for post in shown_posts],
        }

    def posts(self, *, who: Json, since: str | None) -> Json:
        """Return the bot's standing messages that a person sees in a place, least recently changed first.

        `since` is a message; only what changed after it was written counts.
        """
        after = self.world.posts[since].revision if since is not None else -1
        found = [post for post in self._seen(self._where(who).id, who["user"]) if post.revision > after]
        found.sort(key=lambda post: post.revision)
        return {"revision": self.world.revision, "messages": [post.message for post in found]}

    def is_deleted(self, *, message: str) -> bool:
        return message in self.world.posts and self.world.posts[message].deleted

    def lines_of(self, *, user: str | None, channel: str | None) -> list[Json]:
        return [
            vars(line)
            for line in self.world.lines
            if (user is None or line.user == user) and (channel is None or line.channel == channel)
        ]

    def calls_of(self, *, route: str | None) -> Json:
        calls = [call for call in self.world.calls if route is None or route in f"{call.method} {call.path}"]
        records = [
            vars(call) | {"files": [[file.filename, base64.b64encode(file.data).decode()] for file in call.files]}
            for call in calls
        ]
        return {"revision": self.world.revision, "calls": records}

    def commands(self, *, guild: str | None) -> list[Json]:
        return self.world.commands.get(guild or "global", [])

    def attachment(self, *, attachment: str) -> Json:
        upload = self.world.attachments[attachment]
        return {"filename": upload.filename, "data": base64.b64encode(upload.data).decode()}

    def pings(self) -> list[Json]:
        return self.world.pings

    def status(self) -> Json:
        sessions = self.gateway.sessions.values()
        return {
            "revision": self.world.revision,
            "sessions": len(sessions),
            "connected": sorted(session.shard for session in sessions if session.socket is not None),
            "identifies": self.gateway.identifies,
            "resumes": self.gateway.resumes,
            "undelivered": sum(len(session.events) - session.sent for session in sessions),
        }

    # -- helpers ---------------------------------------------------------------------------------------------------
    def _where(self, who: Json) -> Channel:
        if who.get("dm"):
            self.world.user(who["user"])
            return self.world.dm_channel(who["user"])
        if who.get("channel"):
            return self._channel(who["channel"])
        guild = self.world.guilds[who.get("guild") or self.world.guild_id]
        return self.world.channels[guild.channels[0]]

    def _channel(self, channel: str) -> Channel:
        if channel not in self.world.channels:
            raise DeskError(f"there is no channel {channel}")
        return self.world.channels[channel]

    def _talk(self, token: str) -> Talk:
        if token not in self.world.talks:
            raise DeskError(f"there is no interaction {token!r}")
        return self.world.talks[token]

    def _command(self, name: str, channel: Channel) -> Json:
        scopes = ["global"] if channel.guild is None else [channel.guild, "global"]
        for scope in scopes:
            for command in self.world.commands.get(scope, []):
                if command["name"] == name and command["type"] == 1:
                    contexts = command.get("contexts")
                    in_dm = channel.guild is None
                    if in_dm and (command.get("dm_permission") is False or (contexts and 1 not in contexts)):
                        raise DeskError(f"/{name} is not offered in direct messages")
                    if not in_dm and contexts and 0 not in contexts:
                        raise DeskError(f"/{name} is not offered in servers")
                    return command
        known = sorted(command["name"] for scope in scopes for command in self.world.commands.get(scope, []))
        raise DeskError(f"there is no command /{name}; there are {known}")

    def _seen(self, channel: str, user: str) -> list[Post]:
        return [
            post
            for post in self.world.posts_in[channel]
            if post.outgoing and not post.deleted and not post.message["flags"] & LOADING and post.owner in (None, user)
        ]

    def _find(
        self,
        channel: Channel,
        user: str,
        wanted: str | None,
        message: str | None,
        forged: bool,
        kinds: set[int] | frozenset[int],
    ) -> tuple[Post, Json]:
        offered = []
        for post in reversed(self._seen(channel.id, user)):
            if message is not None and post.message["id"] != message:
                continue
            if forged:
                return post, {"type": 2, "custom_id": wanted}
            for item in walk(post.message["components"]):
                if item.get("type") not in kinds:
                    continue
                names = (item.get("label"), item.get("custom_id"), item.get("placeholder"))
                if wanted is None or wanted in names:
                    return post, item
                offered.append(item.get("label") or item.get("placeholder"))
        raise DeskError(f"person {user} sees no {wanted!r} in channel {channel.id}; there are {offered}")
