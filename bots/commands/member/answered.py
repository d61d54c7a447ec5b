"""An answer in a chat, as it is shown: its text, what is to be known of it, and what can be done about it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

from bots.commands.member.my_seat import REDEEM_BUTTON
from bots.messages.markdown import Written, parse
from bots.messages.rendering import has_words
from bots.messages.reply import Button, Reply, Say, spans
from core.languages import FALLBACK
from core.rules.money import shown_amount
from core.service import Core
from core.talk import answers

NEW_BUTTON = Button(Say("button-talk-new"), "new", replaces=False)
LIMIT_BUTTON = Button(Say("button-wallet-limit"), "wallet", {"action": "limit"}, replaces=False)
OF_ONES_OWN = frozenset({"not_enough_credit", "spend_limit", "suspended"})
"""Reasons that are between the payer and the bot."""
ONE_MESSAGE = 1500
"""Characters of an answer that are one message everywhere, with what is said below it."""


async def pushed(core: Core, turn_id: int) -> Reply | None:
    """The answer of a turn, or why there is none; None where it was deleted meanwhile."""
    shown = await answers.shown(core, turn_id)
    if shown is None or (shown.state == "done" and shown.message_id is None):
        return None
    mine: dict[str, Any] = {"owner": shown.asker, "replaces": False}
    return _failed(shown, mine, core.now()) if shown.state != "done" else await answer_reply(core, shown)


async def answer_reply(core: Core, shown: answers.ShownTurn) -> Reply:
    """An answer with what can be done about it."""
    mine: dict[str, Any] = {"owner": shown.asker, "replaces": False}
    about = {"answer": shown.message_id}
    broke_off = shown.message_state != "complete" or bool(shown.facts.get("cut"))
    row = [Button(Say("button-talk-again"), "again", about, **mine)]
    if broke_off:
        row.append(Button(Say("button-talk-go-on"), "again", {**about, "go_on": "true"}, **mine))
    rows = [tuple(row), *_versions(shown)]
    if by_button(shown):
        rows[0] = (*rows[0], Button(Say("button-talk-back"), "again", {**about, "back": "true"}, **mine))
    blocks = await asyncio.to_thread(parse, shown.text)
    written = Written(shown.text, blocks, core.settings.talk.parts)
    return Reply("talk-answer", written=written, more=_marks(shown), buttons=tuple(rows), private=False)


def by_button(shown: answers.ShownTurn) -> bool:
    """Does a button say where to go on? It does where nothing can be replied to."""
    return shown.asker.startswith("terminal:")


def _versions(shown: answers.ShownTurn) -> list[tuple[Button, ...]]:
    """Which of the answers to the same question this is, between the ways to those beside it."""
    count = len(shown.versions)
    if count < 2 or not shown.number:
        return []

    def to(place: int, label: str) -> Button:
        facts = {"number": place, "count": count}
        arguments = {"answer": shown.versions[place - 1], "back": "true"}
        # Of an answer in several messages only the last one has the buttons, and could be replaced.
        alone = len(shown.text) <= ONE_MESSAGE
        return Button(Say(label, facts), "again", arguments, owner=shown.asker, replaces=alone)

    row = [to(shown.number - 1, "button-talk-earlier")] if shown.number > 1 else []
    row.append(to(shown.number, "button-talk-version"))
    row += [to(shown.number + 1, "button-talk-later")] if shown.number < count else []
    return [tuple(row)]


def _marks(shown: answers.ShownTurn) -> list[Say]:
    """What is to be known of an answer beside its text."""
    facts = shown.facts
    marks = []
    if shown.message_state != "complete":
        marks.append(Say(f"talk-mark-{shown.message_state}"))
        if shown.reason == "stopped_suspended" and shown.private:
            marks.append(Say("error-suspended"))
    elif facts.get("cut"):
        marks.append(Say("talk-mark-shortened" if facts.get("shortened") else "talk-mark-cut"))
    if shown.mixed:
        marks.append(Say("talk-mark-model", {"model": shown.model}))
    if facts.get("left_out"):
        marks.append(Say("talk-mark-left-out", {"count": facts["left_out"]}))
    if facts.get("estimated") and shown.private:
        marks.append(Say("talk-mark-estimated", {"credit": shown_amount(int(facts.get("charged", 0)))}))
    return marks


def _failed(shown: answers.ShownTurn, mine: dict[str, Any], now: datetime) -> Reply:
    reason = shown.reason or "empty_answer"
    key = f"error-{reason}" if has_words(f"error-{reason}", FALLBACK) else f"talk-failed-{reason}"
    if not has_words(key, FALLBACK):
        key = "talk-failed"
    if reason == "stopped" and shown.private:
        charged = int(shown.facts.get("charged", 0))
        key = "talk-failed-stopped-paid" if charged else "talk-failed-stopped-free"
        shown = replace(shown, facts={"credit": shown_amount(charged)})
    if not shown.private and reason in OF_ONES_OWN:
        # What somebody has, or may spend, is nobody else's business.
        key = "talk-failed-sponsor" if shown.sponsored else "talk-failed-credit"
        here = (Say("talk-long-conversation-here"),) if "alone" in shown.facts else ()
        buttons = () if shown.sponsored else ((REDEEM_BUTTON,),)
        return Reply(key, more=here, buttons=buttons, state="refused", private=False)
    # Whatever was asked since, it is this one that is tried once more.
    about = {"answer": shown.below, **({"go_on": "true"} if shown.goes_on else {})}
    retry = Button(Say("button-talk-again"), "again", about, **mine)
    more = {"not_enough_credit": REDEEM_BUTTON, "spend_limit": LIMIT_BUTTON}.get(reason)
    rows: tuple[tuple[Button, ...], ...] = ((retry,),) if more is None else ((more, retry),)
    told: tuple[Say, ...] = ()
    if "alone" in shown.facts:  # what was said before is what makes it dear
        told = (Say("talk-long-conversation", {"credit": shown.facts["alone"]}),)
        rows = ((NEW_BUTTON, retry) if more is None else (more, NEW_BUTTON), *(() if more is None else ((retry,),)))
    if shown.summed is not None and shown.private:
        told = (*told, Say("talk-new-from-failed"))
        back = Button(Say("button-talk-before"), "chats", {"action": "resume", "number": shown.summed}, **mine)
        rows = (*rows, (back,))
    return Reply(key, spans(shown.facts, now), more=told, buttons=rows, state="refused", private=False)
