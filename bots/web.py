"""The small web servers: health and Telegram's webhook on one, which others may reach; metrics on another."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import sqlalchemy as sa
import structlog
from aiohttp import web

from core import holds, telemetry
from core.errors import Busy, DatabaseGone
from core.reports.gauges import Gauged, read_gauges
from core.version import usher_version

if TYPE_CHECKING:
    from bots.standing import StandingBoard
    from core.service import Core

log = structlog.get_logger(__name__)

MOST_BYTES = 2**20
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header

Receive: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]


class Web:
    """Serves until `stop` is set. `receive` takes a Telegram update and returns once it is stored."""

    def __init__(self, core: Core, receive: Receive | None = None, standing: StandingBoard | None = None) -> None:
        self._core = core
        self._standing = standing
        self._receive = receive
        self._stopping = False
        self.port = self.metrics_port = 0
        secret = core.settings.telegram.webhook_secret
        self._secret = secret.get_secret_value().encode() if secret is not None else b""
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_get("/health/live", self._live)
        app.router.add_get("/health/ready", self._ready)
        if receive is not None:
            app.router.add_post(core.settings.telegram.webhook_path, self._webhook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
        # Whoever is let in for the webhook has no business with figures, and metrics have no password.
        metrics = web.Application()
        metrics.router.add_get("/metrics", self._metrics)
        self._metrics_runner = web.AppRunner(metrics, access_log=None, shutdown_timeout=3)

    async def run(self, stop: asyncio.Event) -> None:
        """Listen on `web.host` and `web.port`, and on those for metrics; 0 takes a free one, which `port` tells."""
        settings = self._core.settings.web
        telemetry.enable_metrics()
        telemetry.gauge("usher_build_info", 1, version=usher_version())
        await self._runner.setup()
        await self._metrics_runner.setup()
        try:
            await web.TCPSite(self._runner, settings.host, settings.port).start()
            self.port = self._runner.addresses[0][1]
            log.info("web_listening", host=settings.host, port=self.port)
            await self._show_metrics(settings.metrics_host, settings.metrics_port)
            await stop.wait()
            self._stopping = True
        finally:
            await self._runner.cleanup()
            await self._metrics_runner.cleanup()

    async def _show_metrics(self, host: str, port: int) -> None:
        """A second process of this machine finds the port taken: it serves all the same, and says so."""
        try:
            await web.TCPSite(self._metrics_runner, host, port).start()
        except OSError as fault:
            log.warning("metrics_not_listening", host=host, port=port, reason=fault.strerror)
            return
        self.metrics_port = self._metrics_runner.addresses[0][1]
        log.info("metrics_listening", host=host, port=self.metrics_port)

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "live"})

    async def _ready(self, _: web.Request) -> web.Response:
        """Ready means: not stopping, and the database answers within two seconds. Degraded: without its Redis,
        while something holds back what ends, moves and removes, or while a bot cannot serve; then it says why not.
        """
        if self._stopping:
            return web.json_response({"status": "stopping"}, status=503)
        try:
            async with asyncio.timeout(2):
                held = await self._core.read(holds.names)
        except DatabaseGone:
            log.critical("database_gone")
            return web.json_response({"status": "database_gone"}, status=503)
        except (TimeoutError, Busy, OSError, sa.exc.SQLAlchemyError) as fault:
            log.warning("not_ready", kind=type(fault).__name__)
            return web.json_response({"status": "database"}, status=503)
        if held:
            return web.json_response({"status": "degraded", "waits": sorted(held)})
        if self._standing is not None and (troubles := self._standing.troubles()):
            return web.json_response({"status": "degraded", "bots": troubles})
        if self._core.redis is not None and self._core.redis.away:
            return web.json_response({"status": "degraded", "without": "redis"})
        return web.json_response({"status": "ready"})

    async def _metrics(self, _: web.Request) -> web.Response:
        if self._core.redis is not None:
            telemetry.gauge("usher_redis_up", not self._core.redis.away)
        for state, number in self._core.database.connections().items():
            telemetry.gauge("usher_database_connections", number, state=state)
        try:
            _show(await self._core.read(read_gauges, self._core.now()))
        except Busy:
            log.warning("metrics_incomplete")
        return web.Response(body=telemetry.exposition(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def _webhook(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not self._secret or not hmac.compare_digest(given, self._secret):
            return web.Response(status=401)
        if (request.content_length or 0) > MOST_BYTES:
            return web.Response(status=413)
        try:
            update = json.loads(await request.read())  # raises 413 itself when the body grows too large
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        if self._receive is None:
            return web.Response(status=404)
        try:
            await self._receive(update)
        except Busy:
            return web.Response(status=503)  # not stored: Telegram will bring it again
        return web.Response()


def _show(readings: list[Gauged]) -> None:
    telemetry.forget_gauges({one.name for one in readings if one.labels})
    for one in readings:
        telemetry.gauge(one.name, one.value, **one.labels)
