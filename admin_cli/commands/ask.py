"""`usher ask`: a question to a model, answered as it comes."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import DONE, REFUSED, UNAVAILABLE, CommandAnswer, CommandRefused, invocation, printable
from admin_cli.session import actor, opened, read_text
from core.rules.empty_text import says_nothing

if TYPE_CHECKING:
    from core.calls.orders import Answer, Deliver

NOBODY = frozenset({"no_source", "all_busy", "upstream_failed"})
"""Reasons that are no refusal: nobody could answer just now."""


async def ask(
    *text: Annotated[str, Parameter(help="The question; - reads standard input.")],
    model: Annotated[str | None, Parameter(name=["--model", "-m"], help="Which model; else the usual one.")] = None,
    as_: Annotated[str | None, Parameter(name="--as", help="Who pays, such as telegram:42; else this account.")] = None,
    system: Annotated[str | None, Parameter(help="Instructions that stand before the question.")] = None,
    most: Annotated[int | None, Parameter(help="Most tokens of the answer.")] = None,
    request_key: Annotated[
        str | None, Parameter(help="Repeating a request with its key returns its answer and charges nothing.")
    ] = None,
    wait: Annotated[float | None, Parameter(help="Seconds to wait for a free account.")] = None,
) -> CommandAnswer:
    """Ask a model, and show its answer as it comes; what it cost is told on standard error.

    Ctrl+C stops the answer: what was delivered is paid. Refused is exit code 1 (not enough credit, no such model),
    nobody there to answer exit code 3; nothing was charged then.

    Example: usher ask -m small "What is a lease?"
    """
    question = " ".join(read_text(Path("-")) if one == "-" else one for one in text).strip()
    if says_nothing(question):
        raise CommandRefused("usage", words.said("What do you want to ask?"), 2)
    from core.calls import calls
    from core.calls.orders import CallOrder, Listener
    from core.credit.grants import read_identity
    from core.errors import BadNumber
    from core.sources.models import MOST_TOKENS

    if most is not None and not 1 <= most <= MOST_TOKENS:
        raise BadNumber(name="most", low=1, high=MOST_TOKENS)
    messages = [{"role": "system", "content": system}] if system else []
    order = CallOrder(
        request_key=f"ask:{request_key}" if request_key else f"cli:{secrets.token_hex(16)}",
        messages=[*messages, {"role": "user", "content": question}],
        via="cli",
        model=model,
        most_output=most,
        wait=wait,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened() as core:
        payer = read_identity(as_) if as_ else actor()
        deliver, shown = _showing(live=not invocation.get().json)
        answer = await calls.ask(core, actor(), order, payer=payer, listener=Listener(deliver, stop))
        unit = words.unit(core.settings)
    return CommandAnswer(document(answer), [] if invocation.get().json else _said(answer, shown, unit), _code(answer))


def document(answer: Answer) -> dict[str, Any]:
    """An answer for scripts; amounts are decimals."""
    from core.rules.money import amount_text

    step = None if answer.reason is None else words.next_step(answer.reason, answer.facts)
    return {
        "answer": answer.text,
        "state": answer.state,
        "finish": answer.finish,
        "reason": answer.reason,
        "model": answer.model,
        "source": answer.source,
        "claimed": amount_text(answer.claimed),
        "charged": amount_text(answer.charged),
        "estimated": answer.estimated,
        "shortened": answer.shortened,
        "tokens": dict(answer.tokens),
        "call": answer.call_id,
        "repeated": answer.repeated,
        **({"facts": dict(answer.facts)} if answer.facts else {}),
        **({"next": step} if step else {}),
    }


def _code(answer: Answer) -> int:
    if answer.state == "refused":
        return UNAVAILABLE if answer.reason in NOBODY else REFUSED
    if answer.state != "settled":
        return UNAVAILABLE
    if answer.finish == "refused":
        return REFUSED
    return UNAVAILABLE if answer.finish in {"failed", "killed"} and not answer.text else DONE


def _showing(*, live: bool) -> tuple[Deliver, list[str]]:
    """Write the pieces of an answer as they come; the second part is what has been written."""
    from core.calls.orders import CallProgress, Gone, OpenedCall, Waiting
    from core.models.protocol import Text

    shown: list[str] = []

    async def deliver(progress: CallProgress) -> None:
        if not live:
            return
        if isinstance(progress, Waiting):
            sys.stderr.write(
                words.said("Waiting for a free account, {before} before you.", before=progress.before) + "\n"
            )
        elif isinstance(progress, OpenedCall) and progress.shortened:
            most = words.said(
                "Your credit, or the limit for today, is enough for {most} tokens: a longer answer ends there.",
                most=progress.most_output,
            )
            sys.stderr.write(most + "\n")
        elif isinstance(progress, Text):
            shown.append(progress.text)
            try:
                sys.stdout.write(printable(progress.text))
                sys.stdout.flush()
            except BrokenPipeError:
                raise Gone from None

    return deliver, shown


def _said(answer: Answer, shown: list[str], unit: str) -> list[str]:
    from core.rules.money import amount_text

    text = answer.text or ""
    rest = [] if shown or not text else [text]
    if shown:
        sys.stdout.write("\n")
        sys.stdout.flush()
    if answer.reason is not None and not text:
        step = words.next_step(answer.reason, answer.facts)
        said = [words.reason(answer.reason, answer.facts), *([step] if step else [])]
        sys.stderr.write("".join(f"{printable(one)}\n" for one in said))
        return rest
    about = "≈ " if answer.estimated else ""
    ended = (
        "" if answer.finish in {None, "whole"} else f", {words.value('ended', str(answer.finish)).replace('_', ' ')}"
    )
    cost = words.said(
        "{about}{amount} {unit}, {model} by {source}{ended}",
        about=about, amount=amount_text(answer.charged), unit=unit, model=answer.model, source=answer.source, ended=ended,
    )  # fmt: skip
    sys.stderr.write(cost + "\n")
    return rest
