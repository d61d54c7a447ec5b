"""The redeem page, for people without either chat: a form, the same redemption as everywhere, and how it stands.

Who comes is known by a signed cookie, which their wishes belong to; their tries count under it and under where they
come from, so that neither a new cookie nor a new address forgets them. A form is worth something only together with
the cookie that it was made for, and repeating it is the same wish; filled in otherwise it is another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import structlog
from aiohttp import web

from bots.gateway.bodies import fields_of
from bots.gateway.entrance import address_of
from bots.gateway.operations import PUBLIC, failed, language_of, visitor
from bots.gateway.page_html import HEADERS, Form, form_page, told_page
from bots.gateway.problems import Problem
from bots.gateway.shop import facts_of
from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.actors import Actor
from core.errors import BadAddress, Busy, NoCodes, Refusal
from core.languages import LANGUAGES
from core.leases.receipts import Receipt
from core.redemptions import redemptions
from core.redemptions.orders import RedeemWish
from core.redemptions.standing import wish_of
from core.rules.codes import read_code
from core.rules.terms import parse_term

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

PATH: Final = "/redeem"
COOKIE: Final = "usher_visitor"
KEPT: Final = 7 * 24 * 3600
"""Seconds that a browser keeps the cookie: longer than any lock lasts by default."""
WAIT: Final = 10.0
"""Seconds that an answer stays with an invite which is not confirmed yet."""
LOOK_WAIT: Final = 2.0
"""The same where somebody looks again."""
LONGEST: Final[Mapping[str, int]] = {"address": 320, "code": 200}
_ABOUT_CODE: Final = ("code", "no_codes", "example_code", "mistyped_code", "person_limit", "code_gives_no_seat")
_ABOUT_ADDRESS: Final = ("address", "bad_address", "several_addresses")


class RedeemPage:
    """`GET` and `POST` of the page."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._secure = core.settings.gateway.public_url.startswith("https://")

    async def show(self, request: web.Request) -> web.Response:
        """The form; or, for whoever made it, how a wish stands."""
        language = self._language(request, request.query.get("lang"))
        who = self._visitor(request)
        wish = request.query.get("wish")
        if wish is None:
            return self._form(language, who)
        receipt = None
        if who is not None and _is_name(wish):
            try:
                receipt = await wish_of(self._core, self._actor(request, who), self._key(who, wish), wait=LOOK_WAIT)
            except (Refusal, Busy) as refusal:
                return self._refused(language, who, refusal.key, refusal.facts, {})
        if receipt is None:
            return self._answer(told_page("page-title", [Say("page-no-wish")], language, PATH), 404)
        if receipt.state == "refused":
            return self._refused(language, who, receipt.reason or "refused", facts_of(receipt), {})
        return self._told(language, receipt, wish or "")

    async def redeem(self, request: web.Request) -> web.Response:
        """One code for one address; what becomes of it stands at an address of its own, which can be loaded again."""
        given = await fields_of(request)
        language = self._language(request, given.get("lang"))
        who = self._visitor(request)
        wish = self._wish(who, given.get("token", ""))
        if who is None or wish is None:
            log.info("form_without_its_cookie", cookie=who is not None)
            return self._form(language, who, problem=words(Say("page-stale"), self._look(language)), status=403)
        core = self._core
        try:
            address, code = _fields(given)
            wish = self._own(wish, address, code)
            [receipt] = await redemptions.redeem_all(
                core,
                self._actor(request, who),
                RedeemWish(
                    address, [read_code(code, await core.shapes())], request_key=self._key(who, wish), language=language
                ),
                wait=WAIT,
            )
        except (Refusal, Busy) as refusal:
            return self._refused(language, who, refusal.key, refusal.facts, given)
        if receipt.state == "refused":
            return self._refused(language, who, receipt.reason or "refused", facts_of(receipt), given)
        there = f"{PATH}?{urlencode({'wish': wish, 'lang': language})}"
        return self._answer("", 303, {"Location": there})

    def trouble(self, request: web.Request, problem: Problem, reference: str) -> web.Response:
        """What goes wrong before or beside the page, in its words."""
        language = self._language(request, None)
        keys = {500: "page-trouble", 503: "error-busy"}
        said = Say(keys.get(problem.status, "page-unreadable"), {"reference": reference})
        title = "page-title-problem"
        return self._answer(told_page(title, [said], language, PATH), problem.status, problem.headers)

    def _told(self, language: str, receipt: Receipt, wish: str) -> web.Response:
        facts = {
            **facts_of(receipt),
            "term": parse_term(receipt.term) if receipt.term else "",
            "joined": receipt.joined_at,
        }
        if receipt.state == "unclear":
            waits = [Say("page-waits", facts)]
            return self._answer(told_page("page-under-way", waits, language, PATH, wish=wish, again=True))
        key = "redeemed-joined" if receipt.joined_at else f"redeemed-{receipt.state.replace('_', '-')}"
        lines = [Say(key, facts)]
        if receipt.state == "invited" and receipt.term is not None and receipt.expires_at is None:
            lines.append(Say("redeemed-term", facts))
        return self._answer(told_page("page-done", lines, language, PATH, wish=wish))

    def _refused(
        self, language: str, who: str | None, key: str, facts: Mapping[str, Any], given: Mapping[str, str]
    ) -> web.Response:
        problem = failed(key, facts, self._look(language), self._core)
        at = "code" if key.startswith(_ABOUT_CODE) else "address" if key.startswith(_ABOUT_ADDRESS) else ""
        shown = {"address": given.get("address", "")[:320], "code": given.get("code", "")[:200]}
        return self._form(
            language, who, problem=problem.message, at=at, status=problem.status, head=problem.headers, **shown
        )

    def _form(
        self, language: str, who: str | None, *, status: int = 200, head: Mapping[str, str] | None = None, **shown: str
    ) -> web.Response:
        known = who or secrets.token_hex(16)
        wish = secrets.token_hex(16)
        token = f"{wish}.{self._sign(f'form:{known}:{wish}')}"
        response = self._answer(form_page(Form(token, **shown), language, PATH), status, head)
        if who is None:
            signed = f"{known}.{self._sign(f'visitor:{known}')}"
            response.set_cookie(
                COOKIE, signed, max_age=KEPT, path=PATH, httponly=True, samesite="Lax", secure=self._secure
            )
        return response

    def _answer(self, text: str, status: int = 200, head: Mapping[str, str] | None = None) -> web.Response:
        return web.Response(
            text=text, status=status, content_type="text/html", charset="utf-8", headers={**HEADERS, **(head or {})}
        )

    def _language(self, request: web.Request, wanted: str | None) -> str:
        return wanted if wanted in LANGUAGES else language_of(self._core, request)

    def _look(self, language: str) -> Look:
        return Look(language, "plain", 2000, self._core.settings.timezone, self._core.settings.money.unit)

    def _actor(self, request: web.Request, who: str) -> Actor:
        identity = self._core.vault.digest(f"visitor:{who}").hex()[:40]
        beside = visitor(self._core, address_of(self._core.settings.gateway, request)).key
        return Actor(PUBLIC, identity, beside=beside)

    def _own(self, wish: str, address: str, code: str) -> str:
        """What a form asks for as it is filled in: whoever goes back and corrects it wishes something else."""
        return self._core.vault.digest(f"page wish:{wish}:{address}:{code}").hex()[:32]

    def _key(self, who: str, wish: str) -> str:
        return f"page:{self._core.vault.digest(f'page:{who}:{wish}').hex()[:60]}"

    def _visitor(self, request: web.Request) -> str | None:
        """Who a cookie of ours names; None for any other."""
        who, _, sign = request.cookies.get(COOKIE, "").partition(".")
        return who if _is_name(who) and self._is_signed(f"visitor:{who}", sign) else None

    def _wish(self, who: str | None, token: str) -> str | None:
        """The wish that a form was made for, if it was made for this visitor."""
        wish, _, sign = token.partition(".")
        return wish if _is_name(wish) and self._is_signed(f"form:{who}:{wish}", sign) else None

    def _sign(self, text: str) -> str:
        return self._core.vault.digest(f"page {text}").hex()

    def _is_signed(self, text: str, sign: str) -> bool:
        """Signed with any key of the vault: what was handed out before a new key is still ours."""
        known = [digest.hex() for digest in self._core.vault.digests(f"page {text}")]
        return sign.isascii() and any(compare_digest(one, sign) for one in known)


def _is_name(text: str) -> bool:
    return len(text) == 32 and text.isascii() and text.isalnum()


def _fields(given: Mapping[str, str]) -> tuple[str, str]:
    """The address and the code. Raises: BadAddress, NoCodes."""
    address, code = given.get("address", "").strip(), given.get("code", "").strip()
    if not code or len(code) > LONGEST["code"]:
        raise NoCodes
    if not address or len(address) > LONGEST["address"]:
        raise BadAddress
    return address, code
