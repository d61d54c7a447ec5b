"""What a choice is called: by its own word, by other words for it, by its label in every language."""

from __future__ import annotations

from functools import cache

from bots.commands.command import Argument
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say
from core.languages import FALLBACK, LANGUAGES

SWITCH = ("on", "off")
"""The choices of what is on or off; `yes` and `no` mean the same."""
_SWITCHED = {"yes": "on", "true": "on", "开": "on", "是": "on", "no": "off", "false": "off", "关": "off", "否": "off"}


_OWN_LABELS = frozenset(
    {
        ("calls", "empty"),
        ("calls", "sending"),
        ("chats", "resume"),
        ("chats", "rename"),
        ("keys", "rename"),
        ("keys", "revoke"),
        ("link", "join"),
        ("requests", "decline"),
        ("transfers", "open"),
        ("transfers", "live"),
        ("transfers", "cancel"),
        ("wallet", "limit"),
    }
)
"""Where a choice is called otherwise than with the commands that have it as well."""


def label_of(command: str, choice: str) -> str:
    """The key of what a choice is called with this command."""
    return f"choice-{command}-{choice}" if (command, choice) in _OWN_LABELS else f"choice-{choice}"


def chosen(argument: Argument, text: str) -> str | None:
    """The choice that a text names."""
    wanted = text.casefold().replace("-", "_")
    if set(argument.choices) == set(SWITCH):
        wanted = _SWITCHED.get(wanted, wanted)
    also = {_plain(word): choice for word, choice in argument.also}
    wanted = also.get(_plain(wanted), wanted)
    exact = next((one for one in argument.choices if one.casefold().replace("-", "_") == wanted), None)
    return exact or next((one for one in argument.choices if _plain(wanted) in {_plain(one), *called(one)}), None)


def means(choice: str, text: str) -> bool:
    """Is it what this choice is called, in any language? For arguments whose choices are not all there is."""
    return text.casefold() == choice or _plain(text) in called(choice)


@cache
def called(choice: str) -> frozenset[str]:
    """What a choice is called in every language, as people type it."""
    own = [label_of(command, one) for command, one in sorted(_OWN_LABELS) if one == choice]
    names = (f"choice-{choice.replace('_', '-')}", f"choice-{choice}", *own)
    keys = [one for one in names if has_words(one, FALLBACK)]
    looks = [Look(language, "plain", 100) for language in LANGUAGES]
    return frozenset(_plain(words(Say(one), look)) for one in keys for look in looks) - {""}


@cache
def names_of(option: str) -> frozenset[str]:
    """What an option is called in the other languages, as forms show it; its own name is the English one."""
    keys = [key for kind in ("name", "label") if has_words(key := f"{kind}-{option.replace('_', '-')}", FALLBACK)]
    looks = [Look(language, "plain", 100) for language in LANGUAGES if language != FALLBACK]
    return frozenset(words(Say(key), look).casefold() for key in keys for look in looks)


def _plain(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
