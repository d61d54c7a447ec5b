"""The conversation that `usher demo` plays where nobody types: each step says what must be true after it."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from admin_cli.commands import demo_credit
from admin_cli.commands.demo_talk import Talk, Unexpected, expect
from core.actors import Role

if TYPE_CHECKING:
    from admin_cli.commands.demo_stage import Stage

PLATFORM = "terminal"


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene."""

    name: str
    plays: Callable[[Talk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a step; `wrong` is None when it did what it should."""

    name: str
    said: list[str]
    wrong: str | None

    @property
    def ok(self) -> bool:
        return self.wrong is None


SceneCheck: TypeAlias = Callable[[Talk], Awaitable[None]]


async def play(stage: Stage, language: str, *, quiet: bool = False) -> list[Played]:
    """Play every step in order, whatever became of the ones before."""
    talk = Talk(stage, language, quiet)
    played = []
    for step in STEPS:
        talk.said = []
        if not quiet:
            sys.stdout.write(f"\n── {step.name}\n")
        wrong = None
        try:
            await step.plays(talk)
        except Unexpected as unexpected:
            wrong = str(unexpected)
            if not quiet:
                sys.stdout.write(f"    ✗ {wrong}\n")
        played.append(Played(step.name, talk.said, wrong))
    return played


def _invites(talk: Talk, address: str) -> list[str]:
    """The workspaces that the upstream was asked to invite `address` to, one entry per call."""
    return [call["workspace"] for call in talk.stage.sandbox.ledger()["invites"] if call["email"].lower() == address]


async def _redeem(talk: Talk) -> None:
    reply = await talk.say("anna", f"anna@example.com {talk.stage.team_codes[0]}")
    expect(reply.state == "ok", f"the code was not redeemed ({reply.key})")
    expect(len(_invites(talk, "anna@example.com")) == 1, "the upstream did not get exactly one invite")


async def _repeat(talk: Talk) -> None:
    reply = await talk.say("anna", f"anna@example.com {talk.stage.team_codes[0]}")
    expect(reply.state == "ok", f"the repeat was not answered like the first time ({reply.key})")
    expect(len(_invites(talk, "anna@example.com")) == 1, "the repeat caused a second invite")


async def _used_code(talk: Talk) -> None:
    reply = await talk.say("ben", f"ben@example.com {talk.stage.team_codes[0]}")
    expect(reply.state == "refused", "a used code was accepted from somebody else")
    expect(not _invites(talk, "ben@example.com"), "the upstream was asked nevertheless")


async def _wrong_code(talk: Talk) -> None:
    code = talk.stage.team_codes[1]
    typo = code[:-1] + ("0" if code[-1] != "0" else "1")
    reply = await talk.say("ben", f"ben@example.com {typo}")
    expect(reply.state == "refused", "a mistyped code was accepted")
    expect(not _invites(talk, "ben@example.com"), "the upstream was asked nevertheless")


async def _verify(talk: Talk) -> None:
    reply = await talk.say("ben", f"/verify {talk.stage.team_codes[1]}")
    expect(reply.state == "ok", f"a good code was not called good ({reply.key})")


async def _no_seats(talk: Talk) -> None:
    first = await talk.say("cleo", f"cleo@example.com {talk.stage.trial_codes[0]}")
    expect(first.state == "ok", f"the last trial seat was not given ({first.key})")
    second = await talk.say("dan", f"dan@example.com {talk.stage.trial_codes[1]}")
    expect(second.state == "refused", "more people than seats")
    expect(not _invites(talk, "dan@example.com"), "the upstream was asked nevertheless")
    joining = next((one for row in second.buttons for one in row if one.command == "waitlist"), None)
    expect(joining is not None, "the waiting list was not offered")
    if joining is not None:
        joined = await talk.press("dan", joining)
        expect(joined.state == "ok", f"the waiting list was not joined ({joined.key})")
    checked = await talk.say("dan", f"/verify {talk.stage.trial_codes[1]}")
    expect(checked.state == "ok", "the code was used although there was no seat")


async def _my_seat(talk: Talk) -> None:
    talk.stage.sandbox.accept("anna@example.com")
    reply = await talk.say("anna", "/myseat")
    expect(reply.state == "ok" and len(reply.items) == 1, f"Anna's seat was not shown ({reply.key})")


async def _stats(talk: Talk) -> None:
    reply = await talk.say("olga", "/stats", role=Role.OWNER)
    expect(reply.state == "ok", f"no statistics ({reply.key})")
    denied = await talk.say("ben", "/stats")
    expect(denied.state == "refused", "a stranger saw the statistics")


async def _forced_transfer(talk: Talk) -> None:
    before = _invites(talk, "anna@example.com")
    asked = await talk.say("olga", "/transfer anna@example.com force", role=Role.OWNER)
    reply = await talk.confirm("olga", asked, role=Role.OWNER)
    expect(reply.state in {"ok", "working"}, f"the transfer was not begun ({reply.key})")
    after = await _until(talk, lambda: len(_invites(talk, "anna@example.com")) > len(before))
    expect(after, "nobody was invited to another team")
    places = _invites(talk, "anna@example.com")
    expect(len(places) == len(before) + 1 and places[-1] not in before, f"the wrong invites: {places}")


async def _alert(talk: Talk) -> None:
    await talk.say("olga", "/check", role=Role.OWNER)
    reply = await talk.say("olga", "/alerts", role=Role.OWNER)
    expect(reply.state == "ok" and reply.items, "a full pool raised no alert")


async def _doctor(talk: Talk) -> None:
    from core.actors import SYSTEM
    from core.reports.doctor import examine

    found = await examine(talk.stage.core, SYSTEM)
    broken = [one.name for one in found if one.breaches]
    talk.tell(f"    {len(found)} promises checked, {len(found) - len(broken)} kept.")
    expect(not broken, f"broken promises: {', '.join(broken)}")


async def _until(talk: Talk, true: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait for the sweeps to do their part."""
    import asyncio

    until = talk.stage.core.clock.now().timestamp() + seconds
    while not true():
        if talk.stage.core.clock.now().timestamp() > until:
            return False
        await asyncio.sleep(0.1)
    return True


STEPS = (
    Scene("Anna redeems a code", _redeem),
    Scene("Anna sends the same message again: nothing is used twice", _repeat),
    Scene("Ben tries Anna's code", _used_code),
    Scene("Ben mistypes a code", _wrong_code),
    Scene("Ben asks what a code is good for", _verify),
    Scene("Two people, one seat: the second keeps the code and waits", _no_seats),
    Scene("Anna looks at her seat", _my_seat),
    Scene("Olga, the owner, looks at the figures; Ben may not", _stats),
    Scene("Olga moves Anna to another team at once", _forced_transfer),
    Scene("A full pool is an alert", _alert),
    Scene("Anna redeems a code that gives credit", demo_credit.redeems),
    Scene("Anna asks a model", demo_credit.asks),
    Scene("Anna stops an answer: she pays what came of it", demo_credit.stops),
    Scene("Anna asks in the chat, and has it answered again", demo_credit.regenerates),
    Scene("Anna makes a key, and a program asks with it", demo_credit.calls_by_key),
    Scene("Her credit runs out, and not below zero", demo_credit.runs_out),
    Scene("The doctor checks every promise", _doctor),
)
