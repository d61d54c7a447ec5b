"""How the house is set up: what stands in the file, and what staff set over it by command."""

from __future__ import annotations

from typing import Any, Final

from bots.commands.command import Argument, Command
from bots.commands.questions import ask
from bots.commands.request import Request
from bots.commands.staff import shop_texts
from bots.messages.rendering import has_words
from bots.messages.reply import Button, Reply, Say, spans
from core.actors import Role
from core.errors import BadSetting
from core.languages import FALLBACK
from core.rules import house_texts, setting_rows
from core.service import Core
from core.upkeep import house_settings
from core.upkeep.house_settings import Setting

NOTHING: Final = "–"
"""Stands for an empty value."""
ASK = "?"
"""As a value: ask me for it."""
ALL = "all"
"""Shows every setting at once."""
RESET = {"reset", "default", "重置", "恢复"}

SETTINGS = {
    "people": ("language", "timezone", "redemption.codes_per_message", "redemption.allowed_domains"),
    "limits": (
        "limits.attempts",
        "limits.attempts_window",
        "limits.wrong_codes",
        "limits.wrong_codes_window",
        "limits.lock",
        "limits.wrong_codes_per_minute",
    ),
    "redeeming": (
        "redemption.seat_hold",
        "redemption.code_lock",
        "redemption.teams_tried",
        "redemption.recovery_interval",
        "codes.term",
        "codes.max_uses",
        "codes.most_by_chat",
    ),
    "teams": (
        "sync.interval",
        "sync.concurrency",
        "sync.complete_misses",
        "health.failures",
        "health.members_failures",
        "health.dead_after_hours",
        "unauthorised.enabled",
        "unauthorised.most_per_round",
        "unauthorised.active_from",
        "unauthorised.active_to",
    ),
    "moving": (
        "leases.warn_days",
        "transfers.policy",
        "transfers.grace_hours",
        "transfers.tries",
        "waitlist.offer_hours",
    ),
    "talk": (
        "talk.enabled",
        "talk.default_model",
        "talk.wait_in_line",
        "talk.draft_interval",
        "talk.edit_intervals",
        "talk.messages_days",
        "sources.policy",
        "sources.tries",
        "sources.lending",
        "money.unit",
        "money.usage_grace",
        "gateway.fetch_images",
    ),
    "alerts": ("alerts.interval", "alerts.capacity_percent", "alerts.pool_free_seats", "operators.level"),
    "running": ("telegram.mode", "web.enabled", "sweeps.retention_days", "staff.token_hours", "log.level"),
}
"""What may be shown, by heading. None of it is a secret, an address of a machine, or a person."""


async def settings(core: Core, request: Request, *, name: str | None, value: str | None) -> Reply:
    """How it is set up and where each value comes from, by heading; or one setting, set over the file or reset to it."""
    if name is None:
        return await _front(core, request)
    if name == ALL:
        return await _all(core, request)
    if name in SETTINGS and value is None:
        return await _panel(core, request, name)
    if name == shop_texts.HEADING and value is None:
        return await shop_texts.listed(core, request)
    if name in house_texts.TEXTS and (value is None or name not in setting_rows.SINGLE):
        return await shop_texts.both(core, request, name)
    if value == ASK:
        question = Reply("ask-settings-value", {"name": name})
        return await ask(core, request, "settings", "value", {"name": name}, question)
    if (text := setting_rows.text_name(setting_rows.setting_named(name))) and (value or "").casefold() not in RESET:
        return await shop_texts.written(core, request, text, value)
    if value is None:
        one = await house_settings.show(core, request.actor, name)
        return _one("setting", one)
    if value.strip().casefold() in RESET:
        one = await house_settings.reset(core, request.actor, name)
        return await shop_texts.written(core, request, text, None) if text else _one("setting-reset", one)
    try:
        return _one("setting-set", await house_settings.put(core, request.actor, name, value))
    except BadSetting as refusal:
        facts = spans(refusal.facts, core.now())
        return await ask(core, request, "settings", "value", {"name": name}, Reply("error-bad_setting", facts))


async def _front(core: Core, request: Request) -> Reply:
    """The headings, and what somebody has set by command."""
    known = await house_settings.setting_list(core, request.actor)
    items = [_line(core, one.name, one) for one in known if one.source == "command"]
    buttons = [Button(Say(f"settings-{heading}-heading"), "settings", {"name": heading}) for heading in SETTINGS]
    rows = [tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2)]
    rows[-1] += (Button(Say("settings-texts-heading"), "settings", {"name": shop_texts.HEADING}),)
    last = (Button(Say("button-pools"), "pools"), Button(Say("button-sweeps"), "sweep"))
    every = (Button(Say("button-every-setting"), "settings", {"name": ALL}),)
    return Reply("settings", items=items, more=[Say("settings-where")], buttons=(*rows, last, every))


async def _panel(core: Core, request: Request, heading: str) -> Reply:
    """The settings under one heading, with a button for each that may be changed by command."""
    known = {one.name: one for one in await house_settings.setting_list(core, request.actor)}
    items = [_line(core, name, known.get(name)) for name in SETTINGS[heading]]
    rows = [(Button(_label(name), "settings", {"name": name}),) for name in SETTINGS[heading] if name in known]
    back = (Button(Say("button-up"), "settings"),)
    return Reply(f"settings-{heading}-heading", items=items, buttons=(*rows, back))


async def _all(core: Core, request: Request) -> Reply:
    known = {one.name: one for one in await house_settings.setting_list(core, request.actor)}
    shown = {name for names in SETTINGS.values() for name in names}
    items: list[Say] = []
    for heading, names in SETTINGS.items():
        items.append(Say(f"settings-{heading}-heading"))
        items += [_line(core, name, known.get(name)) for name in names]
    # What somebody has set is always shown.
    items += [_line(core, one.name, one) for one in known.values() if one.source == "command" and one.name not in shown]
    on = {
        "telegram": core.settings.telegram.token is not None,
        "discord": core.settings.discord.token is not None,
        "mail": core.settings.mail.host is not None,
    }
    items += [Say("settings-line", {"name": name, "value": _switch(value)}) for name, value in on.items()]
    rows = ((Button(Say("button-pools"), "pools"), Button(Say("button-sweeps"), "sweep")),)
    return Reply("settings", items=items, more=[Say("settings-where")], buttons=rows)


def _line(core: Core, name: str, one: Setting | None) -> Say:
    value = _read(core, name) if one is None else one.value
    key = "settings-named" if _has_label(name) else "settings-line"
    key = key if one is None or one.source != "command" else f"{key}-set"
    return Say(key, {"name": name, "label": _label(name), "value": _shown(name, value)})


def _label(name: str) -> Say:
    """What a setting is, in words; where there are none, its name, which is what one types."""
    return Say(_label_key(name)) if _has_label(name) else Say("plain", {"text": name})


def _has_label(name: str) -> bool:
    return has_words(_label_key(name), FALLBACK)


def _label_key(name: str) -> str:
    return f"setting-name-{name.replace('.', '-')}"


def _one(key: str, one: Setting) -> Reply:
    facts = {
        "name": one.name,
        "value": _shown(one.name, one.value),
        "beneath": "" if (beneath := _shown(one.name, one.beneath)) == NOTHING else beneath,
        "by": one.changed_by or "–",
        "at": one.changed_at or "–",
    }
    reset = Button(Say("button-setting-reset"), "settings", {"name": one.name, "value": "reset"})
    every = Button(Say("button-settings"), "settings")
    other = Button(Say("button-setting-change"), "settings", {"name": one.name, "value": ASK}, style="primary")
    row = (other, reset, every) if one.source == "command" else (other, every)
    about = [Say("setting-about", {"label": _label(one.name)})] if _has_label(one.name) else []
    return Reply(key, facts, more=[*about, Say(f"setting-from-{one.source}", facts)], buttons=(row,))


def _read(core: Core, name: str) -> Any:
    value: Any = core.settings
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _shown(name: str, value: Any) -> Any:
    if (span := setting_rows.span_of(name, value)) is not None:
        return span or "0"
    if isinstance(value, bool):
        return _switch(value)
    if isinstance(value, list):
        return [f"{one:g}" if isinstance(one, float) else str(one) for one in value] or NOTHING
    return f"{value:g}" if isinstance(value, float) else str(value) or NOTHING


def _switch(value: bool) -> Say:
    return Say("word-on" if value else "word-off")


COMMANDS = (
    Command(
        "settings",
        Role.ADMIN,
        settings,
        "operations",
        (
            Argument("name", "text", False),
            Argument("value", "text", False, rest=True, prose=True),
        ),
    ),
)
