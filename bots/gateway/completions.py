"""`POST /v1/chat/completions`: one question to a model, paid by the key's person, answered whole or as it comes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bots.gateway.bodies import document_of
from bots.gateway.entrance import bearer_of, idempotency_key_of
from bots.gateway.problems import Problem, invalid, of_reason, stopping
from bots.gateway.reading import Asked, read_question
from bots.gateway.standing import CALL, IGNORED, SHORTENED, STANDING, headers_of, stand
from bots.gateway.writing import EventStream, document
from core.calls import calls
from core.calls.orders import Answer, CallOrder, Gone, Listener
from core.errors import RequestKeyReused, UsherError
from core.rules.money import amount_text

if TYPE_CHECKING:
    from core.calls.bearers import Bearer
    from core.service import Core

LOOK: Final = 0.25
"""Seconds between two looks whether the client is still there."""


class Completions:
    """Answers until `leave` is set; then what runs is ended and settled."""

    def __init__(self, core: Core, leave: asyncio.Event) -> None:
        self._core = core
        self._leave = leave

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The handler."""
        core = self._core
        bearer = await bearer_of(core, request, "chat")
        asked = read_question(await document_of(request), fetches=core.settings.gateway.fetch_images)
        order = self._order(request, bearer, asked)
        created = int(core.now().timestamp())

        async def ready() -> Mapping[str, str]:
            if stream.call_id is not None:
                request[CALL] = stream.call_id
            if stream.shortened is not None:
                request[SHORTENED] = stream.shortened
            if STANDING not in request:
                await stand(core, request)
            return headers_of(request)

        stream = EventStream(request, asked, created, ready)
        if asked.ignored:
            request[IGNORED] = ", ".join(asked.ignored)
        try:
            answer = await self._ask(request, bearer, order, stream)
        except RequestKeyReused as reused:
            raise of_reason(reused.key, {}, core.now()) from None
        if answer is None:
            return stream.response or web.Response(status=499)
        if answer.call_id is not None:
            request[CALL] = answer.call_id
        try:
            return await self._finish(request, asked, stream, answer, created)
        except Gone:
            # It was whole or broken off before: what it cost is settled, and nobody is there to be told.
            return stream.response or web.Response(status=499)

    def _order(self, request: web.Request, bearer: Bearer, asked: Asked) -> CallOrder:
        given = idempotency_key_of(request)
        own = self._core.vault.digest(f"idempotency:{given}").hex()[:40] if given else secrets.token_hex(16)
        return CallOrder(
            request_key=f"{'key' if given else 'once'}:{bearer.key_id}:{own}",
            messages=asked.messages,
            via="gateway",
            model=asked.model,
            most_output=asked.most_output,
            options=asked.options,
            key_id=bearer.key_id,
            wait=0,
            again=True,
        )

    async def _ask(self, request: web.Request, bearer: Bearer, order: CallOrder, stream: EventStream) -> Answer | None:
        """The answer of the core, or None where the client has left meanwhile. Raises: RequestKeyReused, and faults."""
        whole = calls.ask(self._core, bearer.actor, order, listener=Listener(stream.deliver, leave=self._leave), wait=0)
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(_kept(whole))
            watching = group.create_task(self._watch(request, stream, asking))
            looking = group.create_task(self._look(request, stream))
            await asyncio.wait([asking])
            watching.cancel()
            looking.cancel()
        if asking.cancelled():
            return None
        found, failure = asking.result()
        if failure is not None:
            raise failure
        return found

    async def _look(self, request: web.Request, stream: EventStream) -> None:
        """Read what the head says while the account thinks: the first word does not wait for it."""
        await stream.opened.wait()
        with suppress(UsherError):  # then it is read with the first word
            await stand(self._core, request)

    async def _watch(self, request: web.Request, stream: EventStream, asking: asyncio.Task[object]) -> None:
        """End the call of a client that has left, and tell one that waits that it goes on."""
        keepalive = self._core.settings.gateway.keepalive
        now = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(min(LOOK, keepalive))
            transport = request.transport
            gone = transport is None or transport.is_closing()
            if not gone and stream.streams and stream.call_id is not None and now() - stream.written_at >= keepalive:
                try:
                    await stream.wait()
                except Gone:
                    gone = True
            if gone:
                asking.cancel()
                return

    async def _finish(
        self, request: web.Request, asked: Asked, stream: EventStream, answer: Answer, created: int
    ) -> web.StreamResponse:
        problem = self._problem(answer)
        if stream.response is not None:
            return await (stream.finish(answer) if problem is None else stream.fail(problem))
        if problem is not None:
            raise problem
        if asked.stream:
            await stream.replay(answer)
            return await stream.finish(answer)
        if stream.shortened is not None:
            request[SHORTENED] = stream.shortened
        headers = {"x-usher-charged": amount_text(answer.charged)}
        return web.json_response(document(answer, asked, created), headers=headers)

    def _problem(self, answer: Answer) -> Problem | None:
        """Why this is no whole answer, or None."""
        now = self._core.now()
        if answer.state == "refused" or answer.finish in {"failed", "refused"}:
            if answer.reason == "stopped_leaving":
                return stopping()
            return of_reason(answer.reason or "upstream_failed", answer.facts, now)
        if answer.state != "settled":
            message = "The first request with this Idempotency-Key is still under way."
            return invalid("request_in_progress", message, "Idempotency-Key", status=409)
        if answer.finish in {"whole", "empty"}:
            kept = answer.text is not None or answer.tool_calls or answer.reasoning or answer.finish == "empty"
            return None if kept else invalid("answer_not_kept", "The answer is no longer kept.", status=409)
        code, message = _BROKEN.get(answer.reason or "", _BROKEN[""])
        partial = {"usher": {"charged": amount_text(answer.charged), "estimated": answer.estimated}}
        if answer.text:
            partial["usher"]["partial"] = answer.text
        return Problem(502, "server_error", code, message, beside=partial)


_BROKEN: Final[Mapping[str, tuple[str, str]]] = {
    "": ("upstream_broken", "The answer broke off. What had come until then is charged."),
    "stopped_leaving": ("stopping", "The server is restarting and ended the answer. What had come is charged."),
    "stopped_key": ("invalid_api_key", "The key was revoked or paused while the answer came."),
    "stopped_suspended": ("suspended", "The person behind the key was suspended while the answer came."),
    "stopped_source": ("upstream_broken", "The account that answered was taken out of service."),
}


async def _kept(whole: Coroutine[None, None, Answer]) -> tuple[Answer | None, Exception | None]:
    """What a task comes to, with a failure as a value: only leaving ends the group."""
    try:
        return await whole, None
    except Exception as failure:  # noqa: BLE001 - raised again by whoever takes the value
        return None, failure
