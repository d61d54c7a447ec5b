"""The Telegram bot of one process: connects, takes updates, answers them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import User

from bots import first_owner
from bots.outgoing.posting import NotNow, Unreachable
from bots.standing import StandingBoard
from bots.telegram_bot.binding import WANTED, TelegramBinding, event_of
from bots.telegram_bot.drafting import Drafts, TelegramEdits
from bots.telegram_bot.menus import Menus
from bots.telegram_bot.polling import POLL, Poller
from bots.telegram_bot.sending import TelegramSender
from bots.telegram_bot.waiting import Comfort
from core.network import open_connector, proxy_for
from core.notices.inbox import Inbox
from core.notices.inbox_rows import store
from core.storage.talk_rows import TurnRow
from core.waking import until_woken, wake_at_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from bots.answering import Brush
    from core.service import Core

log = structlog.get_logger(__name__)

TOKEN_PAUSE = 10.0
"""Seconds before a token that was not accepted is tried again."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
"""Seconds before a webhook that was not taken is set again."""


class Session(AiohttpSession):
    """aiogram's session, whose connections go through `proxy` as everybody else's do."""

    def __init__(self, proxy: str | None, **options: Any) -> None:
        super().__init__(**options)
        self._connector_type = partial(open_connector, proxy)  # type: ignore[assignment]  # whatever makes a connector


def open_bot(core: Core) -> Bot:
    """The client of the configured bot."""
    telegram = core.settings.telegram
    assert telegram.token is not None, "asked for only where a token is configured"  # noqa: S101
    proxy = proxy_for(core.settings, "telegram", telegram.api_base)
    session = Session(proxy, api=TelegramAPIServer.from_base(telegram.api_base), timeout=20)
    return Bot(telegram.token.get_secret_value(), session=session)


class TelegramBot:
    """One bot. `patience` is how many seconds an answer waits for an unclear invite before it says so."""

    def __init__(
        self, core: Core, bot: Bot, *, patience: float = 20.0, poll: float = POLL, standing: StandingBoard | None = None
    ) -> None:
        self._core = core
        self._standing = standing or StandingBoard(core.settings.language)
        self._poll = poll
        self._patience = patience
        self.bot = bot
        self.sender = TelegramSender(bot, core.settings, standing=self._standing)
        self._comfort = Comfort(self.sender, core.settings.language)
        self._inbox: Inbox | None = None
        self._id = int(bot.token.partition(":")[0])
        self.asked: Callable[[], None] = lambda: None
        """Called when a question was kept."""

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set; ends within ten seconds and loses nothing."""
        me = await self._introduce(stop)
        if me is None:
            return
        self._standing.online("telegram", me.username or me.first_name, f"https://t.me/{me.username}")
        address = f"https://t.me/{me.username}?start="
        await first_owner.offer(self._core, self._standing, lambda token: address + token)
        menus = Menus(self._core, self.sender, self._core.settings.language)
        binding = TelegramBinding(self._core, self.sender, menus, username=me.username or "", patience=self._patience)
        binding.asked = self.asked
        self.sender.on_migration = binding.moved
        inbox = Inbox(
            self._core,
            f"tg:{self._id}:",
            binding.handle,
            give_up=binding.give_up,
            handlers=self._core.settings.telegram.handlers,
            platform="telegram",
        )
        self._inbox = inbox
        async with asyncio.TaskGroup() as group:
            group.create_task(inbox.run(stop), name="telegram-inbox")
            setting = group.create_task(self._set_up(menus), name="telegram-menus")
            if self._core.settings.telegram.mode == "polling":
                token = self.bot.token
                keep = self._comfort.around(inbox.take)
                poller = Poller(self._core, self._id, token, keep=keep, poll=self._poll, standing=self._standing)
                group.create_task(poller.run(stop, drop_webhook=self._drop_webhook), name="telegram-poller")
            await stop.wait()
            setting.cancel()

    def easel(self, turn: TurnRow) -> Brush:
        """What paints the answer to a question."""
        brush = TelegramEdits if turn.place.startswith("-") or not self._core.settings.talk.drafts else Drafts
        return brush(self._core, self.sender, turn)

    async def receive(self, update: dict[str, Any]) -> None:
        """One update by webhook: returns when it is stored. Raises: Busy, and Telegram brings it again."""
        await self._comfort.around(partial(store, self._core))([event_of(self._id, update)])
        if self._inbox is not None:
            self._inbox.wake()

    async def _introduce(self, stop: asyncio.Event) -> User | None:
        """Ask Telegram who the bot is, however long that takes; None when the process is to stop."""
        wake = asyncio.Event()
        pause = 0.5
        failed = 0
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(wake_at_end(stop, wake))
            try:
                while not stop.is_set():
                    try:
                        me = await self.bot.get_me()
                        self._standing.well("telegram", "token")
                        return me
                    except (TelegramUnauthorizedError, TelegramNotFound):
                        self._standing.trouble("telegram", "token")
                        pause = max(pause, TOKEN_PAUSE)
                    except TelegramAPIError as fault:
                        log.warning("telegram_unavailable", kind=type(fault).__name__)
                        failed += 1
                        self._standing.away("Telegram", type(fault).__name__, failed)
                    await until_woken(wake, pause)
                    pause = min(30.0, pause * 2)
            finally:
                ending.cancel()
        return None

    async def _set_up(self, menus: Menus) -> None:
        telegram = self._core.settings.telegram
        if telegram.mode == "webhook" and telegram.webhook_url and telegram.webhook_secret:
            await self._set_webhook(telegram.webhook_url, telegram.webhook_secret.get_secret_value())
        await menus.set_common()
        await menus.introduce()

    async def _set_webhook(self, url: str, secret: str) -> None:
        """Tell Telegram where updates go; a bot that nothing reaches must not look as if it were well."""
        pause = FIRST_PAUSE
        while True:
            try:
                await self.sender.call(lambda: self.bot.set_webhook(url, allowed_updates=WANTED, secret_token=secret))
            except TelegramBadRequest as refusal:
                self._standing.trouble("telegram", "webhook", refusal.message)
            except NotNow as later:
                pause = max(pause, later.seconds)
            except (TelegramAPIError, Unreachable) as fault:
                log.warning("webhook_not_set", kind=type(fault).__name__)
            else:
                self._standing.well("telegram", "webhook")
                return
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _drop_webhook(self) -> None:
        await self.sender.quietly(self.bot.delete_webhook)
