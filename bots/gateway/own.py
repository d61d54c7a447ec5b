"""What a key may use, what it used, and what is left: the models, its calls, the wallet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bots.gateway.entrance import bearer_of
from bots.gateway.problems import invalid
from core.calls import bearers
from core.credit.report import wallet_of
from core.rules.money import amount_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from core.calls.bearers import KeyCall
    from core.service import Core

USUAL_PAGE: Final = 50
OWNER: Final = "usher"


def model_list(core: Core) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`GET /v1/models`."""

    async def answer(request: web.Request) -> web.Response:
        bearer = await bearer_of(core, request, "chat")
        found = await bearers.models_for(core, bearer)
        return web.json_response({"object": "list", "data": [_model(*one) for one in found]})

    return answer


def one_model(core: Core) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`GET /v1/models/{model}`."""

    async def answer(request: web.Request) -> web.Response:
        bearer = await bearer_of(core, request, "chat")
        wanted = request.match_info["model"].casefold()
        for name, made_at in await bearers.models_for(core, bearer):
            if name.casefold() == wanted:
                return web.json_response(_model(name, made_at))
        raise invalid("model_not_found", "There is no such model, or not for this key.", "model", status=404)

    return answer


def usage(core: Core) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`GET /v1/usage?from&to&limit&after`: this key's calls, the latest first."""

    async def answer(request: web.Request) -> web.Response:
        bearer = await bearer_of(core, request, "chat")
        most = _number(request, "limit", 1, bearers.MOST_CALLS) or USUAL_PAGE
        after = request.query.get("after")
        last = None if after is None else _call_number(after)
        found = await bearers.calls_of_key(
            core,
            bearer,
            since=_moment(request, "from"),
            until=_moment(request, "to"),
            after=last,
            most=most,
        )
        data = [_call(one) for one in found]
        page = {"object": "list", "data": data, "has_more": len(found) == most}
        return web.json_response(page | ({"last_id": data[-1]["id"]} if data else {"last_id": None}))

    return answer


def wallet(core: Core) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`GET /v1/wallet`: the credit and the allowances of the key's person."""

    async def answer(request: web.Request) -> web.Response:
        bearer = await bearer_of(core, request, "chat")
        found = await wallet_of(core, bearer.actor, bearer.actor, lines=0)
        allowances = [
            {
                "kind": one.kind,
                "group": one.group,
                "left": amount_text(one.left),
                "cap": amount_text(one.cap or 0),
                "per_hour": amount_text(one.per_hour or 0),
            }
            for one in found.allowances
        ]
        body = {"credit": amount_text(found.credit), "claimed": amount_text(found.claimed), "allowances": allowances}
        return web.json_response({**body, "plan": found.plan.name, "currency": core.settings.money.unit or "credit"})

    return answer


def _model(name: str, made_at: datetime) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": int(made_at.timestamp()), "owned_by": OWNER}


def _call(one: KeyCall) -> dict[str, Any]:
    return {
        "id": f"call_{one.id}",
        "object": "usher.call",
        "model": one.model,
        "state": one.state,
        "finish": one.finish,
        "reason": one.reason,
        "created": int(one.made_at.timestamp()),
        "ended": None if one.ended_at is None else int(one.ended_at.timestamp()),
        "prompt_tokens": one.tokens_in,
        "cached_tokens": one.tokens_cached,
        "completion_tokens": one.tokens_out,
        "charged": amount_text(one.charged),
        "estimated": one.estimated,
    }


def _number(request: web.Request, name: str, low: int, high: int) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not low <= int(text) <= high:
        raise invalid("invalid_value", f"{name} is a number from {low} to {high}.", name)
    return int(text)


def _call_number(text: str) -> int:
    number = text.removeprefix("call_")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise invalid("invalid_value", "after is the id of a call.", "after")
    return int(number)


def _moment(request: web.Request, name: str) -> datetime | None:
    """Seconds since 1970, or a date, or a moment in ISO 8601; without a zone it is UTC."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        if text.isascii() and text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise invalid("invalid_value", f"{name} is a date, or seconds since 1970.", name) from None
