"""The language to answer somebody in who has chosen none: Discord tells it with interactions, and with no message."""

from __future__ import annotations

from collections import OrderedDict

from core.languages import Language, spoken, written_in

REMEMBERED = 10_000
"""People whose language is known, those of whom something was heard last."""


class Tongues:
    """What people's Discord was seen to speak. It is a courtesy: what a process did not hear, it does not know."""

    def __init__(self) -> None:
        self._heard: OrderedDict[str, Language] = OrderedDict()

    def of(self, person: str, locale: str, text: str = "") -> Language | None:
        """By the locale of this event, else by that of one before, else by the script of what was written; else None."""
        told = spoken(locale)
        if told is not None:
            self._heard[person] = told
            self._heard.move_to_end(person)
            if len(self._heard) > REMEMBERED:
                self._heard.popitem(last=False)
            return told
        # Whose Discord speaks a language that we do not speak is answered in the usual one.
        return None if locale else self._heard.get(person) or written_in(text)
