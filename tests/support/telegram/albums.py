"""Several pictures or files as one album: each is a message of its own, and all have the same `media_group_id`.

Telegram shows a keyboard below none of them, takes two to ten at once, and changes one of them only into its like.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from tests.support.telegram import rules
from tests.support.telegram.rules import Json, Upload, bad_request

FEWEST, MOST = 2, 10
KINDS = ("photo", "document")

_groups = count(13_000_000_000_000_000)


def send_media_group(
    send: Callable[[Json, Callable[[], Json]], Json], kept: Callable[[str, Any], Any], fields: Json
) -> Any:
    """The messages of an album. `send` stores one message, `kept` takes in one file. Raises: ApiError."""
    media = fields["media"]
    if not isinstance(media, list):
        raise bad_request("can't parse media JSON object: expected an Array of InputMedia")
    if len(media) < FEWEST:
        raise bad_request("there are not enough media to send as an album")
    if len(media) > MOST:
        raise bad_request("too many messages to send as an album")
    for one in media:
        refuse_unfit(one)
    if len({one["type"] for one in media}) > 1:
        raise bad_request("document can't be mixed with other media types")
    fields = {name: value for name, value in fields.items() if name != "reply_markup"}
    # Everything is looked at before anything is sent: an album stands there whole or not at all.
    bodies = [{one["type"]: kept(one["type"], one["media"]), **rules.caption_body(one)} for one in media]
    group = str(next(_groups))
    return [send(fields, lambda body=body: {**body, "media_group_id": group}) for body in bodies]  # type: ignore[misc]


def refuse_unfit(media: Any) -> None:
    """Return if this is a picture or a file to send, else raise Telegram's refusal."""
    if not isinstance(media, dict) or media.get("type") not in KINDS:
        raise bad_request("can't parse InputMedia: media type is not supported")
    if not isinstance(media.get("media"), Upload | str) or not media["media"]:
        raise bad_request("media not found")


def refuse_other_kind(message: Json, media: Json) -> None:
    """A part of an album becomes a part of the same kind of album."""
    if "media_group_id" in message and media["type"] not in message:
        raise bad_request("message can't be edited: the album holds another kind of media")
