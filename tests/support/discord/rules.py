"""What Discord refuses in messages, components, modals and autocomplete answers. Numbers from Discord's API reference."""

from __future__ import annotations

from typing import Any

from tests.support.discord.form import DiscordError, Form, Json, Path

CONTENT_LIMIT = 2000
EMBEDS_LIMIT = 10
NONCE_LIMIT = 25
EMBED_TOTAL = 6000
CUSTOM_ID_LIMIT = 100
FILES_LIMIT = 10
ATTACHMENT_BYTES = 10 * 2**20
EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15
# Suppress embeds, ephemeral, silent and Components V2 are what a bot may set.
SENDABLE_FLAGS = 1 << 2 | EPHEMERAL | 1 << 12 | COMPONENTS_V2
ROW, BUTTON, STRING_SELECT, TEXT_INPUT, TEXT_DISPLAY, CONTAINER, LABEL, FILE_UPLOAD = 1, 2, 3, 4, 10, 17, 18, 19
SELECTS = frozenset({3, 5, 6, 7, 8})
LAYOUT = frozenset({9, 10, 11, 12, 13, 14, 17})


def check_message(form: Form, body: Json, path: Path = ()) -> None:
    """Check everything a message may carry but emptiness, which depends on what is already there."""
    form.text(body, path, "content", most=CONTENT_LIMIT)
    form.flag(body, path, "tts")
    form.flag(body, path, "enforce_nonce")
    if len(str(body.get("nonce") or "")) > NONCE_LIMIT:
        form.add((*path, "nonce"), "BASE_TYPE_MAX_LENGTH", f"Must be {NONCE_LIMIT} or fewer in length.")
    form.number(body, path, "flags", least=0)
    if isinstance(body.get("flags"), int) and body["flags"] & ~(SENDABLE_FLAGS | LOADING):
        form.add((*path, "flags"), "BASE_TYPE_INVALID", "The message flags are not allowed here.")
    _check_embeds(form, body, path)
    check_mentions(form, body, path)
    new_layout = bool((body.get("flags") or 0) & COMPONENTS_V2) if isinstance(body.get("flags"), int | None) else False
    if new_layout and (body.get("content") or body.get("embeds")):
        for key in ("content", "embeds"):
            if body.get(key):
                form.add(
                    (*path, key),
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                )
    check_components(form, body, path, new_layout=new_layout)


def is_empty(body: Json, files: int) -> bool:
    """Return whether a new message would show nothing."""
    embeds = [embed for embed in body.get("embeds") or [] if any(v for k, v in embed.items() if k != "type")]
    layout = body.get("components") if (body.get("flags") or 0) & COMPONENTS_V2 else None
    return not (str(body.get("content") or "").strip() or embeds or files or layout or body.get("poll"))


def _check_embeds(form: Form, body: Json, path: Path) -> None:
    total = 0
    for index, item in enumerate(form.items(body, path, "embeds", most=EMBEDS_LIMIT)):
        at = (*path, "embeds", index)
        embed = form.entry(item, at)
        if embed is None:
            continue
        total += len(form.text(embed, at, "title", most=256) or "")
        total += len(form.text(embed, at, "description", most=4096) or "")
        form.url(embed, at, "url", ("http", "https"))
        form.number(embed, at, "color", least=0, most=0xFFFFFF)
        for part, name, most in (("footer", "text", 2048), ("author", "name", 256)):
            if embed.get(part) is not None and (inner := form.entry(embed[part], (*at, part))) is not None:
                total += len(form.text(inner, (*at, part), name, most=most, required=True) or "")
        for part in ("image", "thumbnail"):
            if embed.get(part) is not None and (inner := form.entry(embed[part], (*at, part))) is not None:
                form.url(inner, (*at, part), "url", ("http", "https", "attachment"), required=True)
        for number, raw in enumerate(form.items(embed, at, "fields", most=25)):
            where = (*at, "fields", number)
            if (field := form.entry(raw, where)) is not None:
                total += len(form.text(field, where, "name", most=256, least=1, required=True) or "")
                total += len(form.text(field, where, "value", most=1024, least=1, required=True) or "")
                form.flag(field, where, "inline")
    if total > EMBED_TOTAL:
        form.add((*path, "embeds"), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")


def check_mentions(form: Form, body: Json, path: Path = ()) -> None:
    if body.get("allowed_mentions") is None:
        return
    at = (*path, "allowed_mentions")
    allowed = form.entry(body["allowed_mentions"], at)
    if allowed is None:
        return
    kinds = form.items(allowed, at, "parse", most=3)
    for index, kind in enumerate(kinds):
        if kind not in ("roles", "users", "everyone"):
            form.add((*at, "parse", index), "BASE_TYPE_CHOICES", "Value must be one of ('roles', 'users', 'everyone').")
    for key in ("users", "roles"):
        if form.items(allowed, at, key, most=100) and key in kinds:
            form.add(
                at,
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.',
            )


def check_components(form: Form, body: Json, path: Path, *, new_layout: bool) -> None:
    """Check a message's components: five rows of five buttons or one select, or the new layout of at most 40."""
    if new_layout:
        items = form.items(body, path, "components", most=40, least=1, required=True)
        count = sum(_check_layout(form, item, (*path, "components", n)) for n, item in enumerate(items))
        if count > 40:
            form.add((*path, "components"), "BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer in length.")
    else:
        items = form.items(body, path, "components", most=5)
        for index, item in enumerate(items):
            _check_row(form, item, (*path, "components", index))
    _refuse_duplicates(form, items, (*path, "components"))


def _check_layout(form: Form, item: Any, at: Path) -> int:
    """Check one component of the new layout; return how many components it counts for."""
    component = form.entry(item, at)
    if component is None:
        return 1
    kind = component.get("type")
    if kind == ROW:
        _check_row(form, component, at)
        return 1 + len(component.get("components") or [])
    if kind not in LAYOUT:
        form.add(
            (*at, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 9, 10, 12, 13, 14, 17).'
        )
        return 1
    if kind == TEXT_DISPLAY:
        form.text(component, at, "content", most=4000, least=1, required=True)
    inner = component.get("components") or []
    count = 1 + sum(_check_layout(form, child, (*at, "components", n)) for n, child in enumerate(inner))
    accessory = component.get("accessory")
    if isinstance(accessory, dict) and accessory.get("type") == BUTTON:
        _check_button(form, accessory, (*at, "accessory"))
    return count + bool(accessory)


def _check_row(form: Form, item: Any, at: Path) -> None:
    row = form.entry(item, at)
    if row is None:
        return
    if row.get("type") != ROW:
        form.add((*at, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1,).')
        return
    children = form.items(row, at, "components", most=5, least=1, required=True)
    selects = 0
    for index, child in enumerate(children):
        where = (*at, "components", index)
        component = form.entry(child, where)
        if component is None:
            continue
        if component.get("type") == BUTTON:
            _check_button(form, component, where)
        elif component.get("type") in SELECTS:
            selects += 1
            _check_select(form, component, where)
        else:
            form.add((*where, "type"), "BASE_TYPE_CHOICES", "Value must be one of {2, 3, 5, 6, 7, 8}.")
    if selects and len(children) > 1:
        form.add(
            (*at, "components"),
            "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
            "The specified component exceeds the maximum width",
        )


def _check_button(form: Form, button: Json, at: Path) -> None:
    style = form.choice(button, at, "style", {1, 2, 3, 4, 5, 6}, required=True)
    form.text(button, at, "label", most=80)
    form.flag(button, at, "disabled")
    if style == 5:
        form.url(button, at, "url", ("http", "https", "discord"), required=True)
        if button.get("custom_id") is not None:
            form.add(at, "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", "A custom id and url cannot both be specified")
    elif style != 6:
        form.text(button, at, "custom_id", most=CUSTOM_ID_LIMIT, least=1, required=True)
    if style != 6 and not button.get("label") and not button.get("emoji"):
        form.add(at, "BUTTON_COMPONENT_LABEL_REQUIRED", "A label or emoji must be specified for buttons")


def _check_select(form: Form, select: Json, at: Path) -> None:
    form.text(select, at, "custom_id", most=CUSTOM_ID_LIMIT, least=1, required=True)
    form.text(select, at, "placeholder", most=150)
    form.number(select, at, "min_values", least=0, most=25)
    form.number(select, at, "max_values", least=1, most=25)
    if select["type"] != STRING_SELECT:
        return
    values = []
    for index, raw in enumerate(form.items(select, at, "options", most=25, least=1, required=True)):
        where = (*at, "options", index)
        option = form.entry(raw, where)
        if option is None:
            continue
        form.text(option, where, "label", most=100, least=1, required=True)
        form.text(option, where, "value", most=100, least=1, required=True)
        form.text(option, where, "description", most=100)
        if option.get("value") in values:
            form.add(
                (*where, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        values.append(option.get("value"))


def walk(items: Any) -> list[Json]:
    """Return every component in a tree, outer ones first."""
    found: list[Json] = []
    for item in items or []:
        if isinstance(item, dict):
            inner = [item[key] for key in ("component", "accessory") if key in item]
            found += [item, *walk(item.get("components")), *walk(inner)]
    return found


def _refuse_duplicates(form: Form, items: list[Any], at: Path) -> None:
    seen = set()
    for component in walk(items):
        custom_id = component.get("custom_id")
        if isinstance(custom_id, str):
            if custom_id in seen:
                form.add(at, "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
            seen.add(custom_id)


def check_modal(body: Json) -> None:
    """Check a modal's data: 1–5 inputs, each in a row or under a label; title and labels of at most 45 characters."""
    form = Form()
    data = body.get("data") or {}
    form.text(data, ("data",), "custom_id", most=CUSTOM_ID_LIMIT, least=1, required=True)
    form.text(data, ("data",), "title", most=45, least=1, required=True)
    items = form.items(data, ("data",), "components", most=5, least=1, required=True)
    for index, raw in enumerate(items):
        at: Path = ("data", "components", index)
        holder = form.entry(raw, at)
        if holder is None:
            continue
        if holder.get("type") == LABEL:
            form.text(holder, at, "label", most=45, least=1, required=True)
            form.text(holder, at, "description", most=100)
            component = form.entry(holder.get("component"), (*at, "component"))
            if component is not None:
                _check_input(form, component, (*at, "component"), labelled=True)
        elif holder.get("type") == ROW:
            children = form.items(holder, at, "components", most=1, least=1, required=True)
            for number, child in enumerate(children):
                component = form.entry(child, (*at, "components", number))
                if component is not None:
                    _check_input(form, component, (*at, "components", number), labelled=False)
        elif holder.get("type") == TEXT_DISPLAY:
            form.text(holder, at, "content", most=4000, least=1, required=True)
        else:
            form.add((*at, "type"), "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 10, 18).')
    _refuse_duplicates(form, items, ("data", "components"))
    form.refuse()


def _check_input(form: Form, component: Json, at: Path, *, labelled: bool) -> None:
    kind = component.get("type")
    if labelled and kind in SELECTS:
        _check_select(form, component, at)
        return
    form.text(component, at, "custom_id", most=CUSTOM_ID_LIMIT, least=1, required=True)
    if labelled and kind in (FILE_UPLOAD, 21, 22, 23):
        return
    if kind != TEXT_INPUT:
        form.add((*at, "type"), "BASE_TYPE_CHOICES", "Value must be one of {4}.")
        return
    form.choice(component, at, "style", {1, 2}, required=True)
    if not labelled:
        form.text(component, at, "label", most=45, least=1, required=True)
    form.number(component, at, "min_length", least=0, most=4000)
    form.number(component, at, "max_length", least=1, most=4000)
    form.flag(component, at, "required")
    form.text(component, at, "value", most=4000)
    form.text(component, at, "placeholder", most=100)


def check_choices(form: Form, body: Json, path: Path, kind: int | None = None) -> None:
    """Check choices of an option or of an autocomplete answer: 25 at most, names of 1–100 characters."""
    for index, raw in enumerate(form.items(body, path, "choices", most=25)):
        at = (*path, "choices", index)
        choice = form.entry(raw, at)
        if choice is None:
            continue
        form.text(choice, at, "name", most=100, least=1, required=True)
        value = choice.get("value")
        if kind in (4, 10) or (kind is None and isinstance(value, int | float)):
            form.number(choice, at, "value", required=True, whole=kind == 4)
        else:
            form.text(choice, at, "value", most=100, least=1, required=True)


def json_object(body: Any) -> Json:
    if not isinstance(body, dict):
        raise DiscordError(50109)
    return body
