"""The chat completions that OpenAI defined and most upstreams speak.

Every answer is asked for as a stream with its usage; an upstream that answers in one piece all the same is understood.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, cast
from urllib.parse import quote

from core.models import refusals, transcription
from core.models.chunks import AnswerReader, joined, read_json
from core.models.protocol import (
    Account,
    AllSaid,
    Bounds,
    CallRefused,
    CallUnavailable,
    CallUnclear,
    Event,
    Offer,
    Offers,
    OutputParameter,
    Question,
    Sent,
    Sound,
    Tally,
)
from core.models.sse import EventReader
from core.providers import private_places
from core.providers.http import HttpClient, HttpReply
from core.providers.protocol import Failure
from core.providers.protocol import Unavailable as Unreached
from core.providers.streams import Exchange, Stream

_ERROR_BODY: Final = 64 * 1024
_MOST_PAGES: Final = 1_000
_OTHER: Final[Mapping[OutputParameter, OutputParameter]] = {
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
_PSEUDONYM: Final = "safety_identifier"
"""The newer name of `user`. Some upstreams refuse what they have not heard of, and then get the older one alone."""


class _Form(NamedTuple):
    """Under which names an upstream takes what is said to it in more than one way."""

    parameter: OutputParameter
    named: bool


class OpenAICompatible:
    """One source, over the process's shared client."""

    def __init__(self, account: Account, client: HttpClient, bounds: Bounds) -> None:
        self._account = account
        self._client = client
        self._bounds = bounds
        self._headers = {"Authorization": f"Bearer {account.api_key}"}

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """See `Upstream`. A model that wants its output limit under the other name had refused the question unread and
        is asked again in that form; which one it wants is remembered, so this happens once in a process. So is one that
        refuses the newer of the two names under which a person's pseudonym is sent.
        """
        if (why := private_places.refuse_address(self._account.base_url)) is not None:
            yield CallUnavailable("unreachable", why)
            return
        clock = asyncio.get_running_loop().time
        first_by, total_by = clock() + self._bounds.first_token, clock() + self._bounds.total
        if question.sound is not None:
            async with self._hearing(question.model, question.sound, first_by) as exchange:
                if await exchange.sent():
                    yield Sent()
                for event in await _heard(await exchange.answer(), first_by):
                    yield event
            return
        first = self._form(question)
        for attempt in (1, 2, 3):
            form = self._form(question)
            async with self._exchange(question, form, first_by) as exchange:
                if await exchange.sent() and attempt == 1:
                    yield Sent()
                answer = await exchange.answer()
                if not isinstance(answer, Stream):
                    yield _unreached(answer)
                    return
                if 200 <= answer.status < 300:
                    reading = _Reading(answer, self._bounds, first_by, total_by)
                    while not reading.ended:
                        for event in await reading.more():
                            yield event
                    return
                body = await _error(answer, first_by)
            unread = answer.status in {400, 422} and attempt < 3
            if not (unread and self._learns(question, form, body, first)):
                yield refusals.of_answer(answer.status, answer.headers, body)
                return

    def _form(self, question: Question) -> _Form:
        learnt = self._client.learnt
        parameter = learnt.get((self._account.base_url, question.model), question.output_parameter)
        named = question.user is not None and (self._account.base_url, _PSEUDONYM) not in learnt
        return _Form(cast("OutputParameter", parameter), named)

    def _learns(self, question: Question, form: _Form, body: Any, first: _Form) -> bool:
        """Does a refusal say of the form, and not of the question, that it is not liked? It is another one from now on."""
        if form.named and refusals.names_field(body, _PSEUDONYM):
            self._client.learnt[self._account.base_url, _PSEUDONYM] = True
            return True
        if form.parameter == first.parameter == refusals.unliked_parameter(body):
            self._client.learnt[self._account.base_url, question.model] = _OTHER[form.parameter]
            return True
        return False

    def _exchange(self, question: Question, form: _Form, until: float) -> Exchange:
        body = {
            **question.options,
            "model": question.model,
            "messages": list(question.messages),
            "stream": True,
            "stream_options": {"include_usage": True},
            form.parameter: question.most_output,
        }
        body.pop(_OTHER[form.parameter], None)
        if question.user is not None:
            body["user"] = question.user
        if form.named:
            body[_PSEUDONYM] = question.user
        return self._client.stream(
            f"{self._account.base_url}/chat/completions",
            headers=self._headers,
            body=body,
            connect=self._bounds.connect,
            until=until,
            size=self._bounds.answer,
        )

    def _hearing(self, model: str, sound: Sound, until: float) -> Exchange:
        return self._client.stream(
            f"{self._account.base_url}/audio/transcriptions",
            headers=self._headers,
            body=transcription.form_of(model, sound),
            connect=self._bounds.connect,
            until=until,
            size=self._bounds.answer,
        )

    async def offers(self) -> Offers | CallUnavailable | CallUnclear:
        """What `GET /models` lists. An upstream of this house's own kind says of each what is left of its quota."""
        answer = await self._client.call("GET", f"{self._account.base_url}/models", headers=self._headers)
        if not isinstance(answer, HttpReply):
            return _unreached(answer)
        if not answer.ok:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            meaning = refusals.of_answer(answer.status, headers, answer.json)
            return CallUnclear(meaning.detail) if isinstance(meaning, CallRefused) else meaning
        rows = answer.json.get("data") if isinstance(answer.json, dict) else None
        if not isinstance(rows, list) or answer.json.get("has_more"):
            return CallUnclear("not a complete list of models")
        offers = [_offer(row) for row in rows]
        found = tuple(offer for offer in offers if offer is not None)
        return Offers(found) if len(found) == len(offers) else CallUnclear("a model of another shape")

    async def tally(self, since: datetime) -> Tally | CallUnavailable | CallUnclear | None:
        """The sums of `GET /usage`, page by page, as a gateway of this house's kind lists the calls of a key.

        OpenAI's own specification has no such list: whoever answers otherwise does not tell.
        """
        asked = f"{self._account.base_url}/usage?from={int(since.timestamp())}&limit=100"
        calls = given = made = 0
        after = ""
        for _ in range(_MOST_PAGES):
            answer = await self._client.call("GET", asked + after, headers=self._headers)
            if not isinstance(answer, HttpReply):
                return _unreached(answer)
            page = answer.json if answer.ok and isinstance(answer.json, dict) else {}
            rows = page.get("data")
            if not isinstance(rows, list) or not all(_is_call(row) for row in rows):
                return None
            calls += len(rows)
            given += sum(row["prompt_tokens"] for row in rows)
            made += sum(row["completion_tokens"] for row in rows)
            if not page.get("has_more"):
                return Tally(calls, given, made)
            after = f"&after={quote(str(page.get('last_id')))}"
        return CallUnclear("more pages than are read")


class _Reading:
    """The body of one answer under its time limits, as events. Each reading gives what had come, at least once its end."""

    def __init__(self, answer: Stream, bounds: Bounds, first_by: float, total_by: float) -> None:
        self._answer = answer
        self._bounds = bounds
        self._first_by = first_by
        self._total_by = total_by
        self._clock = asyncio.get_running_loop().time
        self._alive = self._clock()
        self._lines = EventReader(bounds.line)
        self._reader = AnswerReader()

    @property
    def ended(self) -> bool:
        return self._reader.ended

    async def more(self) -> list[Event]:
        media = self._answer.media
        if media.endswith(("/json", "+json")):
            # Its first token comes with its last: once the head is here, the rest has no reason to take its time.
            body = await self._answer.whole(min(self._total_by, self._alive + self._bounds.silence))
            return self._reader.document(body) if isinstance(body, bytes) else [self._reader.broken(body.detail)]
        if media.endswith(("/html", "/xml", "+xml")):
            return [self._reader.broken(f"answer is not a stream but {media}"[:80])]
        piece = await self._answer.read(self._until())
        if not isinstance(piece, bytes):
            return [self._reader.broken(piece.detail)]
        found = self._lines.feed(piece) if piece else self._lines.end()
        if found:
            # Comments keep a connection alive, but an upstream that only ever comments is silent.
            self._alive = self._clock()
        events: list[Event] = []
        had_reason = self._reader.reason
        for data in found:
            events += self._reader.data(data)
            if self.ended:
                return joined(events)
        if self._lines.too_long:
            events.append(self._reader.broken("line too long"))
        elif not piece:
            events.append(self._reader.end())
        elif self._reader.reason and not had_reason:
            events.append(AllSaid())
        return joined(events) if len(events) > 1 else events

    def _until(self) -> float:
        if self._reader.reason:
            return min(self._total_by, self._alive + self._bounds.tail)
        until = min(self._total_by, self._alive + self._bounds.silence)
        return until if self._reader.began else min(until, self._first_by)


async def _heard(answer: Stream | Failure, until: float) -> list[Event]:
    if not isinstance(answer, Stream):
        return [_unreached(answer)]
    if not 200 <= answer.status < 300:
        return [refusals.of_answer(answer.status, answer.headers, await _error(answer, until))]
    body = await answer.whole(until)
    return transcription.events_of(read_json(body)) if isinstance(body, bytes) else [CallUnclear(body.detail)]


async def _error(answer: Stream, until: float) -> Any:
    """The JSON of an answer that says no, or None: a page, too much of it, or nothing in time."""
    body = await answer.whole(until)
    if not isinstance(body, bytes) or len(body) > _ERROR_BODY:
        return None
    return read_json(body)


def _unreached(failed: Failure) -> CallUnavailable | CallUnclear:
    if isinstance(failed, Unreached):
        return CallUnavailable("unreachable", failed.detail, failed.retry_after)
    return CallUnclear(failed.detail)


def _offer(row: Any) -> Offer | None:
    name = row.get("id") if isinstance(row, dict) else None
    if not isinstance(name, str) or not name:
        return None
    quota = row.get("quota")
    if not isinstance(quota, dict):
        return Offer(name)
    left, group = quota.get("fraction"), quota.get("group")
    if isinstance(left, bool) or not isinstance(left, int | float) or not 0 <= left <= 1:
        left = None
    return Offer(
        name,
        left,
        _moment(quota.get("resets_at")),
        group if isinstance(group, str) and group.isprintable() else None,
    )


def _is_call(row: Any) -> bool:
    tokens = [row.get("prompt_tokens"), row.get("completion_tokens")] if isinstance(row, dict) else [None]
    return all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in tokens)


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
