"""The tester's side of the emulated Discord: what a person at a client can do and see.

`People` is the one vocabulary; `FakeDiscord` speaks it inside the process and `RemoteDiscord` over HTTP to an emulator
that outlives the bot. An interaction is its payload as a dict; `interaction["token"]` names it.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any, Literal, TypedDict, Unpack

from tests.support.discord.form import Json
from tests.support.discord.state import Call, ChannelState, Line, Upload, text_of
from tests.support.emulator_control import PATIENCE, Controlled, RemoteControl

Message = Json
Interaction = Json
Wanted = str | Callable[[Message], bool] | None


class Who(TypedDict, total=False):
    """Who acts, and where. All optional: person 7, in English, in the first guild's channel.

    `dm` is the direct messages with the bot; otherwise `channel`, or the first channel of `guild`. `reply_to`: an id.
    """

    user: int
    locale: str
    dm: bool
    guild: str | None
    channel: str | None
    reply_to: str


def attached(data: bytes, filename: str) -> Json:
    """Return a file as an option of a command, or a value of a form, takes it."""
    return {"filename": filename, "data": base64.b64encode(data).decode()}


class People(Controlled):
    """Everything a test does to, and reads from, the emulator.

    Acting waits until the bot is connected to the shard concerned, a command until some are offered there. Waiting helpers raise `AssertionError` with the
    conversation so far when their time is over.
    """

    # -- interactions ----------------------------------------------------------------------------------------------
    async def slash(self, path: str, options: Json | None = None, **who: Unpack[Who]) -> Interaction:
        """Run a registered command: `slash("pool add", {"name": "x"}, user=7)`."""
        await self.wait_ready(commands=True, **who)
        return _json(await self.act("slash", path=path, options=options or {}, who=_who(who)))

    async def run(
        self, path: str, options: Json | None = None, *, timeout: float = PATIENCE, **who: Unpack[Who]
    ) -> Message:
        """Run a command and return the first message that comes back."""
        return await self.wait_answer(await self.slash(path, options, **who), timeout=timeout)

    async def complete(
        self, path: str, option: str, typed: str, others: Json | None = None, **who: Unpack[Who]
    ) -> list[Json]:
        """Type into an option with autocomplete; return the choices offered: `[{"name", "value"}]`."""
        await self.wait_ready(commands=True, **who)
        options = {**(others or {}), option: typed}
        asked = await self.act("slash", path=path, options=options, who=_who(who), focused=option)
        return list((await self.wait_callback(asked))["data"]["choices"])

    async def press(
        self, button: str, *, message: Message | None = None, forged: bool = False, **who: Unpack[Who]
    ) -> Interaction:
        """Press the newest button with this label or custom id that the person sees (or the one of `message`)."""
        await self.wait_ready(**who)
        place = message["id"] if message else None
        return _json(await self.act("press", button=button, who=_who(who), message=place, forged=forged))

    async def select(
        self, *values: str, menu: str | None = None, message: Message | None = None, **who: Unpack[Who]
    ) -> Interaction:
        """Choose labels or values in the newest select, or in the one with placeholder or custom id `menu`."""
        await self.wait_ready(**who)
        place = message["id"] if message else None
        return _json(await self.act("select", values=list(values), who=_who(who), menu=menu, message=place))

    async def submit(self, interaction: Interaction, values: Json, **who: Unpack[Who]) -> Interaction:
        """Send the form that answered `interaction`, filled in by label or custom id."""
        await self.wait_modal(interaction)
        person = {"user": int(_person(interaction)), "locale": interaction["locale"]}
        chosen = _who({**person, **who})  # type: ignore[typeddict-item]
        return _json(await self.act("submit", token=interaction["token"], values=values, who=chosen))

    async def replay(self, interaction: Interaction) -> None:
        """Deliver an interaction once more."""
        await self.act("replay", token=interaction["token"])

    # -- what came back --------------------------------------------------------------------------------------------
    async def wait_callback(self, interaction: Interaction, *, timeout: float = PATIENCE) -> Json:
        """Return the first response as the bot sent it: `{"type", "data"}`."""
        return _json((await self._talk(interaction, lambda talk: talk["callback"], timeout))["callback"])

    async def wait_modal(self, interaction: Interaction, *, timeout: float = PATIENCE) -> Json:
        """Return the form that answered: `{"custom_id", "title", "components"}`."""
        callback = await self.wait_callback(interaction, timeout=timeout)
        assert callback["type"] == 9, f"answered with type {callback['type']}, not with a form"
        return _json(callback["data"])

    async def wait_answer(
        self, interaction: Interaction, wanted: Wanted = None, *, timeout: float = PATIENCE
    ) -> Message:
        """Return the first message of the interaction, shown or changed by it, that fits `wanted`.

        A "thinking…" message does not count. `wanted` is a part of what a person reads, or a predicate.
        """
        talk = await self._talk(interaction, lambda talk: _fitting(talk["messages"], wanted), timeout, wanted)
        return _fitting(talk["messages"], wanted)[0]

    async def answers(self, interaction: Interaction) -> list[Message]:
        """Return all messages of an interaction so far, oldest first."""
        return list((await self.act("talk", token=interaction["token"]))["messages"])

    async def acknowledged_after(self, interaction: Interaction, *, timeout: float = PATIENCE) -> float:
        """Return the seconds from the interaction to its first response."""
        return float((await self._talk(interaction, lambda talk: talk["callback"], timeout))["acknowledged_after"])

    async def _talk(
        self, interaction: Interaction, done: Callable[[Json], Any], timeout: float, wanted: Wanted = None
    ) -> Json:
        deadline = time.monotonic() + timeout
        while True:
            talk = _json(await self.act("talk", token=interaction["token"]))
            if done(talk):
                return talk
            if time.monotonic() >= deadline:
                raise AssertionError(
                    f"no answer fitting {wanted!r} within {timeout} s; first response {talk['callback']}\n"
                    f"{await self.transcript(int(_person(interaction)))}"
                )
            await self.changed(talk["revision"], deadline - time.monotonic())

    # -- messages --------------------------------------------------------------------------------------------------
    async def dm(self, text: str, *, files: tuple[Json, ...] = (), **who: Unpack[Who]) -> Message:
        """Write to the bot in direct messages."""
        who["dm"] = True
        return await self.say(text, files=files, **who)

    async def say(
        self,
        text: str,
        *,
        files: tuple[Json, ...] = (),
        sender: Literal["person", "bot", "webhook"] = "person",
        **who: Unpack[Who],
    ) -> Message:
        """Write in a channel (or, with `dm=True`, to the bot)."""
        await self.wait_ready(**who)
        return _json(await self.act("write", text=text, who=_who(who), sender=sender, files=list(files)))

    async def ask(self, text: str, *, timeout: float = PATIENCE, **who: Unpack[Who]) -> Message:
        """Write to the bot in direct messages and return its first answer there."""
        who["dm"] = True
        said = await self.say(text, **who)
        return await self.wait_message(since=said, timeout=timeout, **who)

    async def edit(self, message: Message, text: str, **who: Unpack[Who]) -> Message:
        """Change a message that a person wrote."""
        arguments = {"text": text, "who": _who(who), "sender": "person", "files": [], "edit_of": message["id"]}
        return _json(await self.act("write", **arguments))

    async def wait_message(
        self, wanted: Wanted = None, *, since: Message | None = None, timeout: float = PATIENCE, **who: Unpack[Who]
    ) -> Message:
        """Return the first message of the bot that the person sees there, new or edited after `since`, that fits.

        Without `since` the newest that fits counts.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = await self.act("posts", who=_who(who), since=since["id"] if since else None)
            if fitting := _fitting(seen["messages"], wanted):
                return fitting[0 if since else -1]
            if time.monotonic() >= deadline:
                raise AssertionError(
                    f"no message fitting {wanted!r} within {timeout} s\n{await self.transcript(who.get('user', 7))}"
                )
            await self.changed(seen["revision"], deadline - time.monotonic())

    async def messages(self, **who: Unpack[Who]) -> list[Message]:
        """Return the bot's standing messages that a person sees in a place."""
        return list((await self.act("posts", who=_who(who), since=None))["messages"])

    async def is_deleted(self, message: Message) -> bool:
        return bool(await self.act("is_deleted", message=message["id"]))

    async def download(self, message: Message, number: int = 0) -> Upload:
        """Return an attachment of a message, name and content."""
        kept = await self.act("attachment", attachment=message["attachments"][number]["id"])
        return Upload(kept["filename"], base64.b64decode(kept["data"]))

    # -- places ----------------------------------------------------------------------------------------------------
    async def place(self) -> Json:
        """Return the ids of the application, the first guild and its channel: `{"app", "guild", "channel"}`."""
        return _json(await self.act("place"))

    async def add_guild(self, name: str = "Another guild") -> Json:
        """Add a guild (on the next shard); return `{"guild", "channel"}`."""
        return _json(await self.act("add_guild", name=name))

    async def add_channel(self, name: str, guild: str | None = None) -> str:
        place = guild or (await self.place())["guild"]
        return str(await self.act("add_channel", guild=place, name=name))

    async def set_member(self, user: int, permissions: int = 0, guild: str | None = None) -> None:
        """Make a person a member of a guild with these permission bits."""
        await self.act("set_member", user=str(user), permissions=str(permissions), guild=guild)

    async def set_channel_state(self, channel: str, state: ChannelState) -> None:
        """Let the channel answer as `Channel` says of this state."""
        await self.act("set_channel_state", channel=channel, state=state)

    async def open_dm(self, user: int = 7) -> str:
        """Let the person take the bot's direct messages; return the channel's id."""
        return str(await self.act("set_dm", user=str(user), is_open=True))

    async def close_dm(self, user: int = 7) -> None:
        """Refuse the bot's direct messages to a person with 50007."""
        await self.act("set_dm", user=str(user), is_open=False)

    async def commands(self, guild: str | None = None) -> list[Json]:
        """Return the registered commands, global ones or a guild's."""
        return list(await self.act("commands", guild=guild))

    # -- gateway and faults ----------------------------------------------------------------------------------------
    async def wait_ready(self, *, commands: bool = False, timeout: float = PATIENCE, **who: Unpack[Who]) -> None:
        """Return once the bot has a session on the shard of the place (a cut one that may resume counts), and commands there."""
        asked = {"guild": who.get("guild"), "dm": who.get("dm", False), "commands": commands}
        await self._until("is_ready", bool, timeout, "the bot has no session, or no commands", **asked)

    async def wait_connected(self, sockets: int = 1, *, resumes: int = 0, timeout: float = PATIENCE) -> Json:
        """Return the status once so many sockets are open, the sessions resumed so often, and all events are sent."""

        def settled(status: Json) -> bool:
            return len(status["connected"]) >= sockets and status["resumes"] >= resumes and not status["undelivered"]

        return _json(await self._until("status", settled, timeout, "the bot is not connected"))

    async def wait_idle(self, *, quiet: float = 0.2, timeout: float = PATIENCE) -> None:
        """Return once every event is sent and nothing has happened for `quiet` seconds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            before = await self.status()
            await self.changed(before["revision"], quiet)
            after = await self.status()
            if after["revision"] == before["revision"] and not after["undelivered"]:
                return
        raise AssertionError(f"the bot was not idle within {timeout} s")

    async def _until(
        self, action: str, done: Callable[[Any], bool], timeout: float, complaint: str, **arguments: Any
    ) -> Any:
        deadline = time.monotonic() + timeout
        while True:
            revision = (await self.act("status"))["revision"]
            result = await self.act(action, **arguments)
            if done(result):
                return result
            if time.monotonic() >= deadline:
                raise AssertionError(f"{complaint} after {timeout} s: {result}")
            await self.changed(revision, deadline - time.monotonic())

    async def cut(self, shard: int | None = None, *, repeat: int = 0) -> int:
        """Cut the gateway sockets without a word; the resume repeats `repeat` events that were seen. Return how many."""
        return int(await self.act("cut", shard=shard, repeat=repeat))

    async def reconnect(self, shard: int | None = None) -> int:
        """Ask to reconnect (op 7)."""
        return int(await self.act("reconnect", shard=shard))

    async def invalidate(self, *, resumable: bool = False, shard: int | None = None) -> int:
        """Declare the session invalid (op 9)."""
        return int(await self.act("invalidate", resumable=resumable, shard=shard))

    async def forget_sessions(self) -> None:
        """Cut all sockets and refuse their resumes; the bot has to identify anew."""
        await self.act("forget_sessions")

    async def set_heartbeat(self, milliseconds: int, *, acknowledged: bool = True) -> None:
        await self.act("set_heartbeat", milliseconds=milliseconds, acknowledged=acknowledged)

    async def fault(
        self,
        route: str,
        kind: Literal[
            "401",
            "429",
            "429_shared",
            "429_global",
            "cloudflare",
            "error",
            "500",
            "502",
            "503",
            "drop_before",
            "drop_after",
            "slow",
        ],
        *,
        count: int = 1,
        retry_after: float = 0.1,
        seconds: float = 0.5,
        code: int = 50013,
    ) -> None:
        """Make the next `count` requests (-1: all until `clear_faults`) that fit `route` go wrong.

        `route` is a pattern over `METHOD /path`, e.g. `POST */callback`, `*`. error answers with Discord's `code`;
        drop_before cuts the connection before the effect, drop_after after it; cloudflare is a 429 in HTML.
        """
        await self.act(
            "fault", route=route, kind=kind, count=count, retry_after=retry_after, seconds=seconds, code=code
        )

    async def clear_faults(self) -> None:
        await self.act("clear_faults")

    # -- reading ---------------------------------------------------------------------------------------------------
    async def wait_call(self, route: str, count: int = 1, *, timeout: float = PATIENCE) -> Call:
        """Return the `count`-th request whose `METHOD /path` contains `route`, successful or not."""

        def answered(seen: Json) -> list[Json]:
            return [call for call in seen["calls"] if call["status"] or call["injected"]]

        complaint = f"there were not {count} calls of {route}"
        seen = await self._until("calls_of", lambda seen: len(answered(seen)) >= count, timeout, complaint, route=route)
        return _call(answered(seen)[count - 1])

    async def recorded_calls(self, route: str | None = None) -> list[Call]:
        """Return every REST request so far, oldest first."""
        return [_call(call) for call in (await self.act("calls_of", route=route))["calls"]]

    async def rejections(self) -> list[Call]:
        """Return the requests that Discord's rules refused with 4xx; injected faults do not count."""
        return [call for call in await self.recorded_calls() if 400 <= call.status < 500 and not call.injected]

    async def pings(self) -> list[Json]:
        """Return the messages that would have pinged somebody."""
        return list(await self.act("pings"))

    async def conversation(self, user: int | None = 7, channel: str | None = None) -> list[Line]:
        """Return a person's conversation (None: everybody's), or a channel's, line by line."""
        lines = await self.act("lines_of", user=None if user is None else str(user), channel=channel)
        return [Line(**line) for line in lines]

    async def transcript(self, user: int | None = 7, channel: str | None = None) -> str:
        """Return the conversation as text, to be read aloud; (only you) marks ephemeral messages."""
        return "\n".join(
            f"{line.direction}{' (only you)' if line.ephemeral else ''}: {line.text}"
            + "".join(f"\n    [{'] ['.join(row)}]" for row in line.buttons)
            for line in await self.conversation(user, channel)
        )

    async def status(self) -> Json:
        """Return `sessions`, `connected` shards, `identifies`, `resumes`, `undelivered` events and `revision`."""
        return _json(await self.act("status"))


class RemoteDiscord(RemoteControl, People):
    """`People` over HTTP: drives an emulator that runs as a process of its own."""

    @property
    def api_base(self) -> str:
        return f"{self.base}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"{self.base.replace('http', 'ws', 1)}/gateway"


def _who(who: Who) -> Json:
    return {"locale": "en-US", **who, "user": str(who.get("user", 7))}


def _person(interaction: Interaction) -> str:
    user = interaction["user"] if "user" in interaction else interaction["member"]["user"]
    return str(user["id"])


def _fitting(messages: list[Message], wanted: Wanted) -> list[Message]:
    if isinstance(wanted, str):
        return [message for message in messages if wanted in text_of(message)]
    return [message for message in messages if wanted is None or wanted(message)]


def _json(value: Any) -> Json:
    assert isinstance(value, dict)
    return value


def _call(record: Json) -> Call:
    return Call(**{**record, "files": [Upload(name, base64.b64decode(data)) for name, data in record["files"]]})
