"""Alerts to wherever operators want them: Bark, ntfy, Slack, a webhook, whatever Apprise speaks."""

from __future__ import annotations

import asyncio
import hashlib

from bots.messages.rendering import Look, render
from bots.outgoing.posting import NotNow, Post
from core.rules.alerts import Level
from core.settings import Settings

NO_LIMIT = 10**9


class AppriseChannels:
    """The configured Apprise URLs as a way out of the outbox; a recipient is one of `places`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = places(settings, Level.CRITICAL)

    async def post(self, post: Post) -> str | None:
        """Notify one channel. Raises: NotNow when it could not be reached or refused."""
        url = self._places.get(post.recipient)
        if url is None:
            return None  # taken out of the configuration since
        look = Look(self._settings.language, "plain", NO_LIMIT, self._settings.timezone)
        title, _, body = "\n".join(render(post.reply, look).texts).partition("\n")
        level = Level(str(post.facts.get("level", Level.WARNING)))
        if not await asyncio.to_thread(_notify, url, title, body.strip() or title, level):
            raise NotNow(60.0)
        return None


async def shout(settings: Settings, level: Level, text: str) -> int:
    """Say something at once, without the outbox, where that cannot be reached. Returns how many channels took it."""
    title, _, body = text.partition("\n")
    urls = places(settings, level).values()
    sent = [await asyncio.to_thread(_notify, url, title, body.strip() or title, level) for url in urls]
    return sum(sent)


def places(settings: Settings, level: str) -> dict[str, str]:
    """The URLs that want to hear of `level`, each by a name that does not give it away."""
    if Level(level) < Level(settings.operators.level):
        return {}
    urls = [secret.get_secret_value() for secret in settings.operators.urls]
    return {hashlib.sha256(url.encode()).hexdigest()[:16]: url for url in urls}


def _notify(url: str, title: str, body: str, level: Level) -> bool:
    # On its own thread, and imported late: Apprise knows a hundred services and takes its time.
    from apprise import Apprise, NotifyFormat, NotifyType

    kinds = {
        Level.INFO: NotifyType.INFO,
        Level.WARNING: NotifyType.WARNING,
        Level.ERROR: NotifyType.FAILURE,
        Level.CRITICAL: NotifyType.FAILURE,
    }
    channel = Apprise()
    if not channel.add(_without_picture(url)):
        return False
    sent = channel.notify(title=title, body=body, notify_type=kinds[level], body_format=NotifyFormat.TEXT)
    return bool(sent)


def _without_picture(url: str) -> str:
    """Bark would be told to fetch an icon from elsewhere, unless it is told not to."""
    if not url.startswith(("bark://", "barks://")) or "image=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}image=no"
