"""The part of the demo in which codes give credit: it is redeemed, spent on questions, stopped, and runs out."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING

from admin_cli import words
from core.actors import SYSTEM, Actor, Role
from core.calls import calls
from core.calls.orders import Answer, CallOrder, CallProgress, Deliver, Listener, unheard
from core.credit.report import wallet_of
from core.models.protocol import Text
from core.providers.http import HttpClient, HttpReply
from core.rules.money import amount_text

if TYPE_CHECKING:
    from admin_cli.commands.demo_talk import Talk

MODEL = "sandbox-english"
PERSON = Actor("terminal", "anna")
_numbers = itertools.count(1)


async def redeems(talk: Talk) -> None:
    """Anna writes a code that gives credit, and no address."""
    reply = await talk.say("anna", talk.stage.credit_codes[0])
    talk.expect(reply.key == "gift-credit", f"the credit was not given ({reply.key})")
    again = await talk.say("anna", talk.stage.credit_codes[0])
    talk.expect(again.key == "gift-before", f"the same code gave twice ({again.key})")


async def asks(talk: Talk) -> None:
    """A model answers, and what it used is paid."""
    answer = await _ask(talk, "What is a harbour for?", most=60)
    talk.expect(answer.finish == "whole" and bool(answer.text), f"no answer ({answer.reason})")
    talk.expect(0 < answer.charged <= answer.claimed, "the wrong amount was charged")


async def stops(talk: Talk) -> None:
    """Anna stops an answer: what was delivered is paid, the rest goes back."""
    stop = asyncio.Event()

    async def press(progress: CallProgress) -> None:
        if isinstance(progress, Text):
            stop.set()

    answer = await _ask(talk, "Tell me everything about harbours", most=300, deliver=press, stop=stop)
    talk.expect(answer.finish == "stopped", f"it was not stopped ({answer.finish})")
    talk.expect(answer.charged < answer.claimed, "the whole claim was charged")


async def regenerates(talk: Talk) -> None:
    """In the chat, where an answer can be had once more: both stay, and both were paid."""
    first = await talk.say("anna", "What is a tide?")
    talk.expect(first.key == "talk-answer", f"no answer ({first.key})")
    second = await talk.say("anna", "/again")
    talk.expect(second.key == "talk-answer", f"it was not answered again ({second.key})")
    labels = [button.label.key for row in second.buttons for button in row]
    talk.expect(len(labels) > len([button for row in first.buttons for button in row]), "the first answer is gone")


async def calls_by_key(talk: Talk) -> None:
    """A plan that has keys, a key, and a program that asks with it: the same wallet pays."""
    reply = await talk.say("olga", "/grant terminal:anna vip 1mo a prize", role=Role.OWNER)
    reply = await talk.confirm("olga", reply, role=Role.OWNER)
    made = await talk.say("anna", "/keys new laptop")
    talk.expect(made.key == "key-made", f"no key was made ({made.key})")
    before = (await wallet_of(talk.stage.core, SYSTEM, PERSON, lines=0)).credit
    url = f"{talk.stage.gateway}/chat/completions"
    body = {"model": MODEL, "max_tokens": 40, "messages": [{"role": "user", "content": "What is a key for?"}]}
    talk.tell(f"a program › POST {url} {json.dumps(body)}")
    async with HttpClient() as client:
        answer = await client.call(
            "POST", url, headers={"Authorization": f"Bearer {made.facts['key']}"}, json_body=body
        )
    talk.expect(isinstance(answer, HttpReply) and answer.ok, f"the gateway refused ({answer})")
    text = answer.json["choices"][0]["message"]["content"] if isinstance(answer, HttpReply) else ""
    talk.tell(f"    {text[:100]}")
    left = (await wallet_of(talk.stage.core, SYSTEM, PERSON, lines=0)).credit
    talk.expect(bool(text) and left < before, "the answer was not paid from the wallet")


async def runs_out(talk: Talk) -> None:
    """Credit that is not there is not spent."""
    for _ in range(50):
        answer = await _ask(talk, "And then?", most=300)
        if answer.reason == "not_enough_credit":
            break
    talk.expect(answer.reason == "not_enough_credit", "more was answered than was paid for")
    reply = await talk.say("anna", "/wallet")
    talk.expect(reply.key == "wallet", f"no wallet ({reply.key})")


async def _ask(
    talk: Talk, text: str, *, most: int, deliver: Deliver = unheard, stop: asyncio.Event | None = None
) -> Answer:
    talk.tell(f"anna asks {MODEL} › {text}")
    question = ({"role": "user", "content": text},)
    order = CallOrder(f"demo:ask:{next(_numbers)}", question, "terminal", model=MODEL, most_output=most)
    # As staff, in Anna's name: the demo asks faster than her plan lets people ask.
    answer = await calls.ask(talk.stage.core, SYSTEM, order, payer=PERSON, listener=Listener(deliver, stop))
    refused = "" if answer.reason is None else words.reason(answer.reason, answer.facts, talk.language)
    shown = answer.text or refused
    talk.tell(f"    {shown[:100]}{'…' if len(shown) > 100 else ''}")
    talk.tell(
        f"    {answer.finish or answer.state}, {amount_text(answer.charged)} of {amount_text(answer.claimed)} credit"
    )
    return answer
