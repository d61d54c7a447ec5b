"""Sends what waits in the outbox, whatever the platform: in order per chat, at least once, by any process.

A notice is claimed, sent, and noted as sent, each in a step of its own. A process that is killed between the last
two repeats the one message of each chat that it was just sending, which Discord knows for the same one for some
minutes; nothing is ever lost.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from bots.commands.buttons import store_buttons
from bots.commands.member.answered import pushed
from bots.commands.staff import alerts as staff_alerts
from bots.commands.staff import announce as staff_announce
from bots.commands.staff import jobs as staff_jobs
from bots.commands.staff import reports as staff_reports
from bots.commands.staff import statistics as staff_statistics
from bots.messages.rendering import has_words
from bots.messages.reply import Reply, Say
from bots.outgoing.hooks import HookChannel
from bots.outgoing.posting import Channel, NotNow, Post, Unreachable
from core import outbox, telemetry
from core.alerts import alerts
from core.crashpoints import crashpoint
from core.errors import UsherError
from core.heartbeat import heartbeat
from core.languages import FALLBACK
from core.notices import deliveries, panels
from core.notices.deliveries import Due
from core.notices.events import hook_of
from core.talk import answers, turns

if TYPE_CHECKING:
    from core.service import Core

log = structlog.get_logger(__name__)

TOGETHER = 20
"""Messages of one platform under way at once, each to another chat; a kill repeats no more than these."""
EACH = 4
"""Events under way at once to one address of another system, or a few more: one that hangs leaves room for the others."""
SEND_WITHIN = 90.0
"""Seconds that one message may take, all pauses of the platform included."""
STOP_WITHIN = 5.0
"""Seconds that messages under way get when the process is asked to stop."""


class NoWords(Exception):
    """The notice's template has no text in any language."""


class Delivery:
    """Sends by the given channels, and by mail and operator channels as the settings say."""

    def __init__(self, core: Core, channels: Mapping[str, Channel]) -> None:
        self._core = core
        self._channels = {**plain_channels(core), **channels}
        self._wakes = {name: asyncio.Event() for name in self._channels}

    def wake(self) -> None:
        """Something that somebody waits for is due: look now."""
        for wake in self._wakes.values():
            wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send what is due until `stop` is set; ends within ten seconds.

        A platform that is away or slow delays no other, and one bad notice stops none but its own chat's.
        """
        async with asyncio.TaskGroup() as group:
            for name, channel in self._channels.items():
                serving = _serve(self._core, name, channel, stop, self._wakes[name])
                group.create_task(serving, name=f"delivery {name}")

    async def run_once(self) -> int:
        """Send what is due now, and return how many notices that were."""
        count = 0
        while True:
            claimed = await self._core.write(
                deliveries.claim_due, list(self._channels), self._core.now(), most=TOGETHER
            )
            if not claimed:
                return count
            count += len(claimed)
            async with asyncio.TaskGroup() as group:
                for due in claimed:
                    group.create_task(_deliver(self._core, self._channels[due.channel], due))


def plain_channels(core: Core) -> dict[str, Channel]:
    """The ways out that are no chat: mail, where it is set up, operator channels, and other systems."""
    from bots.outgoing.operator_channels import AppriseChannels

    ways: dict[str, Channel] = {alerts.OPERATORS: AppriseChannels(core.settings), outbox.HOOK: HookChannel(core)}
    if core.settings.mail.host:
        from bots.outgoing.mail import MailChannel

        ways["mail"] = MailChannel(core)
    return ways


async def _serve(core: Core, name: str, channel: Channel, stop: asyncio.Event, wake: asyncio.Event) -> None:
    running: dict[asyncio.Task[None], Due] = {}
    async with asyncio.TaskGroup() as group:
        stopped = group.create_task(stop.wait())
        woken = group.create_task(wake.wait())
        while not stop.is_set():
            if woken.done():
                wake.clear()
                woken = group.create_task(wake.wait())
            for due in await _claimed(core, name, list(running.values())):
                running[group.create_task(_deliver(core, channel, due))] = due
            waits = {stopped, woken, *running}
            await asyncio.wait(waits, timeout=core.settings.sweeps.outbox, return_when=asyncio.FIRST_COMPLETED)
            running = {task: due for task, due in running.items() if not task.done()}
        woken.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_WITHIN)
        for task in running:
            # Whether it has gone out is not known: its claim runs out, and another process sends it.
            task.cancel()


async def _claimed(core: Core, name: str, running: Sequence[Due]) -> list[Due]:
    """What may be sent beside what is running."""
    claimed: list[Due] = []
    room = TOGETHER - len(running)
    at_once = EACH if name == outbox.HOOK else TOGETHER
    try:
        if room <= 0 or not await core.read(deliveries.is_due, name, core.now()):
            return []
        while len(claimed) < room:
            full = _busy([*running, *claimed]) if name == outbox.HOOK else []
            most = min(at_once, room - len(claimed))
            found = await core.write(deliveries.claim_due, [name], core.now(), most=most, without=full)
            claimed += found
            if len(found) < most or name != outbox.HOOK:
                break
    except UsherError as error:
        log.warning("delivery_waits_for_the_database", channel=name, error=error.key)
    return claimed


def _busy(running: Sequence[Due]) -> list[str]:
    """How the recipients begin that are addresses of other systems with enough under way."""
    to = Counter(f"{hook_of(due)}/" for due in running)
    return [begins for begins, number in to.items() if number >= EACH]


async def _deliver(core: Core, channel: Channel, due: Due) -> None:
    """Send one claimed notice and write down what became of it; never raises."""
    try:
        every = deliveries.LEASE.total_seconds() / 3
        async with heartbeat(every, lambda: core.write(deliveries.renew, due, core.now())):
            outcome = await _send(core, channel, due)
    except Exception:
        # The claim runs out and the notice is tried again.
        log.exception("notice_not_settled", notice=due.id, channel=due.channel)
        outcome = "failed"
    telemetry.count("usher_notices", channel=due.channel, outcome=outcome)


async def _send(core: Core, channel: Channel, due: Due) -> str:
    if isinstance(channel, HookChannel):
        return await channel.send(due)
    if due.dead_end:
        await core.write(deliveries.note_unreachable, due, core.now())
        return "unreachable"
    if due.channel == alerts.OPERATORS and due.recipient == alerts.OPERATORS:
        from bots.outgoing.operator_channels import places

        wanted = places(core.settings, str(due.facts.get("level", "critical")))
        await core.write(deliveries.spread, due, list(wanted), core.now())
        return "spread"
    try:
        reply = await _words(core, due)
        if reply is None:
            await _settle(core, due, None, None)
            return "not_needed"
        reply = replace(reply, timezone=due.timezone, unit=core.settings.money.unit)
        reply = await store_buttons(core, f"{due.channel}:{due.recipient}", reply)
        language = due.language or core.settings.language
        async with asyncio.timeout(SEND_WITHIN):
            post = Post(
                due.recipient,
                reply,
                due.template,
                due.facts,
                language,
                edit=due.edits,
                skip=int(due.facts.get(deliveries.SENT, 0)),
                key=f"notice-{due.id}",
            )
            ref = await channel.post(post)
    except Unreachable:
        await core.write(deliveries.note_unreachable, due, core.now())
        return "unreachable"
    except NotNow as later:
        await core.write(deliveries.note_not_now, due, later.seconds, core.now(), sent=later.sent)
        return "later"
    except Exception as fault:
        log.exception("notice_failed", notice=due.id, channel=due.channel, template=due.template, tries=due.tries)
        final = isinstance(fault, NoWords)
        dead = await core.write(deliveries.note_failed, due, type(fault).__name__, core.now(), final=final)
        return "dead" if dead else "failed"
    await _settle(core, due, reply, ref)
    return "sent"


async def _settle(core: Core, due: Due, reply: Reply | None, ref: str | None) -> None:
    """Write down that a notice stands as message `ref`, or that nothing had to be said."""
    if due.template == panels.TEMPLATE:
        shown = staff_statistics.mark(reply) if reply is not None else due.facts["shown"]
        await core.write(deliveries.note_again, due, ref, shown, core.now())
        return
    if due.template == turns.ANSWER and ref is not None:
        crashpoint("A1")
        chat, _, number = ref.rpartition(":")
        await answers.note_shown(core, int(due.facts["turn"]), due.channel, chat.partition("/")[0], number)
    await core.write(deliveries.note_sent, due, ref, core.now())


async def _words(core: Core, due: Due) -> Reply | None:
    """What the notice says, as things stand now; None where there is nothing to say any more."""
    if due.template == "alert":
        return await staff_alerts.pushed(core, int(due.facts["alert"]), edit=due.edits is not None)
    if due.template == "job":
        return await staff_jobs.pushed(core, int(due.facts["job"]))
    if due.template == panels.TEMPLATE:
        return await staff_statistics.pushed(core, due.facts)
    if due.template == "report":
        return await staff_reports.pushed(core, due.facts, due.language or core.settings.language, due.timezone)
    if due.template == "announcement":
        return staff_announce.pushed(due.facts)
    if due.template == turns.ANSWER:
        return await pushed(core, int(due.facts["turn"]))
    key = f"{'mail' if due.channel == 'mail' else 'notice'}-{due.template}"
    if not has_words(key, FALLBACK):
        raise NoWords(key)
    return replace(Reply(key, {name: _fact(name, value) for name, value in due.facts.items()}), private=True)


def _fact(name: str, value: Any) -> Any:
    """A fact as it is shown: a reason in the reader's words."""
    if name == "reason" and isinstance(value, str):
        return Say(f"reason-{value}")
    return value
