"""`--request-key`: a command that is called again with its key is not done again, but tells what became of it."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from admin_cli import output, words
from admin_cli.output import CommandAnswer, CommandRefused, Rows, Shown
from admin_cli.session import actor, opened

if TYPE_CHECKING:
    from core.errors import Refusal
    from core.notices.named_requests import Earlier


async def once(key: str, arguments: Sequence[str], call: Callable[[], Any]) -> Any:
    """Call the command, or return what it answered when it was called with this key before.

    A refusal is an answer, too. Raises: CommandRefused, RequestKeyReused, SystemExit with the code of an earlier refusal,
    and what the command raises.
    """
    from core.errors import Refusal
    from core.notices import named_requests

    if not 1 <= len(key) <= named_requests.LONGEST:
        raise CommandRefused(
            "usage",
            words.said("--request-key needs 1 to {most} characters.", most=named_requests.LONGEST),
            output.USAGE,
        )
    content = shlex.join(arguments)
    async with opened() as core:
        earlier = await named_requests.begin(core, actor(), key, content)
    if earlier is not None:
        return _as_before(key, earlier)
    try:
        result = call()
        if inspect.iscoroutine(result):
            result = await result
    except (Refusal, CommandRefused) as refusal:
        await _keep(key, content, _refused(refusal))
        raise
    if isinstance(result, CommandAnswer):
        shown = [one if isinstance(one, str) else asdict(Rows(one.headers, list(one.rows))) for one in result.shown]
        await _keep(key, content, {"document": result.document, "shown": shown, "code": result.code})
        return CommandAnswer(result.document, _shown(shown), result.code)
    return result


def _shown(kept: Sequence[Any]) -> list[Shown]:
    return [one if isinstance(one, str) else Rows(**one) for one in kept]


def _as_before(key: str, earlier: Earlier) -> CommandAnswer:
    answer: Mapping[str, Any] | None = earlier.answer
    begun = output.moment(earlier.begun_at)
    if answer is None:
        raise CommandRefused(
            "interrupted",
            words.said(
                'The request {key} was begun at {begun} (UTC), and it is not known how it ended. It is not done again: see what was done with "usher audit", and ask for what is missing with another key.',
                key=key,
                begun=begun,
            ),
            output.UNAVAILABLE,
        )
    if "error" in answer:
        output.write_error(**answer["error"])
        raise SystemExit(answer["code"])
    shown = [words.said("Done at {begun} (UTC):", begun=begun), *_shown(answer["shown"])]
    return CommandAnswer({**answer["document"], "asked_before": begun}, shown, answer["code"])


def _refused(refusal: CommandRefused | Refusal) -> dict[str, Any]:
    if isinstance(refusal, CommandRefused):
        return {"error": {"key": refusal.key, "message": str(refusal), **refusal.facts}, "code": refusal.code}
    return {"error": words.refusal(refusal), "code": output.REFUSED}


async def _keep(key: str, content: str, answer: Mapping[str, Any]) -> None:
    from core.notices import named_requests

    async with opened() as core:
        await named_requests.finish(core, key, content, output.plain(answer))
