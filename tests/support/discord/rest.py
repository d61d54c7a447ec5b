"""Discord's REST routes over the emulated world. A route returns the JSON of a success, or None for 204."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tests.support.discord import rules
from tests.support.discord.commands import check_command, check_commands
from tests.support.discord.form import DiscordError, Form, Json
from tests.support.discord.gateway import Gateway
from tests.support.discord.messages import Messages
from tests.support.discord.rules import EPHEMERAL
from tests.support.discord.state import Channel, Guild, Post, Talk, Upload, World

PONG, MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5


class Rest:
    """All routes. `route` finds the one that fits."""

    def __init__(self, world: World, gateway: Gateway, messages: Messages) -> None:
        self.world = world
        self.gateway = gateway
        self.messages = messages

    def route(self, method: str, parts: list[str], body: Any, files: list[Upload], query: Mapping[str, str]) -> Any:
        """Carry out one request.

        Raises: DiscordError, 404 with code 0 for an unknown route.
        """
        if parts[0] == "interactions":
            return self._callback(method, parts, body, files, query)
        if parts[0] == "webhooks":
            return self._webhook(method, parts, body, files)
        if parts[0] == "channels":
            return self._channel(method, parts[1:], body, files, query)
        if parts[0] == "applications" and "commands" in parts:
            return self._commands(method, parts[1:], body, query)
        if [method, *parts] == ["PATCH", "applications", "@me"]:
            return self._describe(rules.json_object(body))
        if [method, *parts] == ["POST", "users", "@me", "channels"]:
            return self._open_dm(rules.json_object(body))
        return self._read(method, parts)

    def _read(self, method: str, parts: list[str]) -> Json:
        match [method, *parts]:
            case ["GET", "users", "@me"]:
                return self.world.bot
            case ["GET", "users", user]:
                if user not in self.world.users:
                    raise DiscordError(10013)
                return self.world.users[user]
            case ["GET", "oauth2", "applications", "@me"] | ["GET", "applications", "@me"]:
                return self._application()
            case ["GET", "gateway"]:
                return {"url": self.gateway.url}
            case ["GET", "gateway", "bot"]:
                limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
                return {"url": self.gateway.url, "shards": self.world.shards, "session_start_limit": limit}
            case ["GET", "guilds", guild]:
                return self.world.guild_object(self._guild(guild).id)
            case ["GET", "guilds", guild, "members", user]:
                if user not in self._guild(guild).members:
                    raise DiscordError(10007)
                return self.world.member(guild, user)
        raise DiscordError(0, status=404, message="404: Not Found")

    def _describe(self, body: Json) -> Json:
        form = Form()
        form.text(body, (), "description", most=400)
        form.refuse()
        self.world.application.update(body)
        self.world.touch()
        return self._application()

    def _application(self) -> Json:
        return {
            "id": self.world.app_id,
            "name": "usher",
            "icon": None,
            "description": "",
            "bot_public": False,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": self.world.user("1"),
            "team": None,
            "summary": "",
            **self.world.application,
        }

    def _guild(self, guild_id: str) -> Guild:
        if guild_id not in self.world.guilds:
            raise DiscordError(10004)
        return self.world.guilds[guild_id]

    def _open_dm(self, body: Json) -> Json:
        form = Form()
        user = str(body.get("recipient_id"))
        if not user.isdecimal():
            form.add(("recipient_id",), "NUMBER_TYPE_COERCE", f'Value "{user}" is not snowflake.')
        form.refuse()
        if user not in self.world.users:
            raise DiscordError(50033, status=400, message="Invalid Recipient(s)")
        return self.world.dm_channel(user).public(self.world.users[user])

    # -- interactions ----------------------------------------------------------------------------------------------
    def _callback(
        self, method: str, parts: list[str], body: Any, files: list[Upload], query: Mapping[str, str]
    ) -> Json | None:
        """Take the first answer to an interaction: within three seconds, once."""
        if method != "POST" or len(parts) != 4 or parts[3] != "callback":
            raise DiscordError(0, status=404, message="404: Not Found")
        talk = self.world.talks.get(parts[2])
        age = time.monotonic() - talk.issued if talk else 0.0
        if talk is None or talk.payload["id"] != parts[1]:
            raise DiscordError(10062)
        if talk.callback is not None:
            raise DiscordError(40060)
        if age > self.world.answer_seconds:
            raise DiscordError(10062)
        answer = rules.json_object(body)
        self._check_callback(talk, answer, files)
        post = self._apply_callback(talk, answer, files)
        talk.callback, talk.acknowledged_after = answer, age
        self.world.touch()
        if query.get("with_response") not in ("1", "true", "True"):
            return None
        info: Json = {"id": talk.payload["id"], "type": talk.payload["type"], "activity_instance_id": None}
        if post is None:
            return {"interaction": info}
        info |= {
            "response_message_id": post.message["id"],
            "response_message_loading": answer["type"] == DEFERRED_MESSAGE,
            "response_message_ephemeral": bool(post.message["flags"] & EPHEMERAL),
        }
        return {"interaction": info, "resource": {"type": answer["type"], "message": post.message}}

    def _check_callback(self, talk: Talk, answer: Json, files: list[Upload]) -> None:
        kind = talk.payload["type"]
        allowed = {MESSAGE, DEFERRED_MESSAGE}
        if kind == AUTOCOMPLETE:
            allowed = {CHOICES}
        elif kind == COMPONENT or (kind == SUBMIT and talk.source):
            allowed |= {DEFERRED_UPDATE, UPDATE}
        if kind in (COMMAND, COMPONENT):
            allowed.add(MODAL)
        form = Form()
        form.choice(answer, (), "type", allowed, required=True)
        data = answer.get("data")
        if answer.get("type") in (MESSAGE, CHOICES, MODAL) and form.entry(data, ("data",)) is None:
            form.refuse()
        if answer.get("type") == CHOICES:
            rules.check_choices(form, answer["data"], ("data",))
        if answer.get("type") in (MESSAGE, UPDATE):
            rules.check_message(form, data or {}, ("data",))
        form.refuse()
        if answer["type"] == MODAL:
            rules.check_modal(answer)

    def _apply_callback(self, talk: Talk, answer: Json, files: list[Upload]) -> Post | None:
        channel, token = self.world.channels[talk.channel], talk.payload["token"]
        data = answer.get("data") or {}
        post: Post | None = None
        if answer["type"] == MESSAGE:
            post = self.messages.create(channel, data, files, owner=talk.user, token=token)
        elif answer["type"] == DEFERRED_MESSAGE:
            post = self.messages.loading(channel, talk.user, token, data.get("flags") or 0)
        elif answer["type"] in (UPDATE, DEFERRED_UPDATE) and talk.source:
            post = self.world.posts[talk.source]
            if answer["type"] == UPDATE:
                self.messages.edit(post, data, files, user=talk.user)
        elif answer["type"] == MODAL:
            labels = [
                str(item.get("label")) for item in rules.walk(data["components"]) if item.get("label") is not None
            ]
            self.world.log("bot modal", talk.user, {"channel_id": channel.id}, " | ".join([data["title"], *labels]))
        if post is not None:
            talk.original = post.message["id"]
            talk.posts.append(talk.original)
        return post

    def _webhook(self, method: str, parts: list[str], body: Any, files: list[Upload]) -> Json | None:
        """Follow up an interaction, or read, change and delete its messages, for fifteen minutes."""
        talk = self.world.talks.get(parts[2]) if len(parts) > 2 else None
        if talk is None or parts[1] != self.world.app_id:
            raise DiscordError(10015)
        if time.monotonic() - talk.issued > self.world.token_seconds:
            raise DiscordError(50027)
        if talk.callback is None:
            raise DiscordError(10015)
        if method == "POST" and len(parts) == 3:
            return self._follow_up(talk, rules.json_object(body), files)
        if len(parts) != 5 or parts[3] != "messages":
            raise DiscordError(0, status=404, message="404: Not Found")
        wanted = talk.original if parts[4] == "@original" else parts[4]
        post = self.world.posts.get(wanted or "")
        if post is None or post.deleted or wanted not in talk.posts:
            raise DiscordError(10008)
        if method == "GET":
            return post.message
        if method == "PATCH":
            return self.messages.edit(post, rules.json_object(body), files, user=talk.user)
        if method == "DELETE":
            self.messages.delete(post, talk.user)
            return None
        raise DiscordError(0, status=405, message="405: Method Not Allowed")

    def _follow_up(self, talk: Talk, body: Json, files: list[Upload]) -> Json:
        """The first follow-up of a deferred answer takes the place of the "thinking…" message and its visibility."""
        original = self.world.posts.get(talk.original or "")
        if original is not None and original.message["flags"] & rules.LOADING:
            if rules.is_empty(body, len(files)):
                raise DiscordError(50006)
            return self.messages.edit(original, body, files, user=talk.user)
        channel = self.world.channels[talk.channel]
        post = self.messages.create(channel, body, files, owner=talk.user, token=talk.payload["token"])
        talk.posts.append(post.message["id"])
        return post.message

    # -- channels --------------------------------------------------------------------------------------------------
    def _channel(self, method: str, parts: list[str], body: Any, files: list[Upload], query: Mapping[str, str]) -> Any:
        channel = self.world.channel(parts[0])
        match [method, *parts[1:]]:
            case ["GET"]:
                return channel.public(self.world.users.get(channel.recipient or ""))
            case ["PATCH"]:
                return self._change(channel, rules.json_object(body))
            case ["POST", "typing"]:
                return None
            case ["GET", "messages"]:
                return self._page(channel, query)
            case ["POST", "messages"]:
                self.messages.refuse_closed(channel)
                given = rules.json_object(body)
                if (before := self.messages.sent_before(given)) is not None:
                    return before.message
                post = self.messages.create(channel, given, files)
                self._announce("MESSAGE_CREATE", channel, post.message)
                return post.message
            case ["GET", "messages", message]:
                return self.messages.in_channel(channel, message).message
            case ["PATCH", "messages", message]:
                self.messages.refuse_closed(channel)
                post = self.messages.editable(channel, message)
                self._announce("MESSAGE_UPDATE", channel, self.messages.edit(post, rules.json_object(body), files))
                return post.message
            case ["DELETE", "messages", message]:
                self.messages.delete(self.messages.deletable(channel, message))
                return None
        raise DiscordError(0, status=404, message="404: Not Found")

    def _change(self, channel: Channel, body: Json) -> Json:
        """Open an archived thread again; nothing else is changed here."""
        if channel.state == "locked":
            raise DiscordError(50013)
        if body != {"archived": False}:
            raise DiscordError(0, status=405, message="405: Method Not Allowed")
        if channel.state == "archived":
            channel.state = "open"
        return channel.public()

    def _page(self, channel: Channel, query: Mapping[str, str]) -> list[Json]:
        limit = int(query.get("limit", "50"))
        if not 1 <= limit <= 100:
            form = Form()
            form.add(("limit",), "NUMBER_TYPE_MAX", "int value should be less than or equal to 100.")
            form.refuse()
        posts = self.world.posts_in[channel.id]
        return [post.message for post in reversed(posts) if not post.deleted and post.owner is None][:limit]

    def _announce(self, event: str, channel: Channel, message: Json) -> None:
        """Tell the gateway about the bot's own message, as Discord does."""
        extra = {"guild_id": channel.guild} if channel.guild else {}
        self.gateway.dispatch(event, message | extra, channel.guild, 1 << 9 if channel.guild else 1 << 12)

    # -- commands --------------------------------------------------------------------------------------------------
    def _commands(self, method: str, parts: list[str], body: Any, query: Mapping[str, str]) -> Any:
        if parts[0] != self.world.app_id:
            raise DiscordError(20012, status=403, message="You are not authorized to perform this action")
        scope = "global"
        rest = parts[1:]
        if rest[0] == "guilds":
            scope, rest = self._guild(rest[1]).id, rest[2:]
        known = self.world.commands.setdefault(scope, [])
        match [method, *rest[1:]]:
            case ["GET"]:
                hidden = () if query.get("with_localizations") in ("1", "true") else LOCALIZED
                return [{k: v for k, v in command.items() if k not in hidden} for command in known]
            case ["PUT"]:
                check_commands(body)
                self.world.commands[scope] = [self._register(scope, command) for command in body]
                self.world.touch()
                return self.world.commands[scope]
            case ["POST"]:
                command = self._checked(body)
                same = [c for c in known if (c["name"], c["type"]) == (command["name"], command.get("type", 1))]
                if not same and len(known) >= 100:
                    raise DiscordError(30032)
                known[:] = [c for c in known if c not in same] + [self._register(scope, command)]
                self.world.touch()
                return known[-1]
            case [("GET" | "PATCH" | "DELETE"), command_id]:
                return self._one_command(method, known, command_id, body)
        raise DiscordError(0, status=404, message="404: Not Found")

    def _one_command(self, method: str, known: list[Json], command_id: str, body: Any) -> Json | None:
        found = next((command for command in known if command["id"] == command_id), None)
        if found is None:
            raise DiscordError(10063)
        if method == "DELETE":
            known.remove(found)
            self.world.touch()
            return None
        if method == "PATCH":
            self._checked(found | rules.json_object(body))
            found.update(body, version=self.world.snowflake())
            self.world.touch()
        return found

    def _checked(self, body: Any) -> Json:
        form = Form()
        check_command(form, rules.json_object(body), ())
        form.refuse()
        return rules.json_object(body)

    def _register(self, scope: str, command: Json) -> Json:
        same = [c for c in self.world.commands.get(scope, []) if c["name"] == command["name"]]
        defaults: Json = {
            "id": same[0]["id"] if same else self.world.snowflake(),
            "application_id": self.world.app_id,
            "version": self.world.snowflake(),
            "type": 1,
            "description": "",
            "default_member_permissions": None,
            "name_localizations": None,
            "description_localizations": None,
            "nsfw": False,
            "options": [],
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
        }
        given = {key: value for key, value in command.items() if value is not None and key != "id"}
        if (permissions := given.get("default_member_permissions")) is not None:
            given["default_member_permissions"] = str(permissions)  # taken as a number, given back as text
        return defaults | given | ({"guild_id": scope} if scope != "global" else {})


LOCALIZED = ("name_localizations", "description_localizations")
