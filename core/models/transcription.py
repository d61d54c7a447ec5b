"""What a model understands of speech: `POST /audio/transcriptions`, as OpenAI defined it.

The words come in one piece with their usage, and are told as the events of any other answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.models.protocol import Began, CallUnclear, Event, Finished, Sound, Text, Usage
from core.providers.streams import FormBody

_MEDIA: Final[Mapping[str, str]] = {
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "mpeg": "audio/mpeg",
    "mpga": "audio/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "wav": "audio/wav",
    "webm": "audio/webm",
}
"""The formats that are taken, by the ending of a name."""


def is_sound(name: str) -> bool:
    """Does a file with this name hold a sound that can be written down?"""
    return name.rpartition(".")[2].casefold() in _MEDIA


def form_of(model: str, sound: Sound) -> FormBody:
    """The request. Names of files are people's: only the ending goes along."""
    ending = sound.name.rpartition(".")[2].casefold()
    media = _MEDIA.get(ending)
    file = (f"voice.{ending if media else 'ogg'}", sound.content, media or _MEDIA["ogg"])
    return FormBody({"model": model, "response_format": "json", "file": file})


def events_of(document: Any) -> list[Event]:
    """What an answer says."""
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, str):
        return [CallUnclear("a transcription of another shape")]
    usage = document.get("usage")
    told = usage if isinstance(usage, dict) and usage.get("type", "tokens") == "tokens" else {}
    figures = [told.get("input_tokens"), told.get("output_tokens")]
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in figures)
    found: list[Event] = [Began(), Text(text.strip())] if text.strip() else []
    return [*found, *([Usage(*figures)] if whole else []), Finished("stop")]
