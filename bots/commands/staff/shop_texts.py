"""The shop's own words: which there are, how each is read in both languages, and writing one after it was shown."""

from __future__ import annotations

from typing import Any

from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.messages import shop_words
from bots.messages.reply import Button, Prose, Reply, Say
from core.languages import LANGUAGES
from core.rules import house_texts, setting_rows
from core.service import Core
from core.upkeep import house_settings
from core.upkeep.house_settings import Setting

HEADING = "texts"
"""`/settings texts` shows them all."""
CHANGE = "?"
"""As a value: ask for it."""
_PER_ROW = 2


async def listed(core: Core, request: Request) -> Reply:
    """Every text, and in which languages the shop says it in its own words."""
    own = {setting_rows.text_name(one.name) for one in await house_settings.text_list(core, request.actor) if one.value}
    items = [
        Say("settings-text-line", {"name": name, "languages": _languages(name, own)})
        for name in house_texts.TEXTS
        if not name.endswith(house_texts.SUBJECT)
    ]
    buttons = [
        Button(Say("plain", {"text": name}), "settings", {"name": name})
        for name in house_texts.TEXTS
        if not name.endswith(house_texts.SUBJECT)
    ]
    rows = [tuple(buttons[start : start + _PER_ROW]) for start in range(0, len(buttons), _PER_ROW)]
    back = (Button(Say("button-up"), "settings"),)
    return Reply("settings-texts-heading", items=items, more=[Say("settings-texts-how")], buttons=(*rows, back))


async def both(core: Core, request: Request, name: str) -> Reply:
    """One text as it is read in each language, with what may stand in it and the ways to change it."""
    known = {setting_rows.text_name(one.name): one for one in await house_settings.text_list(core, request.actor)}
    more = []
    rows: list[tuple[Button, ...]] = [(_change(name),)] if name in setting_rows.SINGLE else []
    for language in LANGUAGES:
        one = known[house_texts.of_language(name, language)]
        more.append(_as_read(core.settings, one, core.now()))
        names = [one.name]
        if f"{name}{house_texts.SUBJECT}" in house_texts.TEXTS:
            names.append(known[house_texts.of_language(f"{name}{house_texts.SUBJECT}", language)].name)
        rows.append(tuple(_change(each) for each in names))
    back = (Button(Say("button-up"), "settings", {"name": HEADING}),)
    return Reply("setting-text", {"name": name}, more=[_places(name), *more], buttons=(*rows, back))


async def written(core: Core, request: Request, name: str, value: str | None) -> Reply:
    """One text in one language; with a `value`, how that would be read, and it holds when that is confirmed."""
    full = f"{setting_rows.TEXTS}.{name}"
    if value is None or request.confirmed:
        if value is None:
            one = await house_settings.show(core, request.actor, full)
        else:
            one = await house_settings.put(core, request.actor, full, value)
        key = "setting-text" if value is None else "setting-text-set"
        reset = (Button(Say("button-setting-reset"), "settings", {"name": full, "value": "reset"}),)
        rows = ((_change(full), *(reset if one.source == "command" else ())), (_back(name),))
        more = [_as_read(core.settings, one, core.now()), _places(name)]
        if one.source == "command":
            more.append(Say("setting-text-by", {"by": one.changed_by or "–", "at": one.changed_at or "–"}))
        return Reply(key, {"name": name}, more=more, buttons=rows)
    _, text = house_settings.tried(core, request.actor, full, value)
    tried = setting_rows.with_rows(core.settings, {full: text})
    shown = Prose(shop_words.preview(tried, name, core.now()))
    question = Reply("setting-text-preview", {"name": name}, more=[Say("shop-words", {"text": shown})])
    return confirm(question, "settings", {"name": full, "value": text}, label="button-setting-keep", danger=False)


def _as_read(settings: Any, one: Setting, now: Any) -> Say:
    name = setting_rows.text_name(one.name)
    text = shop_words.preview(settings, name, now)
    key = "setting-text-usual" if not one.value else "setting-text-own"
    return Say(key, {"language": Say(f"language-{name.rpartition('.')[2]}"), "text": Prose(text or "–")})


def _places(name: str) -> Say:
    places = house_texts.places_of(name)
    needed, free = [[f"{{{one}}}" for one in some] for some in (places.needed, places.free)]
    key = "must-have" if needed else "may-have" if free else "no-places"
    return Say(f"setting-text-{key}", {"needed": needed, "free": free})


def _change(full: str) -> Button:
    label = Say("button-setting-change-text", {"name": setting_rows.text_name(full) or full})
    return Button(label, "settings", {"name": full, "value": CHANGE})


def _back(name: str) -> Button:
    text = house_texts.split(name)[0].removesuffix(house_texts.SUBJECT)
    return Button(Say("button-up"), "settings", {"name": text})


def _languages(name: str, own: set[str]) -> Say:
    there = [one for one in LANGUAGES if house_texts.of_language(name, one) in own]
    if not there:
        return Say("settings-text-usual")
    return Say("settings-text-own", {"languages": [Say(f"language-{one}") for one in there]})
