"""Pictures that a question only names by address, fetched before it is asked: a model's upstream is told no address.

Whoever asks writes an address that this machine then speaks to, so it stays out of private networks as everything
else that leaves does, follows nobody elsewhere, and takes nothing but a picture.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from core.calls.orders import CallOrder
from core.providers.private_places import refuse_address
from core.providers.streams import Stream
from core.rules.kinds import image_type
from core.talk_errors import PictureNotFetched

if TYPE_CHECKING:
    from core.service import Core

MOST: Final = 20
"""Pictures that are fetched for one question."""


async def with_pictures(core: Core, order: CallOrder) -> CallOrder:
    """The order with every picture in it. Raises: PictureNotFetched."""
    found = list(_named(order.messages))
    if not found:
        return order
    if len(found) > MOST:
        raise PictureNotFetched(param=found[MOST][1], why=f"more than {MOST}")
    async with asyncio.TaskGroup() as group:
        fetching = [group.create_task(_fetched(core, url)) for url, _ in found]
    brought = [task.result() for task in fetching]
    contents: dict[str, str] = {}
    room = core.settings.gateway.body_megabytes * 2**20
    for (url, where), (content, fault) in zip(found, brought, strict=True):
        room -= len(content)
        media = image_type(content)
        why = fault or ("" if media else "no PNG, JPEG, GIF or WebP") or ("" if room >= 0 else "too large together")
        if why:
            raise PictureNotFetched(param=where, why=why)
        contents[url] = f"data:{media};base64,{base64.b64encode(content).decode()}"
    return replace(order, messages=[_filled(message, contents) for message in order.messages])


def _named(messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The address of each picture that is not there yet, and where in the question it stands."""
    for number, message in enumerate(messages):
        content = message.get("content")
        for place, part in enumerate(content if isinstance(content, list) else ()):
            url = part.get("image_url", {}).get("url", "") if isinstance(part, Mapping) else ""
            if url and not url.startswith("data:"):
                yield url, f"messages[{number}].content[{place}].image_url.url"


def _filled(message: Mapping[str, Any], contents: Mapping[str, str]) -> Mapping[str, Any]:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    return {**message, "content": [_part(part, contents) for part in content]}


def _part(part: Any, contents: Mapping[str, str]) -> Any:
    image = part.get("image_url") if isinstance(part, Mapping) else None
    if not isinstance(image, Mapping) or image.get("url") not in contents:
        return part
    return {**part, "image_url": {**image, "url": contents[image["url"]]}}


async def _fetched(core: Core, url: str) -> tuple[bytes, str]:
    """What is at an address, or why it is not taken."""
    if (why := refuse_address(url) or core.refuse_place(url)) is not None:
        return b"", why
    size = int(core.settings.talk.image_megabytes * 1_000_000)
    until = asyncio.get_running_loop().time() + core.settings.upstream.timeout
    async with core.fetch(url, until, size) as exchange:
        answer = await exchange.answer()
        if not isinstance(answer, Stream):
            return b"", answer.detail
        if answer.status != 200:
            return b"", f"status {answer.status}"
        body = await answer.whole(until)
        return (body, "") if isinstance(body, bytes) else (b"", body.detail)
