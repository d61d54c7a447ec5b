"""`usher run` and `usher sandbox`: what serves until it is stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import structlog
from cyclopts import Parameter

from admin_cli import words
from admin_cli.output import USAGE, CommandRefused
from admin_cli.session import loaded, settings
from core.errors import Misconfigured

if TYPE_CHECKING:
    from core.service import Core

SETTINGS_FRESH = 2.0
"""Seconds between two looks at what staff have set by command."""
STOP_WITHIN = 9.0
"""Seconds from SIGTERM to the end; whatever is not finished by then is taken over by another process."""


def run(
    *,
    only: Annotated[
        Literal["telegram", "discord", "gateway", "worker"] | None, Parameter(help="Serve only this part.")
    ] = None,
) -> None:
    """Serve what the configuration enables: bots, sweeps and messages, until SIGTERM or Ctrl+C.

    Several processes may run on one PostgreSQL database. Stopping takes at most ten seconds and loses nothing. SIGHUP
    opens the log anew and takes over changed limits, lists and intervals; the rest waits for the next start.

    Example: usher run --only worker
    """
    chosen = settings()
    if only in {"telegram", "discord"} and getattr(chosen, only).token is None:
        raise Misconfigured(faults=[words.said("{name} is not set: there is nothing to serve", name=f"{only}.token")])
    if only == "gateway" and not chosen.gateway.enabled:
        raise Misconfigured(faults=[words.said("{name} is not set: there is nothing to serve", name="gateway.enabled")])
    words.log_to_stderr(chosen, lowest="debug")
    from core.service import open_core

    async def serve() -> None:
        async with open_core(chosen) as core:
            await _serve(core, only)

    _loop(serve())


def sandbox(
    *,
    host: Annotated[str, Parameter(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="0 takes a free one, which the ready line tells.")] = 8090,
    workspaces: Annotated[int, Parameter(help="How many workspaces it has.")] = 50,
    seats: Annotated[int, Parameter(help="Seats of each workspace.")] = 4,
    latency_ms: Annotated[float, Parameter(help="How long an answer takes, in milliseconds.")] = 50.0,
    fault: Annotated[tuple[str, ...], Parameter(help="NAME, NAME=COUNT or NAME=0.1; may be repeated.")] = (),
    seed: Annotated[int, Parameter(help="Everything drawn by probability follows it.")] = 1,
    sessions: Annotated[Path | None, Parameter(help="Write each workspace's credential here, one a line.")] = None,
    provider: Annotated[str, Parameter(help="Whose credentials to write: chatgpt, openai_admin or scim.")] = "chatgpt",
    models: Annotated[bool, Parameter(help="Serve models as well, below /v1.", negative="")] = False,
    accounts: Annotated[int, Parameter(help="Accounts that have models.")] = 3,
    tokens_per_second: Annotated[float, Parameter(help="How fast a model speaks; 0 is as fast as it goes.")] = 100.0,
    sources: Annotated[Path | None, Parameter(help="Write each account's source here, one a line.")] = None,
) -> None:
    """Serve a simulated upstream that speaks every supported protocol and commits every fault on demand.

    Example: usher sandbox --port 8090 --workspaces 5 --seats 4 --fault 429=3 --sessions sessions.jsonl
    Example: usher sandbox --models --accounts 2 --tokens-per-second 20 --fault cut=5*1 --sources sources.jsonl
    """
    from core.sandbox.faults import FaultUnknown
    from core.sandbox.server import Sandbox, serve

    try:
        _loop(
            serve(
                Sandbox(
                    workspaces,
                    seats,
                    latency_ms,
                    fault,
                    seed,
                    host,
                    port,
                    model_accounts=accounts if models or sources is not None else 0,
                    tokens_per_second=tokens_per_second,
                ),
                sessions_file=sessions,
                provider=provider,
                sources_file=sources,
            )
        )
    except FaultUnknown as unknown:
        raise CommandRefused("fault_unknown", f"{unknown}.", USAGE) from unknown
    except OSError as taken:
        raise CommandRefused(
            "port_taken",
            words.said(
                "{host}:{port} cannot be listened on ({why}); choose another with --port.",
                host=host,
                port=port,
                why=taken,
            ),
            3,
        ) from taken


def _reload(core: Core) -> None:
    """On SIGHUP: open the log anew and take over what a running process can. A faulty file changes nothing."""
    log = structlog.get_logger("admin_cli")
    try:
        fresh = settings()
        words.log_to_stderr(fresh, lowest="debug")
        taken, waiting = core.take_over(fresh)
    except Misconfigured as wrong:
        log.error("settings_not_taken_over", faults=wrong.facts["faults"])  # noqa: TRY400 - expected, and no traceback
    else:
        log.info("settings_taken_over", sections=taken, wait_for_the_next_start=waiting)


async def _serve(core: Core, only: str | None) -> None:
    """Run the parts side by side; the end of one, by failure or by itself, is the end of all."""
    from bots.app import serve as serve_bots
    from core.sweeps.runner import run as sweep

    loaded()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reload, core)
    async with asyncio.TaskGroup() as group:
        bots = serve_bots(core, only=only, stop=stop, say=_say)
        parts = [group.create_task(bots, name="bots")]
        if only in {None, "worker"}:
            parts.append(group.create_task(sweep(core, stop=stop), name="sweeps"))
        keeping_up = group.create_task(_keep_up(core), name="settings")
        stopping = group.create_task(stop.wait())
        await asyncio.wait([*parts, stopping], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        keeping_up.cancel()
        _, late = await asyncio.wait(parts, timeout=STOP_WITHIN - 1)
        for part in late:
            part.cancel()
        if late:
            _, hanging = await asyncio.wait(late, timeout=1)
            if hanging:
                # Nothing is lost: every claim of this process runs out and is taken over.
                os._exit(0)


async def _keep_up(core: Core) -> None:
    """Go by what is set by command in any process, for as long as this one runs."""
    while True:
        await asyncio.sleep(SETTINGS_FRESH)
        try:
            await core.refresh_settings()
        except Exception as error:  # noqa: BLE001 - a database that is away is others' alarm; the next look will do
            structlog.get_logger("admin_cli").info("settings_not_read", error=type(error).__name__)


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def _loop(work: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)
