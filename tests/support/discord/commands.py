"""What Discord refuses in registered application commands: every bound of its published schema."""

from __future__ import annotations

import re
from typing import Any

from tests.support.discord.form import Form, Json, Path
from tests.support.discord.rules import check_choices

COMMANDS_LIMIT = 100
LARGEST = 2**53 - 1
LOCALIZATIONS_LIMIT = 34
CHOICE_TEXT_LIMIT = 6000
CONTEXTS, INSTALLS, CHANNEL_TYPES = {0, 1, 2}, {0, 1}, {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16}
TOTAL_LIMIT = 8000
# \w stands for Discord's letters and numbers of any script.
NAME = re.compile(r"[-_'\w]{1,32}")
LOCALES = frozenset(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th zh-CN ja "
    "zh-TW ko".split()
)
SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, NUMBER = 1, 2, 3, 4, 10
OPTION_TYPES = frozenset(range(1, 12))


def check_commands(commands: Any) -> None:
    """Check a whole set of commands, as for bulk overwrite.

    Raises: DiscordError 50035 with an error per field.
    """
    form = Form()
    items = form.items({"commands": commands}, (), "commands", most=COMMANDS_LIMIT)
    names: set[tuple[int, str]] = set()
    for index, raw in enumerate(items):
        command = form.entry(raw, (index,))
        if command is None:
            continue
        check_command(form, command, (index,))
        key = (command.get("type", 1), str(command.get("name")))
        if key in names:
            form.add((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        names.add(key)
    form.refuse()


def check_command(form: Form, command: Json, path: Path) -> None:
    kind = form.choice(command, path, "type", {1, 2, 3}) or 1
    _check_name(form, command, path, slash=kind == 1)
    if kind == 1:
        _check_description(form, command, path)
    elif command.get("description"):
        form.add((*path, "description"), "APPLICATION_COMMAND_INVALID_DESCRIPTION", "Context menus have no description")
    _check_options(form, command, path, depth=0)
    permissions = command.get("default_member_permissions")
    if isinstance(permissions, bool) or (permissions is not None and not str(permissions).isdecimal()):
        form.add((*path, "default_member_permissions"), "NUMBER_TYPE_COERCE", f'Value "{permissions}" is not int.')
    elif permissions is not None and int(permissions) > LARGEST:
        form.add(
            (*path, "default_member_permissions"),
            "NUMBER_TYPE_MAX",
            f"int value should be less than or equal to {LARGEST}.",
        )
    form.flag(command, path, "nsfw")
    form.flag(command, path, "dm_permission")
    _check_set(form, command, path, "contexts", CONTEXTS)
    _check_set(form, command, path, "integration_types", INSTALLS)
    if _weight(command) > TOTAL_LIMIT:
        form.add(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({TOTAL_LIMIT})")


def _check_set(form: Form, holder: Json, path: Path, key: str, allowed: set[int]) -> None:
    """Check a list that may not be empty nor hold anything twice."""
    given = holder.get(key)
    if given is None:
        return
    for index, value in enumerate(form.items(holder, path, key, most=len(allowed), least=1)):
        if isinstance(value, bool) or value not in allowed:
            listed = ", ".join(map(str, sorted(allowed)))
            form.add((*path, key, index), "BASE_TYPE_CHOICES", f"Value must be one of {{{listed}}}.")
    if isinstance(given, list) and len({str(value) for value in given}) != len(given):
        form.add((*path, key), "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value")


def _check_name(form: Form, holder: Json, path: Path, *, slash: bool) -> None:
    name = form.text(holder, path, "name", most=32, least=1, required=True)
    localized = holder.get("name_localizations") or {}
    for at, value in (
        (("name",), name),
        *((("name_localizations", locale), text) for locale, text in localized.items()),
    ):
        if slash and isinstance(value, str) and (not NAME.fullmatch(value) or value != value.lower()):
            form.add((*path, *at), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    _check_localizations(form, holder, path, "name", 32)


def _check_description(form: Form, holder: Json, path: Path) -> None:
    form.text(holder, path, "description", most=100, least=1, required=True)
    _check_localizations(form, holder, path, "description", 100)


def _check_localizations(form: Form, holder: Json, path: Path, key: str, most: int) -> None:
    localized = holder.get(f"{key}_localizations")
    if localized is None:
        return
    at = (*path, f"{key}_localizations")
    entries = form.entry(localized, at)
    if len(entries or {}) > LOCALIZATIONS_LIMIT:
        form.add(at, "BASE_TYPE_MAX_LENGTH", f"Must be {LOCALIZATIONS_LIMIT} or fewer in length.")
    for locale in entries or {}:
        if locale not in LOCALES:
            form.add((*at, locale), "BASE_TYPE_CHOICES", f"{locale!r} is not a known locale.")
        form.text(entries or {}, at, locale, most=most, least=1, required=True)


def _check_options(form: Form, holder: Json, path: Path, *, depth: int) -> None:
    optional_seen = False
    names: set[str] = set()
    kinds: set[bool] = set()
    for index, raw in enumerate(form.items(holder, path, "options", most=25)):
        at = (*path, "options", index)
        option = form.entry(raw, at)
        if option is None:
            continue
        kind = form.choice(option, at, "type", OPTION_TYPES, required=True)
        _check_name(form, option, at, slash=True)
        _check_description(form, option, at)
        kinds.add(kind in (SUB_COMMAND, SUB_COMMAND_GROUP))
        if option.get("name") in names:
            form.add((*at, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        names.add(str(option.get("name")))
        if kind in (SUB_COMMAND, SUB_COMMAND_GROUP):
            nested_badly = depth == 2 or (depth == 1 and kind == SUB_COMMAND_GROUP)
            if nested_badly:
                form.add(
                    (*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands are nested too deeply"
                )
            # Only sub-commands may stand inside a group, only values inside a sub-command.
            _check_options(form, option, at, depth=1 if kind == SUB_COMMAND_GROUP else 2)
            continue
        if depth == 1:
            form.add((*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group holds sub-commands only")
        _check_value_option(form, option, at)
        if option.get("required") is True and optional_seen:
            form.add(
                at,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not option.get("required")
    if len(kinds) == 2:
        form.add(
            (*path, "options"),
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other types",
        )


def _check_value_option(form: Form, option: Json, at: Path) -> None:
    kind = option.get("type")
    form.flag(option, at, "required")
    form.flag(option, at, "autocomplete")
    if option.get("choices") is not None:
        if kind not in (STRING, INTEGER, NUMBER):
            form.add((*at, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "This type takes no choices")
        check_choices(form, option, at, kind)
        _check_choice_values(form, option, at, kind)
    if option.get("autocomplete") and (option.get("choices") or kind not in (STRING, INTEGER, NUMBER)):
        form.add(
            (*at, "autocomplete"),
            "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID",
            "Autocomplete goes with strings and numbers without choices",
        )
    _check_ranges(form, option, at, kind)
    if option.get("channel_types") is not None:
        _check_set(form, option, at, "channel_types", CHANNEL_TYPES)


def _check_choice_values(form: Form, option: Json, at: Path, kind: Any) -> None:
    for index, choice in enumerate(option["choices"] if isinstance(option["choices"], list) else []):
        if not isinstance(choice, dict):
            continue
        where = (*at, "choices", index)
        _check_localizations(form, choice, where, "name", 100)
        if kind == STRING:
            form.text(choice, where, "value", most=CHOICE_TEXT_LIMIT)
        else:
            form.number(choice, where, "value", least=-LARGEST, most=LARGEST, whole=kind == INTEGER)


def _check_ranges(form: Form, option: Json, at: Path, kind: Any) -> None:
    for key, low in (("min_length", 0), ("max_length", 1)):
        if option.get(key) is not None and kind != STRING:
            form.add((*at, key), "APPLICATION_COMMAND_OPTION_LENGTH_INVALID", "Only strings have a length")
        form.number(option, at, key, least=low, most=6000)
    for key in ("min_value", "max_value"):
        if option.get(key) is not None and kind not in (INTEGER, NUMBER):
            form.add((*at, key), "APPLICATION_COMMAND_OPTION_VALUE_INVALID", "Only numbers have a range")
        form.number(option, at, key, least=-LARGEST, most=LARGEST, whole=kind == INTEGER)
    for low_key, high_key in (("min_value", "max_value"), ("min_length", "max_length")):
        low_end, high_end = option.get(low_key), option.get(high_key)
        if isinstance(low_end, int | float) and isinstance(high_end, int | float) and low_end > high_end:
            form.add((*at, low_key), "APPLICATION_COMMAND_OPTION_RANGE_INVALID", "The range holds no value")


def _weight(holder: Json) -> int:
    """Count the characters of names, descriptions and choice values, the longest localization of each."""
    total = 0
    for key in ("name", "description"):
        texts = [holder.get(key), *(holder.get(f"{key}_localizations") or {}).values()]
        total += max((len(text) for text in texts if isinstance(text, str)), default=0)
    for choice in holder.get("choices") or []:
        if isinstance(choice, dict):
            total += _weight(choice) + len(str(choice.get("value", "")))
    return total + sum(_weight(option) for option in holder.get("options") or [] if isinstance(option, dict))
