"""The Discord bot of one process: its shards, its inbox, its slash commands."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
import structlog
import yarl
from discord import gateway
from discord import http as discord_http

from bots import first_owner
from bots.discord_bot.binding import DiscordBinding
from bots.discord_bot.events import PLATFORM
from bots.discord_bot.profile import installs_for_people, introduce, learn_commands
from bots.discord_bot.reception import Reception
from bots.discord_bot.registration import register
from bots.discord_bot.sending import DiscordSender
from bots.discord_bot.streaming import DiscordEdits
from bots.discord_bot.tree import whole_payload
from bots.standing import StandingBoard, Trouble
from core.network import open_connector, proxy_for
from core.notices.inbox import Inbox
from core.storage.talk_rows import TurnRow
from core.waking import until_woken, wake_at_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from bots.answering import Brush
    from core.service import Core
    from core.settings import DiscordSettings

log = structlog.get_logger(__name__)

HANDLERS = 64
"""Events answered at once in this process."""
CONNECTIONS = 64
CLOSE_WITHIN = 2.0
LONGEST_PAUSE = 60.0
FATAL: dict[int, Trouble] = {4004: "token", 4013: "intents", 4014: "intents"}
"""Codes with which the gateway closes for good: a token that is not accepted any more, intents that are not granted."""
INSTALL = "https://discord.com/oauth2/authorize"
"""Where a server's owner lets the bot in, and anybody finds it."""


class Client(discord.AutoShardedClient):
    """Hands every event over. It mentions nobody, and keeps no members, presences or messages in memory."""

    def __init__(self, settings: DiscordSettings, *, talks: bool = False) -> None:
        # Of a channel's messages, those that mention the bot come with their words, and no others.
        intents = discord.Intents(guilds=True, dm_messages=True, guild_messages=talks)
        if settings.message_content:
            # Only to take codes out of sight that people post in a channel. Direct messages need no such intent.
            intents.guild_messages = intents.message_content = True
        chosen: dict[str, Any] = {"shard_ids": settings.shard_ids} if settings.shard_ids else {}
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            shard_count=settings.shard_count,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.1,
            max_messages=None,
            max_ratelimit_timeout=30.0,
            **chosen,
        )
        self.reception: Reception | None = None
        self.standing: StandingBoard | None = None

    async def close(self) -> None:
        """Hang up, and stop the clocks of shards that were just getting ready, which the library leaves running."""
        await super().close()
        state = self._connection
        clocks = [*state._ready_tasks.values(), *filter(None, [state._ready_task])]  # noqa: SLF001 - known nowhere else
        for clock in clocks:
            clock.cancel()
        await asyncio.gather(*clocks, return_exceptions=True)

    async def on_shard_ready(self, _: int) -> None:
        """The gateway has taken the token and the intents."""
        if self.standing is not None:
            self.standing.well(PLATFORM, "token", "intents")

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take whatever somebody did with a command, a button or a form."""
        if self.reception is not None:
            await self.reception.interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Take whatever somebody wrote."""
        if self.reception is not None and self.application_id is not None and self.user is not None:
            await self.reception.message(self.application_id, message, me=self.user.id)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """Take what somebody changed in what they wrote, whether or not the first wording is remembered here."""
        if self.reception is not None and self.application_id is not None and self.user is not None:
            await self.reception.edit(self.application_id, payload.message, me=self.user.id)

    async def on_error(self, event_method: str, /, *_: Any, **__: Any) -> None:
        """Log what was not foreseen; the event's row, if there is one, is not lost by it."""
        log.error("discord_event_failed", event_name=event_method, exc_info=True)  # noqa: LOG014 - called by a handler


def open_client(core: Core) -> Client:
    """The client of the configured bot."""
    point_at(core.settings.discord)
    return Client(core.settings.discord, talks=core.settings.talk.enabled)


def point_at(settings: DiscordSettings) -> None:
    """Let discord.py speak with the configured addresses. It has no setting for them: they are the process's."""
    discord_http.Route.BASE = settings.api_base.rstrip("/")
    if settings.gateway_url is not None:
        # Used where the number of shards is configured; else Discord says where its gateway is.
        gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.gateway_url)


class DiscordBot:
    """One bot. `patience` is how many seconds an answer waits for an unclear invite before it says so."""

    def __init__(
        self, core: Core, client: Client, *, patience: float = 20.0, standing: StandingBoard | None = None
    ) -> None:
        self._core = core
        self._standing = standing or StandingBoard(core.settings.language)
        self._patience = patience
        self.client = client
        client.standing = self._standing
        self.sender = DiscordSender(client, core.settings, standing=self._standing)
        self.asked: Callable[[], None] = lambda: None
        """Called when a question was kept."""

    async def run(self, stop: asyncio.Event, *, answers: bool = True) -> None:
        """Serve until `stop` is set; ends within ten seconds and loses nothing.

        Without `answers` it only sends: the gateway is another process's.
        """
        try:
            if await self._persist(self._log_in, stop):
                await (self._serve(stop) if answers else stop.wait())
        finally:
            await self.close()

    def easel(self, turn: TurnRow) -> Brush:
        """What paints the answer to a question."""
        return DiscordEdits(self._core, self.sender, turn)

    async def close(self) -> None:
        """Hang up."""
        await self.client.close()

    async def _serve(self, stop: asyncio.Event) -> None:
        application_id = self.client.application_id
        assert application_id is not None, "known since the log-in"  # noqa: S101
        self._standing.online(PLATFORM, str(self.client.user), f"{INSTALL}?client_id={application_id}&scope=bot")
        if self._core.settings.telegram.token is None:
            await first_owner.offer(self._core, self._standing)
        binding = DiscordBinding(self._core, self.sender, patience=self._patience)
        inbox = Inbox(
            self._core,
            f"dc:{application_id}:",
            binding.handle,
            give_up=binding.give_up,
            handlers=HANDLERS,
            platform=PLATFORM,
        )
        reception = Reception(self._core, binding, take=inbox.take)
        binding.calm = reception.calm
        binding.asked = self.asked
        self.client.reception = reception
        async with asyncio.TaskGroup() as group:
            group.create_task(inbox.run(stop), name="discord-inbox")
            listening = group.create_task(self._persist(self._listen, stop), name="discord-gateway")
            registering = group.create_task(self._register(application_id), name="discord-commands")
            await stop.wait()
            self.client.reception = None
            registering.cancel()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_WITHIN):
                    await reception.close()
            listening.cancel()

    async def _log_in(self) -> None:
        discord_settings = self._core.settings.discord
        assert discord_settings.token is not None, "asked for only where a token is configured"  # noqa: S101
        # Connections are used again: a burst of first answers must not begin with as many handshakes.
        proxy = proxy_for(self._core.settings, "discord", discord_settings.api_base)
        self.client.http.connector = open_connector(proxy, limit=CONNECTIONS, keepalive_timeout=60)
        try:
            await self.client.login(discord_settings.token.get_secret_value())
        except BaseException:
            await self.client.http.close()
            raise
        self.sender.logged_in = True
        self._standing.well(PLATFORM, "token")

    async def _listen(self) -> None:
        if not self.sender.logged_in:
            await self._log_in()
        try:
            await self.client.connect(reconnect=True)
        except discord.DiscordException:
            if self.client.is_closed():
                await self._renew()
            raise

    async def _renew(self) -> None:
        """A client that the gateway has refused is closed for good; messages go out through another one meanwhile."""
        former, self.client = self.client, open_client(self._core)
        self.client.reception, self.client.standing = former.reception, former.standing
        self.sender.client, self.sender.logged_in = self.client, False
        await self._log_in()

    async def _register(self, application_id: int) -> None:
        await introduce(self._core, self.sender, application_id)
        commands = await whole_payload(self.client, people=await installs_for_people(self.sender))
        await register(self._core, self.sender, commands, application_id, self._standing)
        await learn_commands(self._core, self.sender, application_id)

    async def _persist(self, connect: Any, stop: asyncio.Event) -> bool:
        """Do it, again and again while Discord is away. What is wrong for good is logged, and tried less often."""
        wake = asyncio.Event()
        pause = 0.5
        failed = 0
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(wake_at_end(stop, wake))
            try:
                while not stop.is_set():
                    try:
                        await connect()
                    except discord.LoginFailure:
                        self._standing.trouble(PLATFORM, "token")
                        pause = LONGEST_PAUSE
                    except discord.PrivilegedIntentsRequired:
                        self._standing.trouble(PLATFORM, "intents")
                        pause = LONGEST_PAUSE
                    except discord.ConnectionClosed as closed:
                        log.warning("discord_gateway_closed", code=closed.code)
                        if closed.code in FATAL:
                            self._standing.trouble(PLATFORM, FATAL[closed.code])
                            pause = LONGEST_PAUSE
                    except (discord.DiscordException, aiohttp.ClientError, OSError) as fault:
                        log.warning("discord_unavailable", kind=type(fault).__name__)
                        failed += 1
                        self._standing.away("Discord", type(fault).__name__, failed)
                    else:
                        return True
                    await until_woken(wake, pause)
                    pause = min(LONGEST_PAUSE / 2, pause * 2)
            finally:
                ending.cancel()
        return False
