"""Discord's gateway: identify, heartbeats, shards, resume with the missed events, and everything that cuts it.

A session keeps every event it was given, numbered from 1. A socket is a reader of one session; when it is gone the
session waits, and a resume goes on after the number that the bot saw last.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.support.discord.form import Json
from tests.support.discord.state import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 0, 1, 2, 6, 7, 9, 10, 11
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
PRIVILEGED = 1 << 1 | 1 << 8 | MESSAGE_CONTENT
KNOWN_INTENTS = (1 << 26) - 1
UNKNOWN_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED = 4000, 4003, 4004, 4005
INVALID_SHARD, INVALID_INTENTS, DISALLOWED_INTENTS, INVALID_VERSION = 4010, 4013, 4014, 4012


@dataclass(eq=False)
class Session:
    """One identified session of one shard."""

    id: str
    shard: int
    count: int
    intents: int
    events: list[tuple[str, Any]] = field(default_factory=list)
    sent: int = 0
    socket: web.WebSocketResponse | None = None
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    repeat: int = 0
    orders: list[tuple[int, Any]] = field(default_factory=list)

    def give(self, event: str, data: Any) -> None:
        self.events.append((event, data))
        self.wake.set()


class Gateway:
    """All sessions, and the handler of the WebSocket route."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        self.heartbeat_ms = 41_250
        self.acknowledge_heartbeats = True
        self.privileged = PRIVILEGED
        self.sessions: dict[str, Session] = {}
        self.identifies = 0
        self.resumes = 0
        self.closed = False
        self._ids = itertools.count(1)
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}

    # -- events ----------------------------------------------------------------------------------------------------
    def dispatch(self, event: str, data: Json, guild: str | None, needs: int = 0) -> int:
        """Give an event to the sessions of the shard it belongs to; return how many there were.

        `needs` is the intent without which a session does not hear of it. A session whose socket is cut keeps the
        event for its resume.
        """
        given = 0
        for session in self.sessions.values():
            if session.shard != self.world.shard_of(guild, session.count):
                continue
            if needs and not session.intents & needs:
                continue
            body = data
            mine = any(one["id"] == self.world.app_id for one in data.get("mentions") or ())
            hidden = event.startswith("MESSAGE_") and guild is not None and not mine
            if hidden and not session.intents & MESSAGE_CONTENT:
                body = data | {"content": "", "embeds": [], "attachments": [], "components": []}
            session.give(event, body)
            given += 1
        self.world.touch()
        return given

    def is_ready(self, guild: str | None) -> bool:
        """Return whether a session exists that would hear about the guild (None: about direct messages)."""
        return any(s.shard == self.world.shard_of(guild, s.count) for s in self.sessions.values())

    # -- disturbances ----------------------------------------------------------------------------------------------
    def cut(self, shard: int | None, repeat: int) -> int:
        """Cut the sockets (of one shard) without a word; a resume gets `repeat` events that it has had once more."""
        connected = self._connected(shard)
        for session in connected:
            session.repeat = repeat
            assert session.socket is not None
            self._transports[session.socket].abort()
        return len(connected)

    def order(self, op: int, data: Any, shard: int | None) -> int:
        """Send op 7 (reconnect) or op 9 (invalid session) to the connected sessions."""
        connected = self._connected(shard)
        for session in connected:
            session.orders.append((op, data))
            session.wake.set()
            if op == INVALID_SESSION and not data:
                del self.sessions[session.id]
        return len(connected)

    def forget(self) -> None:
        """Cut every socket and drop every session, so that the resume is refused with op 9."""
        self.cut(None, 0)
        for session in list(self.sessions.values()):
            del self.sessions[session.id]

    def shut(self) -> None:
        """Cut every socket, forget the sessions and take no connection, until `closed` is False again."""
        self.closed = True
        self.forget()

    def _connected(self, shard: int | None) -> list[Session]:
        found = self.sessions.values()
        return [s for s in found if s.socket is not None and (shard is None or s.shard == shard)]

    # -- the socket ------------------------------------------------------------------------------------------------
    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.closed:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if request.transport is not None:
            self._transports[socket] = request.transport
        try:
            if request.query.get("v") != "10" or request.query.get("encoding", "json") != "json":
                await socket.close(code=INVALID_VERSION)
                return socket
            await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
            session = await self._first_frames(socket)
            if session is not None:
                await self._converse(socket, session)
        except (ConnectionError, RuntimeError):
            pass  # The other side is gone, which is what a cut is for.
        finally:
            self._transports.pop(socket, None)
            for known in self.sessions.values():
                if known.socket is socket:
                    known.socket = None
            self.world.touch()
        return socket

    async def close(self) -> None:
        """End every connection, as for the end of the test."""
        for socket in list(self._transports):
            await socket.close()

    async def _first_frames(self, socket: web.WebSocketResponse) -> Session | None:
        """Answer heartbeats until the bot identifies or resumes; return the session, or None when refused."""
        async for frame in _frames(socket):
            if frame["op"] == HEARTBEAT:
                await self._acknowledge(socket)
            elif frame["op"] == IDENTIFY:
                return await self._identify(socket, frame["d"])
            elif frame["op"] == RESUME:
                resumed = await self._resume(socket, frame["d"])
                if resumed is not None:
                    return resumed
            else:
                await socket.close(code=NOT_AUTHENTICATED)
                return None
        return None

    async def _identify(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        shard, count = data.get("shard", [0, 1])
        intents = data.get("intents")
        refusal = 0
        if data.get("token") != self.world.token:
            refusal = AUTHENTICATION_FAILED
        elif not (isinstance(shard, int) and isinstance(count, int) and 0 <= shard < count):
            refusal = INVALID_SHARD
        elif not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
            refusal = INVALID_INTENTS
        elif intents & PRIVILEGED & ~self.privileged:
            refusal = DISALLOWED_INTENTS
        if refusal:
            await socket.close(code=refusal)
            return None
        self.identifies += 1
        session = Session(f"session{next(self._ids)}", shard, count, intents or 0, socket=socket)
        guilds = [g for g in self.world.guilds if self.world.shard_of(g, count) == shard]
        session.give(
            "READY",
            {
                "v": 10,
                "user": self.world.bot,
                "guilds": [{"id": guild, "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": [shard, count],
                "application": {"id": self.world.app_id, "flags": 0},
            },
        )
        if session.intents & GUILDS:
            for guild in guilds:
                session.give("GUILD_CREATE", self.world.guild_object(guild))
        self.sessions[session.id] = session
        self.world.touch()
        return session

    async def _resume(self, socket: web.WebSocketResponse, data: Json) -> Session | None:
        session = self.sessions.get(str(data.get("session_id")))
        seen = data.get("seq")
        if data.get("token") != self.world.token:
            await socket.close(code=AUTHENTICATION_FAILED)
            return None
        if session is None or not isinstance(seen, int) or seen > len(session.events):
            await socket.send_json({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
            return None
        self.resumes += 1
        session.socket = socket
        session.sent = max(0, seen - session.repeat)
        session.repeat = 0
        session.give("RESUMED", {})
        self.world.touch()
        return session

    async def _converse(self, socket: web.WebSocketResponse, session: Session) -> None:
        writer = asyncio.create_task(self._write(socket, session))
        try:
            async for frame in _frames(socket):
                if frame["op"] == HEARTBEAT:
                    await self._acknowledge(socket)
                elif frame["op"] in (IDENTIFY, RESUME):
                    await socket.close(code=ALREADY_AUTHENTICATED)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self, socket: web.WebSocketResponse, session: Session) -> None:
        """Send what the session was given, in order. Control frames have no number and are not repeated."""
        while session.socket is socket:
            session.wake.clear()
            while session.sent < len(session.events):
                event, data = session.events[session.sent]
                session.sent += 1
                await socket.send_json({"op": DISPATCH, "t": event, "s": session.sent, "d": data})
            while session.orders:
                op, data = session.orders.pop(0)
                await socket.send_json({"op": op, "d": data, "s": None, "t": None})
            await session.wake.wait()

    async def _acknowledge(self, socket: web.WebSocketResponse) -> None:
        if self.acknowledge_heartbeats:
            await socket.send_json({"op": HEARTBEAT_ACK, "d": None, "s": None, "t": None})


async def _frames(socket: web.WebSocketResponse) -> AsyncIterator[Json]:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            frame = json.loads(message.data)
            if isinstance(frame, dict) and isinstance(frame.get("op"), int):
                yield frame
            else:
                await socket.close(code=UNKNOWN_ERROR)
