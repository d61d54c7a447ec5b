"""The one way out to the upstreams: a shared client, and what its answers mean.

Every call ends in an `HttpReply` that was read whole, or in a `Failure` that says whether anything can have happened
upstream. The distinction rests on one fact: a connection that was never made carried nothing; anything that breaks
later may have been carried out.
"""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeAlias

from core.certificates import trusted
from core.network import open_connector
from core.providers.broken import meaning_of
from core.providers.clocks import UpstreamClocks
from core.providers.private_places import refuse_address, refuse_private
from core.providers.protocol import Failure, Refused, Unavailable, Unclear
from core.providers.streams import Exchange, posted, tell_when_sent
from core.version import user_agent

if TYPE_CHECKING:
    import aiohttp
    import httpx
    from httpx_aiohttp import AiohttpTransport

MAX_BODY: Final = 4 * 1024 * 1024
DEFAULT_PAUSE: Final = 60.0  # for a 429 that does not say how long
MAX_PAUSE: Final = 3600.0
_MAX_WORDS: Final = 2000
_ADDRESS: Final = re.compile(r"[^\s\"'<>(),;:]*@[^\s\"'<>(),;:]*")

# Codes that end a team or its credential, whatever status carries them.
GONE_CODES: Final = (
    "account_deactivated",
    "account_suspended",
    "account_not_found",
    "workspace_not_found",
    "deactivated_workspace",
    "organization_deactivated",
)
CREDENTIAL_CODES: Final = ("token_invalidated", "token_expired", "token_revoked", "invalid_api_key")

# Codes about a bill: whatever status carries them (401 was seen), they say nothing of the credential.
TRUE_UP_CODES: Final = ("true_up", "true-up", "additional seat")
UNPAID_CODES: Final = ("delinquent", "past_due", "payment_required", "subscription_inactive")

_FULL_WORDS: Final = (
    *TRUE_UP_CODES,
    "maximum number of seats",
    "no seats",
    "seats available",
    "seat limit",
    "seat_limit",
    "enough seats",
    "more seats",
    "out of seats",
    "workspace is full",
)
_MEMBER_WORDS: Final = ("already in workspace", "already in the workspace", "already a member", "already_member")
_REFUSING: Final = frozenset({400, 401, 402, 403, 404, 409, 422})  # a 5xx stays unclear, whatever its text says


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for connecting, for a silence while reading, and for the whole call; bytes of a body, unpacked."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 20.0
    body: int = MAX_BODY
    connections: int = 256


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer that was read to its end. `json` is None unless `kind` is "json"."""

    status: int
    kind: Literal["json", "empty", "other"]
    json: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the upstream says that it did what was asked."""
        return 200 <= self.status < 300


# Repeated names (`emails[]`) need the second form.
Params: TypeAlias = Mapping[str, str | int] | Sequence[tuple[str, str | int]]
_Body: TypeAlias = bytes | Unclear


class HttpClient:
    """The process's connections to all upstreams. One event loop, opened at first use, closed by `aclose`.

    Nothing of one team reaches another through it: no cookies are kept, no redirects followed,
    no netrc settings taken from the environment. `route` says which proxy a request to an address goes through, and
    `private` which hosts may be inside a private network: None is any of them.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        contact: str = "",
        ca_file: str | None = None,
        route: Callable[[str], str | None] = lambda _: None,
        private: Collection[str] | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self._contact = contact
        self._ca_file = ca_file
        self._route = route
        self._private = private
        # What adapters have learnt of their servers, kept here because an adapter is opened anew for each task.
        self.learnt: dict[tuple[str, str], object] = {}
        self.clocks = UpstreamClocks()
        self._transports: dict[str | None, AiohttpTransport] = {}
        self._streaming: dict[str | None, aiohttp.ClientSession] = {}
        self._common: dict[str, str] = {}
        self._extensions: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection. A later call opens new ones."""
        transports, self._transports = self._transports, {}
        streaming, self._streaming = self._streaming, {}
        for transport in transports.values():
            await transport.aclose()
        for session in streaming.values():
            await session.close()

    def refuse_place(self, url: str) -> str | None:
        """Why `url` is in a private network that the configuration does not allow, or None."""
        return None if self._private is None else refuse_private(url, self._private)

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Params | None = None,
        json_body: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply | Failure:
        """Send one request, with a body of one of the kinds or none, and read its answer whole.

        With `content`, which goes out byte for byte, nothing of the answer is read but its head.

        An `HttpReply` may have any status. A 2xx whose body is neither empty nor JSON is `Unclear`, as is
        everything that goes wrong once the connection stands.
        """
        import aiohttp
        import httpx

        if (why := refuse_address(url) or self.refuse_place(url)) is not None:
            return Unavailable("unreachable", why)
        transport = self._open(self._route(url))
        try:
            async with asyncio.timeout(self.limits.total):
                request = httpx.Request(
                    method,
                    url,
                    params=_pairs(params),
                    headers={**self._common, **(headers or {})},
                    json=json_body,
                    data=form,
                    content=content,
                    extensions=self._extensions,
                )
                response = await transport.handle_async_request(request)
                self.clocks.note(url, response.headers)
                try:
                    if content is not None:
                        return HttpReply(response.status_code, "other", None, response.headers)
                    raw = await self._read(response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, aiohttp.ClientError, OSError) as error:
            return meaning_of(error)
        return _understood(response.status_code, response.headers, raw)

    def stream(
        self, url: str, *, headers: Mapping[str, str], body: Any, connect: float, until: float, size: int
    ) -> Exchange:
        """Post one request, JSON or a `FormBody`, whose answer is read while it is being made; without a body, get it.
        `connect` is in seconds, `until` (when the answer's head must be here) a time of the event loop's clock, and
        `size` the most bytes of the answer. The other limits are those of whoever reads. Nothing is tried twice.
        The caller has asked `refuse_address`.
        """
        import aiohttp

        proxy = self._route(url)
        if proxy not in self._streaming:
            # Streams last for minutes. Among the calls' connections a few hundred of them would leave no place.
            self._streaming[proxy] = aiohttp.ClientSession(
                connector=self._connector(proxy, limit=0, keepalive_timeout=15, ssl=trusted(self._ca_file)),
                cookie_jar=aiohttp.DummyCookieJar(),
                trace_configs=[tell_when_sent()],
            )
        data, said = posted(body)
        asked = {
            "method": "GET" if body is None else "POST",
            "url": url,
            "data": data,
            "headers": {
                "User-Agent": user_agent(self._contact),
                **said,
                "Accept": "text/event-stream, application/json",
                "Accept-Encoding": "identity",
                **headers,
            },
            "timeout": aiohttp.ClientTimeout(total=None, connect=connect),
        }
        return Exchange(self._streaming[proxy], asked, until, size)

    def _open(self, proxy: str | None) -> AiohttpTransport:
        # The transport alone: httpx's client around it would keep cookies and could follow redirects, logs
        # addresses (which hold people's e-mail addresses), and doubles the cost of a request.
        if proxy not in self._transports:
            import httpx
            from httpx_aiohttp import AiohttpTransport

            context = trusted(self._ca_file)
            self._transports[proxy] = AiohttpTransport(verify=context, client=lambda: self._connections(proxy, context))
            timeout = httpx.Timeout(self.limits.read, connect=self.limits.connect, pool=self.limits.total)
            self._extensions = {"timeout": timeout.as_dict()}
            self._common = {
                "User-Agent": user_agent(self._contact),
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
            }
        return self._transports[proxy]

    def _connections(self, proxy: str | None, context: Any) -> aiohttp.ClientSession:
        import aiohttp

        return aiohttp.ClientSession(
            connector=self._connector(proxy, limit=self.limits.connections, keepalive_timeout=15, ssl=context),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    def _connector(self, proxy: str | None, **options: Any) -> aiohttp.TCPConnector:
        """Through a proxy, names are resolved by the proxy, and guarding that is the operator's task."""
        if proxy is not None or self._private is None:
            return open_connector(proxy, **options)
        from core.providers.guarded_connector import GuardedConnector

        return GuardedConnector(self._private, **options)

    async def _read(self, response: httpx.Response) -> _Body:
        """The unpacked body, or why reading it was given up. Never holds more than the cap, packed or unpacked."""
        packed = bytearray()
        async for chunk in response.aiter_raw():
            packed += chunk
            if len(packed) > self.limits.body:
                return Unclear("answer too large")
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in {"", "identity"} or not packed:
            return bytes(packed)
        if encoding not in {"gzip", "deflate"}:
            return Unclear("answer in an unknown encoding")
        try:
            unpacked = zlib.decompressobj(wbits=47).decompress(bytes(packed), self.limits.body + 1)
        except zlib.error:
            return Unclear("answer cannot be unpacked")
        return Unclear("answer too large") if len(unpacked) > self.limits.body else unpacked


def _pairs(params: Params | None) -> list[tuple[str, str | int | float | bool | None]] | None:
    return list(params.items() if isinstance(params, Mapping) else params) if params else None


def _understood(status: int, headers: Mapping[str, str], raw: _Body) -> HttpReply | Failure:
    good = 200 <= status < 300
    other = HttpReply(status, "other", None, headers)
    if isinstance(raw, Unclear):
        return raw if good else other
    if not raw.strip():
        return HttpReply(status, "empty", None, headers)
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media.endswith(("/json", "+json")):
        try:
            return HttpReply(status, "json", json.loads(raw, parse_constant=_no_constant), headers)
        except (ValueError, RecursionError):
            return Unclear("answer is not JSON") if good else other
    return Unclear(f"answer is not JSON but {media or 'untyped'}"[:80]) if good else other


def _no_constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON


def failure(reply: HttpReply) -> Failure | None:
    """What a status means for the whole team at any upstream.

    None for 2xx and for the statuses whose meaning depends on the call (400, 404, 405, 409, 412, 422 …).
    """
    status = reply.status
    if reply.ok:
        return None
    if status < 400 or status in {408, 425} or status >= 500:
        # A redirect is never followed: its target could be another host, and a 303 means that something was done.
        return Unclear(f"status {status}")
    if status == 429:
        return Unavailable("rate_limited", "status 429", retry_after(reply.headers))
    if reply.kind == "other":
        # A page from something in front of the upstream: it says nothing of the credential, and nothing got through.
        return Unavailable("unreachable", f"status {status} from an interception page")
    words = wording(reply.json)
    if any(code in words for code in GONE_CODES):
        return Unavailable("gone", f"status {status}")
    if status == 402 or any(code in words for code in (*UNPAID_CODES, *TRUE_UP_CODES)):
        return Unavailable("unpaid", f"status {status}")
    if status in {401, 403} or any(code in words for code in CREDENTIAL_CODES):
        return Unavailable("credential", f"status {status}")
    return Unavailable("gone", "status 410") if status == 410 else None


def names_an_end(reply: HttpReply) -> bool:
    """Whether an error's text is about the whole team, its credential or its bill, and not only about one person."""
    words = wording(reply.json)
    return any(code in words for code in (*GONE_CODES, *CREDENTIAL_CODES, *UNPAID_CODES, *TRUE_UP_CODES))


def conflict(reply: HttpReply) -> Unclear | None:
    """A bare 409: simultaneous changes got in each other's way. To be looked at, then repeated."""
    if reply.status == 409 and not names_an_end(reply):
        return Unclear("a passing conflict", fault="nobody")
    return None


def refused_change(reply: HttpReply) -> Refused | None:
    """A bare 403 to a change of one person or invite is about that one (an owner, a higher role), not the team."""
    if reply.status == 403 and reply.kind == "json" and not names_an_end(reply):
        return Refused("not_allowed", "status 403")
    return None


def refusal(words: str, status: int) -> Refused | None:
    """What an error's text says of one address. Texts speak more plainly than statuses: "full" came as 400, 403, 422."""
    if status in _REFUSING and any(known in words for known in _FULL_WORDS):
        return Refused("full", f"status {status}")
    if status in _REFUSING and any(known in words for known in _MEMBER_WORDS):
        return Refused("already_member", f"status {status}")
    return None


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that a 429 asks us to wait: 1 to 3600, and 60 where it does not say or cannot be read.

    A date is taken relative to the answer's own `Date`, so that neither clock has to be right.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))).total_seconds()
        except (ValueError, TypeError, IndexError):
            return DEFAULT_PAUSE
    # A comparison with NaN is always false, so the question has to be put this way round.
    return min(max(seconds, 1.0), MAX_PAUSE) if seconds == seconds else DEFAULT_PAUSE  # noqa: PLR0124


def wording(body: Any) -> str:
    """All text of an error body in lower case, at most 2,000 characters, for comparing; never for showing.

    Addresses are left out: what somebody calls their mailbox must not be read as what the upstream says.
    """
    return _ADDRESS.sub("@", " ".join(_texts(body, 6))[:_MAX_WORDS]).lower()


def _texts(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value[:_MAX_WORDS]
    elif depth and isinstance(value, Mapping):
        for inner in list(value.values())[:50]:
            yield from _texts(inner, depth - 1)
    elif depth and isinstance(value, list):
        for inner in value[:50]:
            yield from _texts(inner, depth - 1)
