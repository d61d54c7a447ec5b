"""What came with a question, looked at before anything of it is kept or asked: what does not fit is said at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from bots.commands.request import AttachedKind, Attachment, NotFetched, Request
from core.errors import ListUnreadable
from core.models.transcription import is_sound
from core.rules import kinds
from core.rules.code_lists import decode_list
from core.talk.attached import AttachedContent
from core.talk_errors import (
    FileNotFetched,
    FileNotText,
    FileTooLarge,
    KindNotTaken,
    ModelSeesNot,
    NobodyHears,
    NoPicture,
    TooManyFiles,
)

if TYPE_CHECKING:
    from core.service import Core
    from core.sources.models import Model
    from core.talk_settings import TalkSettings


async def read_attached(core: Core, request: Request, model: Model | None) -> tuple[AttachedContent, ...]:
    """What came along, fetched and read, for a question to `model`.

    Raises: KindNotTaken, TooManyFiles, FileTooLarge, ModelSeesNot, NobodyHears, FileNotFetched, FileNotText, NoPicture.
    """
    came = request.attachments
    talk = core.settings.talk
    _refuse_unfit(talk, came, model)
    return tuple([await _read(talk, one) for one in came])


def _refuse_unfit(talk: TalkSettings, came: Sequence[Attachment], model: Model | None) -> None:
    """What can be known without fetching anything."""
    count = Counter(one.kind for one in came)
    if count["other"]:
        raise KindNotTaken
    if count["voice"] and not talk.transcription_model:
        raise NobodyHears
    most: Mapping[AttachedKind, int] = {"image": talk.images, "file": talk.files, "voice": 1}
    for kind, number in most.items():
        if count[kind] > number:
            raise TooManyFiles(kind=kind, most=number)
    if count["image"] and model is not None and "image" not in model.sees:
        raise ModelSeesNot(model=model.name)
    for one in came:
        _refuse_large(talk, one, one.size)


def _refuse_large(talk: TalkSettings, one: Attachment, size: int) -> None:
    most = {
        "image": talk.image_megabytes * 1e6,
        "voice": talk.voice_megabytes * 1e6,
        "file": talk.file_kilobytes * 1e3,
    }[one.kind]
    if size > most:
        raise FileTooLarge(kind=one.kind, name=kinds.plain_name(one.name), most=f"{most / 1e6:.3g}")


async def _read(talk: TalkSettings, one: Attachment) -> AttachedContent:
    name = kinds.plain_name(one.name) or one.kind
    try:
        content = await one.load()
    except NotFetched:
        raise FileNotFetched(name=name) from None
    _refuse_large(talk, one, len(content))
    if one.kind == "image":
        if kinds.image_type(content) is None:
            raise NoPicture(name=name)
        return AttachedContent("image", name, content)
    if one.kind == "voice":
        if not content or not is_sound(name):
            raise KindNotTaken
        return AttachedContent("voice", name, content)
    if kinds.begins_like_no_text(content):
        raise FileNotText(name=name)
    try:
        text = await asyncio.to_thread(decode_list, content)
    except ListUnreadable:
        raise FileNotText(name=name) from None
    if not text.strip() or not kinds.reads_like_text(text):
        raise FileNotText(name=name)
    return AttachedContent("file", name, text.encode())
