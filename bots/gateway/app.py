"""The server of the interface for programs: what is where, and what comes of what nobody expected."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog
from aiohttp import web

from bots.gateway import own, shop, shop_staff, shop_teams, visitors
from bots.gateway.api_document import document
from bots.gateway.bodies import STOPPING
from bots.gateway.completions import Completions
from bots.gateway.entrance import refuse_host
from bots.gateway.operations import Failed, failed, handler_of, language_of
from bots.gateway.page import PATH, RedeemPage
from bots.gateway.patience import HEAD_WITHIN, PatientHandler, patient
from bots.gateway.problems import Problem, invalid, of_reason, stopping
from bots.gateway.standing import begin, headers_of, number_of, stand
from bots.gateway.writing import SILENT
from bots.messages.rendering import Look
from core import telemetry
from core.errors import Busy, Refusal, UsherError

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

GRACE: Final = 6.0
"""Seconds that running answers get when the process is to end; what is left then is ended and settled."""
HEADERS: Final = 64
"""Most lines in the head of a request."""

OPERATIONS: Final = (*shop.OPERATIONS, *shop_staff.OPERATIONS, *shop_teams.OPERATIONS)
"""The shop's interface."""
SHOP: Final = ("/api/", "/admin/")
"""Where it is; its refusals have a shape of their own."""

WebHandler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gateway:
    """Serves until `stop` is set. `port` is the one that it listens on, `running` how many requests are being answered."""

    def __init__(self, core: Core, patience: float = HEAD_WITHIN) -> None:
        self._core = core
        self._patience = patience
        self._stopping = asyncio.Event()
        self.running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._leave = asyncio.Event()
        self.port = 0
        settings = core.settings.gateway
        app = web.Application(client_max_size=int(settings.body_megabytes * 2**20), middlewares=[self._around])
        app[SILENT] = settings.silent_client
        app[STOPPING] = self._stopping
        app.on_response_prepare.append(self._head)
        completions = Completions(core, self._leave)
        app.router.add_get("/v1/models", own.model_list(core))
        app.router.add_get("/v1/models/{model:.+}", own.one_model(core))
        app.router.add_post("/v1/chat/completions", completions.answer)
        app.router.add_get("/v1/usage", own.usage(core))
        app.router.add_get("/v1/wallet", own.wallet(core))
        for one in OPERATIONS:
            app.router.add_route(one.method, one.path, handler_of(core, one))
        self._page = RedeemPage(core) if settings.redeem_page else None
        if self._page is not None:
            app.router.add_get(PATH, self._page.show)
            app.router.add_post(PATH, self._page.redeem)
        app.router.add_get("/oauth/{site}/callback", visitors.come_back(core))
        app.router.add_post("/oauth/{site}/callback", visitors.agree(core))
        app.router.add_post("/admin/login", _no_password)
        app.router.add_get("/admin/logout", _no_password)
        if settings.document:
            app.router.add_get("/openapi.json", self._document)
        self._runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=1.0,
            handler_cancellation=False,  # what runs is settled first
            keepalive_timeout=75.0,
            lingering_time=2.0,
            max_headers=HEADERS,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Listen on `gateway.host` and `gateway.port`; 0 takes a free one."""
        settings = self._core.settings.gateway
        await self._runner.setup()
        listening: asyncio.Server | None = None
        try:
            listening = await self._listen(settings.host, settings.port)
            self.port = listening.sockets[0].getsockname()[1]
            log.info("gateway_listening", host=settings.host, port=self.port, tls="expected in front")
            await stop.wait()
            listening.close()
            self._stopping.set()
            try:
                async with asyncio.timeout(GRACE):
                    await self._idle.wait()
            except TimeoutError:
                self._leave.set()
                async with asyncio.timeout(GRACE):
                    await self._idle.wait()
        finally:
            if listening is not None:
                listening.close()
            await self._runner.cleanup()

    async def _listen(self, host: str, port: int) -> asyncio.Server:
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner is not set up")
        return await asyncio.get_running_loop().create_server(patient(server, self._patience), host, port, backlog=512)

    @web.middleware
    async def _around(self, request: web.Request, handler: WebHandler) -> web.StreamResponse:
        """Count what runs, and make an answer of whatever goes wrong."""
        begin(request)
        connection = request.protocol
        if isinstance(connection, PatientHandler):
            connection.begin()
        self.running += 1
        self._idle.clear()
        try:
            return await self._answered(request, handler)
        finally:
            if isinstance(connection, PatientHandler):
                connection.end()
            self.running -= 1
            if not self.running:
                self._idle.set()

    async def _answered(self, request: web.Request, handler: WebHandler) -> web.StreamResponse:
        try:
            refuse_host(self._core.settings.gateway, request)
            if self._stopping.is_set():
                raise stopping()
            if request.method == "OPTIONS" and self._friend(request) is not None:
                response: web.StreamResponse = web.Response(status=204, headers=_preflight(request))
            else:
                response = await handler(request)
        except Problem as problem:
            response = self._told(request, problem)
        except Refusal as refusal:
            response = self._told(request, self._refused(request, refusal.key, refusal.facts))
        except Busy as busy:
            log.warning("busy", platform="gateway")
            response = self._told(request, self._refused(request, "busy", busy.facts))
        except web.HTTPException as wrong:
            response = self._told(request, _of_http(wrong))
        except Exception as fault:
            reference = telemetry.new_reference()
            log.exception("unexpected_error", reference=reference, request=number_of(request))
            response = self._told(request, _unexpected(fault, reference))
        if not response.prepared:
            await self._stand(request)
        if response.headers.get("Connection") == "close":
            response.force_close()
        return response

    async def _head(self, request: web.Request, response: web.StreamResponse) -> None:
        """The head of every answer, also of those that were made before the middleware could see them, and of streams."""
        begin(request)
        for name, value in headers_of(request).items():
            response.headers.setdefault(name, value)
        response.headers["Server"] = "usher"
        if (origin := self._friend(request)) is not None:
            response.headers.update({"Access-Control-Allow-Origin": origin, "Vary": "Origin"})
            response.headers["Access-Control-Expose-Headers"] = "*"

    def _friend(self, request: web.Request) -> str | None:
        """The page that asks from a browser, if the configuration lets it."""
        origin = request.headers.get("Origin")
        return origin if origin in self._core.settings.gateway.cors_origins else None

    def _refused(self, request: web.Request, key: str, facts: Mapping[str, Any]) -> Problem:
        if request.path.startswith(SHOP):
            settings = self._core.settings
            look = Look(language_of(self._core, request), "plain", 2000, settings.timezone, settings.money.unit)
            return failed(key, facts, look, self._core)
        return of_reason(key, facts, self._core.now())

    async def _document(self, _: web.Request) -> web.Response:
        return web.json_response(document(OPERATIONS, self._core.settings.gateway.public_url))

    def _told(self, request: web.Request, problem: Problem) -> web.Response:
        telemetry.count("usher_gateway_refusals", code=problem.code if problem.status < 500 else str(problem.status))
        if self._page is not None and request.path == PATH:
            return self._page.trouble(request, problem, number_of(request))
        body = problem.body()
        if request.path.startswith(SHOP):
            body = problem.beside or Failed(error=problem.message, code=problem.code).model_dump()
        elif problem.status >= 500:
            body["error"]["message"] += f" ({number_of(request)})"
        return web.json_response(body, status=problem.status, headers=problem.headers)

    async def _stand(self, request: web.Request) -> None:
        try:
            await stand(self._core, request)
        except UsherError as away:
            log.warning("standing_not_read", kind=away.key)


async def _no_password(_: web.Request) -> web.Response:
    said = "There is no password here: make a key with /keys in the chat, and send it as Authorization: Bearer KEY."
    return web.json_response(Failed(error=said, code="use_a_key").model_dump(), status=410)


def _preflight(request: web.Request) -> dict[str, str]:
    """What such a page may ask with: clients name themselves in heads of their own, which are none of our business."""
    wanted = request.headers.get("Access-Control-Request-Headers", "")
    return {
        "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
        "Access-Control-Allow-Headers": wanted if _HEADS.fullmatch(wanted) else _USUAL_HEADS,
        "Access-Control-Max-Age": "600",
    }


_HEADS: Final = re.compile(r"[\w!#$%&'*+.^`|~, -]{1,2000}", re.ASCII)
_USUAL_HEADS: Final = "Authorization, Content-Type, Idempotency-Key"


def _of_http(wrong: web.HTTPException) -> Problem:
    """What the server itself says no to."""
    if wrong.status == 405:
        problem = invalid("method_not_allowed", "This address does not take that method.", status=405)
        problem.headers["Allow"] = wrong.headers.get("Allow", "")
        return problem
    if wrong.status == 413:
        return invalid("request_too_large", "The request is too large.", status=413)
    if wrong.status == 404:
        return invalid("unknown_url", "There is nothing at this address.", status=404)
    return invalid("bad_request", "The request could not be read.", status=wrong.status)


def _unexpected(fault: Exception, reference: str) -> Problem:
    key = fault.key if isinstance(fault, UsherError) else "internal"
    message = f"Something went wrong here. Its number is {reference}."
    code = "outcome_unknown" if key == "outcome_unknown" else "internal"
    extra: dict[str, Any] = {"headers": {"x-should-retry": "false"}} if code == "outcome_unknown" else {}
    return Problem(500, "server_error", code, message, **extra)
