"""Talking with models: a question is kept and ends the handling of its message; its answer comes by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bots.commands.arguments import clean
from bots.commands.command import Argument, Command
from bots.commands.groups import pointer, welcome
from bots.commands.member.answered import answer_reply, by_button
from bots.commands.member.attached import read_attached
from bots.commands.questions import confirm
from bots.commands.request import Request
from bots.messages.reply import Button, Prose, Reply, Say
from core import outbox
from core.actors import Role
from core.credit.report import wallet_of
from core.rules.empty_text import says_nothing
from core.rules.money import amount_text, shown_amount
from core.service import Core
from core.settings import Settings
from core.sources.models import Model
from core.sources.report import source_list
from core.talk import answers, choosing, conversations, rewording, turns, unasked
from core.talk.places import Place
from core.talk_errors import NothingAsked, TalkOff

FROM = frozenset({"from", "from here", "摘要", "总结"})
ASKING = re.compile(r"^/ask(@\w+)?(?=\s|$)", re.IGNORECASE)
MARK = re.compile(r"[?？]")
QUESTION = re.compile(
    r"[?？]|吗|什么|怎么|如何|为什么|多少|哪|是不是|能不能|可不可以"
    r"|\b(?:what|how|why|when|where|which|who|whose|is (?:it|this|that)|does|can (?:i|you)|could you|do i)\b",
    re.IGNORECASE,
)
_NO_WORDS = re.compile(r"[\w.+-]*@[\w.-]+|\w+(?:-\w+)+", re.ASCII)
"""Addresses and codes, in which a word of a question means nothing."""
LONGEST_SPEAKER = 64
STOP = Button(Say("button-talk-stop"), "stop", replaces=False)
MODELS_SHOWN = 20


def place_of(request: Request) -> Place:
    """Where a request was made. A person's direct messages on Discord are theirs, whatever their channel is called."""
    chat, platform = request.chat, request.chat.platform
    channel = chat.id.partition("/")[0]
    if not chat.private or chat.shared:
        return Place(platform, chat.id, outbox.in_chat(platform, chat.id), channel, private=False)
    mine = chat.id if platform == "telegram" else request.actor.identity
    return Place(platform, mine, mine, channel)


def wish_of(request: Request, text: str = "", model: str | None = None) -> turns.TurnWish:
    """What a request asks for, as the core keeps it."""
    return turns.TurnWish(
        request.key,
        place_of(request),
        request.language,
        text=text,
        reply_to=request.reply_to,
        message=request.message,
        model=model,
        speaker=speaker_of(request),
    )


def speaker_of(request: Request) -> str | None:
    """Who asks, as the others of a group know them: a model reads several people there."""
    return None if place_of(request).private else clean(request.speaker)[:LONGEST_SPEAKER] or None


async def doubted(core: Core, text: str, wished: Mapping[str, str]) -> Reply | None:
    """A code in a question is not used, and no model is asked, before it is known what is meant."""
    if QUESTION.search(_NO_WORDS.sub(" ", text)) is None or not await choosing.talks(core):
        return None
    # As if that alone had been said: what the code gives is known before an address is asked for.
    alone = MARK.sub(" ", "\n".join(wished.values()))
    redeem = Button(Say("button-redeem-it"), "answer", {"value": alone}, style="primary", replaces=False)
    asking = Button(Say("button-ask-it"), "ask", {"text": text}, once=True, replaces=False)
    return Reply("code-or-question", buttons=((redeem, asking),), state="asking")


async def said(core: Core, request: Request, text: str) -> Reply | None:
    """Free text that is nothing else is a question; None where nobody can be asked."""
    if not await choosing.talks(core):
        return None
    request.actor.require(Role.ANYONE)
    return await ask(core, request, text=text)


async def could_pay(core: Core, request: Request) -> bool:
    """Has the asker any credit, or an account of their own, for a question that costs something?"""
    found = await wallet_of(core, request.actor, request.actor, lines=0)
    return any(purse.left for purse in found.purses) or bool(await source_list(core, request.actor, own=True))


async def addressed(core: Core, request: Request, text: str) -> Reply | None:
    """What is said to the bot in a group is a question, if there is anything to it and any models."""
    if not says_nothing(text) or request.attachments:
        return await said(core, request, text)
    return welcome(request) if await choosing.talks(core) else None


async def reworded(core: Core, request: Request, text: str) -> Reply | None:
    """Another wording of the last question is offered to be asked; it never runs by itself, since it costs again."""
    text = ASKING.sub("", text).strip()
    if says_nothing(text) or text.startswith("/") or not await choosing.talks(core):
        return None
    request.actor.require(Role.ANYONE)
    place = place_of(request)
    number = await rewording.reword(core, request.actor, place, request.edited, text, speaker_of(request))
    if number is None:
        return None
    button = Button(Say("button-talk-reworded"), "again", {"answer": number}, once=True, replaces=False)
    return Reply("talk-reworded", buttons=((button,),), private=False, replace=False)


async def ask(core: Core, request: Request, *, text: str) -> Reply:
    """Ask a model; the answer continues the conversation that goes on here. What nobody can answer before a model is
    chosen is kept until then.
    """
    await refuse_where_off(core)
    if says_nothing(text) and not request.attachments:
        raise NothingAsked
    found = await choosing.choice(core, request.actor, place_of(request))
    wish = wish_of(request, text)
    if request.attachments:
        model = next((one for one in found.models if one.name == found.chosen), None)
        wish = replace(wish, attached=await read_attached(core, request, model))
    if found.chosen is None:
        question = await unasked.keep(core, request.actor, wish)
        if wish.place.private:
            return _models(found, "talk-choose-model")
        # There it is the asker's choice for the asker alone: the others go on with theirs.
        return replace(_models(found, "talk-choose-model", "again", "model", answer=question), private=False)
    named = text or ", ".join(one.name for one in wish.attached)
    return _kept(request, await turns.ask(core, request.actor, wish), named)


async def _about_a_file(core: Core, request: Request, values: Mapping[str, str]) -> Reply | None:
    """A picture, a sound or a file is a question without a word, too."""
    return await ask(core, request, text="") if request.attachments else None


async def again(
    core: Core, request: Request, *, model: str | None, answer: int | None, go_on: bool, back: bool
) -> Reply:
    """Ask the last question once more, of another model too; let an answer go on, or go back to it."""
    await refuse_where_off(core)
    if back and answer is not None:
        await conversations.go_back(core, request.actor, place_of(request), answer)
        found = await answers.version(core, request.actor, answer)
        if found is None:
            return Reply("talk-back")
        shown = await answer_reply(core, found)
        return replace(shown, more=[*shown.more, Say("talk-back")]) if by_button(found) else shown
    if model is not None:
        meant = await _meant(core, request, model)
        if len(meant.models) > 1:
            about = {} if answer is None else {"answer": answer}
            return replace(_models(meant, "talk-models-meant", "again", "model", **about), private=False)
        model = meant.chosen
    wish = wish_of(request, model=model)
    if answer is not None and model is not None:
        waited = await unasked.ask_one(core, request.actor, wish, answer)
        if waited is not None:
            return Reply("talk-model-chosen", {"model": model}, turn=waited.turn_id, private=False)
    keep = turns.go_on if go_on else turns.again
    return _kept(request, await keep(core, request.actor, wish, answer_id=answer))


async def stop(core: Core, request: Request) -> Reply:
    """End what is being answered here, and forget what waits."""
    count = await turns.stop(core, request.actor, place_of(request))
    return Reply("talk-stopping" if count else "talk-nothing-runs", {"count": count}, private=False, replace=False)


async def stopped(core: Core, request: Request) -> Reply | None:
    """What a plain "stop" ends, if an answer is being written."""
    count = await turns.stop(core, request.actor, place_of(request))
    return Reply("talk-stopping", {"count": count}, private=False, replace=False) if count else None


async def new(core: Core, request: Request, *, title: str | None) -> Reply:
    """Begin another conversation here; `from`: with a summary of the present one, whose price is said before."""
    await refuse_where_off(core)
    if title is not None and title.strip().casefold() in FROM:
        return await _new_from(core, request, title)
    if title is not None and not request.confirmed and title.split(maxsplit=1)[0].casefold() in FROM:
        summary = Button(Say("button-new-from"), "new", {"title": "from"}, replaces=False)
        called = Button(
            Say("button-new-called", {"title": title}), "new", {"title": title}, confirmed=True, replaces=False
        )
        return Reply("talk-new-from-what", {"title": title}, buttons=((summary,), (called,)), state="asking")
    await conversations.begin(core, request.actor, place_of(request), title)
    return Reply("talk-new", {"title": title or ""}, private=False, replace=False)


async def _new_from(core: Core, request: Request, title: str) -> Reply:
    if (unchosen := await _unchosen(core, request)) is not None:
        return unchosen
    place = place_of(request)
    chosen = (await choosing.choice(core, request.actor, place)).chosen or ""
    price = await conversations.summary_price(core, request.actor, place, chosen)
    if not request.confirmed:
        facts = {"price": shown_amount(price), "model": chosen}
        question = Reply("talk-new-from", facts, private=False)
        return confirm(question, "new", {"title": title}, danger=False)
    kept = await conversations.begin_from(core, request.actor, wish_of(request))
    return Reply("talk-new-from-begun", turn=kept.turn_id, private=False)


async def model(core: Core, request: Request, *, name: str | None) -> Reply:
    """The models that can be asked, with their prices; or which one answers from now on."""
    await refuse_where_off(core)
    if name is not None:
        meant = await _meant(core, request, name)
        if len(meant.models) > 1:
            return _models(meant, "talk-models-meant")
        chosen = await choosing.choose(core, request.actor, place_of(request), meant.chosen or name)
        kept = await unasked.ask_kept(core, request.actor, wish_of(request))
        reply = Reply("talk-model-chosen", {"model": chosen.name})
        return reply if kept is None else replace(reply, turn=kept.turn_id)
    found = await choosing.choice(core, request.actor, place_of(request))
    return _models(found, "talk-models")


async def refuse_where_off(core: Core) -> None:
    """Return if there is anything to talk with here. Raises: TalkOff."""
    if not await choosing.talks(core):
        raise TalkOff


async def _unchosen(core: Core, request: Request) -> Reply | None:
    """Where there are several models and nobody has chosen one, that comes first."""
    found = await choosing.choice(core, request.actor, place_of(request))
    if found.chosen is not None:
        return None
    return _models(found, "talk-models") if request.chat.private else pointer(request, "model", {})


async def _meant(core: Core, request: Request, words: str) -> choosing.Choice:
    """The models that these words name; where it is one, that is chosen, and where it is none, the words are."""
    found = await choosing.choice(core, request.actor, place_of(request))
    meant = choosing.named(found.models, words)
    return choosing.Choice(meant, meant[0].name if len(meant) == 1 else words)


def _models(found: choosing.Choice, key: str, command: str = "model", argument: str = "name", /, **about: Any) -> Reply:
    """Models to choose from: a button runs the command with the name of its model."""
    shown = found.models[:MODELS_SHOWN]
    rows = [(Button(Say("plain", {"text": one.name}), command, {argument: one.name, **about}),) for one in shown]
    return Reply(key, {"model": found.chosen or ""}, items=[_model(one) for one in shown], buttons=rows)


def _model(one: Model) -> Say:
    if not (one.price_input or one.price_output or one.price_call):
        return Say("talk-model-free", {"model": one.name})
    facts = {"model": one.name, "input": amount_text(one.price_input), "output": amount_text(one.price_output)}
    return Say("talk-model", facts)


def _kept(request: Request, kept: turns.Kept, text: str = "") -> Reply:
    """The question is kept. What waits for another answer is said; else the answer alone is."""
    common: dict[str, Any] = {"turn": kept.turn_id, "replace": False, "private": False}
    if kept.before:
        return Reply("talk-waits", {"count": kept.before}, buttons=((STOP,),), **common)
    if text:
        return Reply("talk-asked", {"text": Prose(text)}, silent=True, **common)
    return Reply("talk-asked-again", silent=request.chat.private, **common)


def _enabled(settings: Settings) -> bool:
    return settings.talk.enabled


talking = partial(Command, role=Role.ANYONE, group="talk", offered=choosing.has_models, enabled=_enabled)
"""A command of talking with models: it stands where there is one and the configuration lets people talk."""

COMMANDS = (
    talking(
        "ask",
        handler=ask,
        arguments=(Argument("text", rest=True, prose=True, whole=True),),
        public=True,
        attaches=True,
        first=_about_a_file,
    ),
    talking(
        "new",
        handler=new,
        arguments=(Argument("title", required=False, rest=True, prose=True, high=conversations.LONGEST_TITLE),),
        public=True,
    ),
    talking("model", handler=model, arguments=(Argument("name", required=False, rest=True),)),
    talking(
        "again",
        handler=again,
        arguments=(
            Argument("model", required=False, rest=True),
            Argument("answer", "number", False, word=True),
            Argument("go_on", "flag", False),
            Argument("back", "flag", False),
        ),
        public=True,
    ),
    talking("stop", handler=stop, public=True),
)
