"""Handing codes on: a link that brings the code along, a button that shares it, a QR code, a sheet to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from bots.commands.request import Request
from bots.messages import sheets
from bots.messages.rendering import Look, words
from bots.messages.reply import Button, File, Reply, Say
from core.codes.exports import ExportedCode
from core.errors import BadNumber
from core.rules import house_texts
from core.rules.gifts import Giving
from core.rules.money import shown_balance
from core.service import Core

SHARE = "https://t.me/share/url"


def gift_words(giving: Giving) -> Say:
    """What a code gives that gives no seat."""
    return Say(f"gives-{giving.gives}", {"amount": shown_balance(giving.amount), "plan": giving.plan or ""})


def link_of(request: Request, code: str) -> str | None:
    """The address that opens the bot and redeems the code; None where the platform has no such addresses."""
    return request.chat.deep_link(code) if request.chat.deep_link is not None else None


async def with_one(request: Request, reply: Reply, code: str, *, seat: bool) -> Reply:
    """The answer with a single code, ready to be handed on: shared in one tap, or forwarded as it stands.

    Whoever redeems it says an address where it gives a `seat`.
    """
    what = "" if seat else "-gift"
    link = link_of(request, code)
    files = [*reply.files]
    if sheets.can_draw():
        files.append(File(f"{code}.png", await sheets.picture(link or code), image=True))
    if link is None:
        return replace(reply, more=(*reply.more, Say(f"hand-on{what}", {"code": code})), files=files)
    text = words(Say(f"share-text{what}", {"code": code}), Look(request.language, "plain", 1000))
    share = Button(Say("button-share"), url=f"{SHARE}?{urlencode({'url': link, 'text': text})}")
    return replace(
        reply, more=(*reply.more, Say("code-link", {"link": link})), files=files, buttons=((share,), *reply.buttons)
    )


def links(request: Request, codes: Sequence[str]) -> str:
    """A line for each code with its link, for a mail merge or a list of one's own."""
    return "".join(f"{code}\t{link_of(request, code) or ''}".rstrip() + "\r\n" for code in codes)


async def sheet(core: Core, request: Request, codes: Sequence[str], *, seats: bool) -> bytes:
    """A PDF with a QR code for each; `seats`: each gives one. Raises: BadNumber for more than a sheet takes."""
    if len(codes) > sheets.MOST:
        raise BadNumber(name="codes", low=1, high=sheets.MOST)
    look = Look(request.language, "plain", 1000)
    cards = [sheets.Card(link_of(request, code) or code, code) for code in codes]
    what = "" if seats else "-gift"
    title = house_texts.shop(core.settings, request.language) or words(Say(f"sheet-title{what}"), look)
    how = words(Say(f"sheet-how{what}" if link_of(request, "X") is None else f"sheet-how-link{what}"), look)
    return await sheets.sheet(cards, title=title, how=how)


async def file_of(core: Core, request: Request, found: Sequence[ExportedCode], file: str, name: str) -> Reply:
    """Codes as a file to be handed on: their `links`, or a `sheet` to print."""
    if not found:
        return Reply("export-nothing")
    codes = [one.code for one in found]
    if file == "links":
        attached = File(f"links-{name}.txt", links(request, codes).encode())
    elif not sheets.can_draw():
        return Reply("sheet-impossible", state="refused")
    elif len(codes) > sheets.MOST:
        return Reply("sheet-too-many", {"count": len(codes), "most": sheets.MOST}, state="refused")
    else:
        seats = all(one.gives == "seat" for one in found)
        attached = File(f"sheet-{name}.pdf", await sheet(core, request, codes, seats=seats))
    return Reply("export", {"count": len(codes)}, files=(attached,), replace=False)
