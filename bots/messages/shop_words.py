"""What the shop says in its own words (`core.rules.house_texts`): the mails, the welcome, and how they would look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bots.messages.rendering import Look, render, subject, words
from bots.messages.reply import Prose, Reply, Say
from core.rules import house_texts
from core.settings import Settings

NO_LIMIT = 10**9
WITH_A_TUTORIAL = frozenset({"invited", "transfer_invited"})
"""Mails that come with an invitation, and so with how to use what it leads to."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is read."""

    subject: str
    text: str


def mail(settings: Settings, template: str, reply: Reply, language: str) -> Mail:
    """The mail of a notice: the shop's words where it has any, else the usual ones with the shop's name below."""
    look = Look(language, "plain", NO_LIMIT, reply.timezone or settings.timezone, settings.money.unit)
    values = {name: words(Say("plain", {"text": value}), look) for name, value in reply.facts.items()}
    if "reason" in reply.facts:
        values["reason"] = words(Say("seat-ended-why", {"reason": reply.facts["reason"]}), look)
    values |= _everywhere(settings, language)
    tutorial = house_texts.text_of(settings, "tutorial", language) if template in WITH_A_TUTORIAL else None
    values["tutorial"] = house_texts.filled(tutorial or "", values)

    own = house_texts.text_of(settings, f"mail.{template}", language)
    if own is None:
        parts = [*render(reply, look).texts, values["tutorial"], *_signed(values, look)]
    else:
        parts = [house_texts.filled(own, values), "" if house_texts.has_place(own, "tutorial") else values["tutorial"]]
    heading = house_texts.text_of(settings, f"mail.{template}{house_texts.SUBJECT}", language)
    title = subject(reply.key, reply.facts, look) if heading is None else house_texts.filled(heading, values)
    return Mail(" ".join(title.split()), "\n\n".join(part for part in parts if part) + "\n")


def welcome(settings: Settings, language: str) -> Reply:
    """The first words that a stranger reads."""
    own = house_texts.text_of(settings, "welcome", language)
    if own is None:
        return Reply("welcome")
    return Reply("shop-words", {"text": Prose(house_texts.filled(own, _everywhere(settings, language)))})


def preview(settings: Settings, name: str, now: datetime) -> str:
    """How a text such as `welcome.en` is read by these settings, with somebody made up in its places."""
    name, language = house_texts.split(name)
    look = Look(language, "plain", NO_LIMIT, settings.timezone)
    if name == "welcome":
        return "\n\n".join(render(welcome(settings, language), look).texts)
    if name.startswith("mail."):
        template = name.removeprefix("mail.").removesuffix(house_texts.SUBJECT)
        said = mail(settings, template, Reply(f"mail-{template}", _made_up(now)), language)
        return f"{said.subject}\n\n{said.text.strip()}"
    text = house_texts.text_of(settings, name, language)
    if text is None and name in house_texts.EVERYWHERE:
        text = getattr(settings, name)
    return house_texts.filled(text or "", _everywhere(settings, language))


def _everywhere(settings: Settings, language: str) -> dict[str, str]:
    return {"shop": house_texts.shop(settings, language), "contact": house_texts.contact(settings, language)}


def _signed(values: Mapping[str, str], look: Look) -> list[str]:
    said = []
    if values["contact"]:
        said.append(words(Say("mail-signed-contact", {"contact": values["contact"]}), look))
    if values["shop"]:
        said.append(words(Say("mail-signed-shop", {"shop": values["shop"]}), look))
    return ["\n".join(said)] if said else []


def _made_up(now: datetime) -> dict[str, Any]:
    return {
        "team": "Aurora 1",
        "address": "you@example.com",
        "until": now + timedelta(days=3),
        "reason": Say("reason-expired"),
    }
