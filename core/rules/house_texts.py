"""The shop's own words: which texts staff may write themselves, in which languages, and with which placeholders.

A text has placeholders for facts, written `{address}`. A mail without the placeholder for its address, or with one that
nothing fills, would first be noticed by a customer; so both are refused, by name, when the text is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.command_errors import MissingPlace, TextTooLong, UnknownPlace
from core.errors import NotFound
from core.languages import LANGUAGES
from core.setting_faults import SettingFault
from core.settings import Settings

LONGEST: Final = 1500
"""Characters of a text, so that it fits into one chat command and into one message with the words around it."""
LONGEST_LINE: Final = 120
"""Characters of a name, a contact or the subject of a mail."""
SUBJECT: Final = ".subject"
EVERYWHERE: Final = ("shop", "contact")
"""Placeholders that every text may have."""

_PLACE = re.compile(r"[{｛]([^{}｛｝]*)[}｝]")


@dataclass(frozen=True, slots=True)
class Places:
    """The placeholders that a text must have, and those that it may have."""

    needed: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    line: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """All placeholders that the text may have."""
        return (*self.needed, *self.free)


_SEAT = ("team", "address")

MAILS: Final[Mapping[str, Places]] = {
    "invited": Places(_SEAT, ("tutorial",)),
    "waitlist_offer_expired": Places(_SEAT),
    "address_change_declined": Places(_SEAT),
    "lease_expiring": Places((*_SEAT, "until")),
    "lease_in_grace": Places((*_SEAT, "until")),
    "lease_ended": Places(_SEAT, ("reason",)),
    "lease_extended": Places((*_SEAT, "until")),
    "extension_declined": Places((*_SEAT, "until")),
    "transfer_started": Places(_SEAT),
    "transfer_invited": Places(_SEAT, ("tutorial",)),
    "transfer_done": Places(_SEAT),
    "transfer_failed": Places(_SEAT),
}
"""The mails to people, by the template of the notice."""

TEXTS: Final[Mapping[str, Places]] = {
    "shop": Places(line=True),
    "contact": Places(line=True),
    "welcome": Places(free=EVERYWHERE),
    "tutorial": Places(free=EVERYWHERE),
    **{f"mail.{name}": Places(one.needed, (*one.free, *EVERYWHERE)) for name, one in MAILS.items()},
    **{f"mail.{name}{SUBJECT}": Places(free=("team", *EVERYWHERE), line=True) for name in MAILS},
}
"""Every text that staff may write, without its language."""


def of_language(name: str, language: str) -> str:
    """What a text is called in one language, as in `welcome.en`."""
    return f"{name}.{language}"


NAMES: Final = tuple(of_language(name, language) for name in TEXTS for language in LANGUAGES)


def split(name: str) -> tuple[str, str]:
    """The text and its language of a name such as `mail.invited.zh-CN`. Raises: NotFound."""
    text, _, language = name.rpartition(".")
    if name not in NAMES:
        raise NotFound(kind="setting", name=name[:60])
    return text, language


def places_of(name: str) -> Places:
    """The placeholders of a text, by its name with or without a language. Raises: NotFound."""
    return TEXTS.get(name) or TEXTS[split(name)[0]]


def read(name: str, written: str) -> str:
    r"""A text as it is stored. `\n` starts a new line, for people who can write only one. Raises: NotFound,
    TextTooLong, UnknownPlace, MissingPlace.
    """
    places = places_of(name)
    text = _PLACE.sub(lambda found: f"{{{found[1].strip()}}}", written.replace("\\n", "\n")).strip()
    if places.line:
        text = " ".join(text.split())
    most = LONGEST_LINE if places.line else LONGEST
    if not 1 <= len(text) <= most:
        raise TextTooLong(name=name, most=most, given=len(text))
    there = _PLACE.findall(text)
    for place in there:
        if place not in places.known:
            known = _shown(places.known)
            raise UnknownPlace(name=name, place=f"{{{place[:40]}}}", known=known, count=len(known))
    for place in places.needed:
        if place not in there:
            raise MissingPlace(name=name, place=f"{{{place}}}", needed=_shown(places.needed))
    return text


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; a value is never searched for placeholders."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), text)


def text_of(settings: Settings, name: str, language: str) -> str | None:
    """What the shop says in a language, where it has words of its own."""
    return settings.texts.get(of_language(name, language))


def shop(settings: Settings, language: str) -> str:
    """The shop's name in a language; empty where it has none."""
    return text_of(settings, "shop", language) or settings.shop


def contact(settings: Settings, language: str) -> str:
    """How people reach a human, in a language; empty where that is not said."""
    return text_of(settings, "contact", language) or settings.contact


def faults_of(texts: Mapping[str, str]) -> list[str]:
    """What is wrong with the texts of a configuration file, one sentence each."""
    faults: list[str] = []
    for name, text in texts.items():
        try:
            read(name, text)
        except NotFound:
            unknown = 'texts: "{name}" is no text of the shop; "usher settings texts" lists them'
            faults.append(SettingFault(unknown, name=name[:60]))
        except UnknownPlace as refusal:
            known = ", ".join(refusal.facts["known"]) or "–"
            empty = 'texts: nothing fills {place} in "{name}"; what can stand there: {known}'
            faults.append(SettingFault(empty, place=refusal.facts["place"], name=name, known=known))
        except MissingPlace as refusal:
            missing = 'texts: "{name}" does not say where {place} stands'
            faults.append(SettingFault(missing, name=name, place=refusal.facts["place"]))
        except TextTooLong as refusal:
            faults.append(
                SettingFault('texts: "{name}" takes 1 to {most} characters', name=name, most=refusal.facts["most"])
            )
    return faults


def has_place(text: str, place: str) -> bool:
    """Does the text have this placeholder?"""
    return place in _PLACE.findall(text)


def _shown(places: tuple[str, ...]) -> list[str]:
    return [f"{{{one}}}" for one in places]
