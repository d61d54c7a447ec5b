"""`usher demo`: everything at once, on nothing: a simulated upstream, a temporary database, and a chat."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from admin_cli.commands.demo_stage import Stage
from admin_cli.output import DONE, REFUSED, CommandAnswer, invocation
from core.languages import Language

if TYPE_CHECKING:
    from bots.gateway.app import Gateway
    from core.sandbox.server import Sandbox
    from core.service import Core

CONFIGURATION = """\
[vault]
active = "demo"
[vault.keys]
demo = "{key}"
[upstream]
private_hosts = ["127.0.0.1"]
[talk]
default_model = "{model}"
[gateway]
enabled = true
port = 0
[sweeps]
recovery = 1.0
[transfers]
interval = 1.0
[waitlist]
interval = 1.0
"""


async def demo(
    *,
    language: Annotated[Language | None, Parameter(help="The language of the chat.")] = None,
    script: Annotated[bool, Parameter(help="Play the scripted conversation, also in a terminal.", negative="")] = False,
) -> CommandAnswer | None:
    """Try everything without any account: two pools of simulated teams, codes, and a chat to redeem them in.

    Without a terminal a conversation is played, and the exit code is 0 only if every step did what it should.

    Example: usher demo
    """
    from admin_cli import words

    spoken = language or words.spoken()
    async with stage(spoken) as set_up:
        if script or invocation.get().json or not sys.stdin.isatty():
            from admin_cli.commands.demo_script import play

            played = await play(set_up, spoken, quiet=invocation.get().json)
            good = all(step.ok for step in played)
            steps = [{"step": step.name, "ok": step.ok, "said": step.said, "wrong": step.wrong} for step in played]
            done = sum(step.ok for step in played)
            said = words.said("{done} of {all} steps did what they should.", done=done, all=len(played))
            return CommandAnswer({"ok": good, "steps": steps}, [said], DONE if good else REFUSED)
        await _converse(set_up, spoken)
    return None


@asynccontextmanager
async def stage(language: str) -> AsyncIterator[Stage]:
    """Build everything, run the sweeps meanwhile, and take it down again. What is said without a chat is in `language`."""
    import asyncio

    from admin_cli import words
    from admin_cli.commands.demo_credit import MODEL
    from bots.gateway.app import Gateway
    from core.sandbox.server import Sandbox
    from core.service import open_core
    from core.settings import load_settings
    from core.storage.migrate import upgrade_database
    from core.sweeps.runner import run
    from core.vault import fresh_key

    for name in [name for name in os.environ if name.startswith("USHER_") and name != "USHER_LOG__LEVEL"]:
        del os.environ[name]  # the demo must not touch a real database, whatever this shell is set up for
    os.environ["USHER_LANGUAGE"] = language
    with tempfile.TemporaryDirectory(prefix="usher-demo-") as place:
        path = Path(place) / "config.toml"
        path.write_text(CONFIGURATION.format(key=fresh_key(), model=MODEL), encoding="utf-8")
        settings = load_settings(path)
        words.log_to_stderr(settings, lowest="error")
        await upgrade_database(settings.database.url)
        async with (
            Sandbox(workspaces=4, seats=4, latency_ms=80, model_accounts=2, tokens_per_second=400) as sandbox,
            open_core(settings) as core,
        ):
            stop = asyncio.Event()
            gateway = Gateway(core)
            async with asyncio.TaskGroup() as group:
                group.create_task(gateway.run(stop))
                made = await _furnish(core, sandbox, gateway)
                group.create_task(run(core, stop=stop, stop_within=1.0))
                try:
                    yield made
                finally:
                    stop.set()


async def _furnish(core: Core, sandbox: Sandbox, gateway: Gateway) -> Stage:
    """Two pools with their teams and codes."""
    import json

    from admin_cli.session import actor
    from core.codes import codes
    from core.teams import pools, teams

    me = actor()
    await pools.create_pool(core, me, "team", pools.NewPool(show_stock=True))
    await pools.create_pool(core, me, "trial", pools.NewPool(prefix="TRIAL", term="24h", show_stock=True))
    text = "\n".join(json.dumps(session) for session in sandbox.sessions("sandbox"))
    *large, small = await teams.preview_teams(core, me, text, provider="sandbox")
    await teams.import_teams(core, me, large, pool="team")
    await teams.import_teams(core, me, [replace(small, name="Trial room", capacity=1)], pool="trial")
    _, team_codes = await codes.generate_list(core, me, codes.BatchPlan(count=6, pool="team", label="demo"))
    # One more code than there are seats: somebody will stand on the waiting list.
    plan = codes.BatchPlan(count=2, pool="trial", temporary=True, label="trial", override=True)
    _, trial_codes = await codes.generate_list(core, me, plan)
    credit_codes = await _furnish_models(core, sandbox)
    return Stage(core, sandbox, team_codes, trial_codes, credit_codes, f"http://127.0.0.1:{gateway.port}/v1")


async def _furnish_models(core: Core, sandbox: Sandbox) -> list[str]:
    """A model with its accounts, and codes that give credit for it."""
    import json

    from admin_cli.commands.demo_credit import MODEL
    from admin_cli.session import actor
    from core.codes import codes
    from core.rules.gifts import read_giving
    from core.sources import models, sources

    me = actor()
    await models.add_model(
        core, me, MODEL, models.NewModel(price_input=1_000_000, price_output=2_000_000, context=32_000)
    )
    accounts = sandbox.models.house.source_lines(f"http://{sandbox.host}:{sandbox.port}/v1")
    lines = [json.dumps({**account, "models": [MODEL]}) for account in accounts]
    await sources.import_sources(core, me, lines, apply=True)
    plan = codes.BatchPlan(count=2, pool="team", label="credit", giving=read_giving("credit:0.003"))
    return (await codes.generate_list(core, me, plan))[1]


def _introduction(set_up: Stage) -> list[str]:
    from admin_cli.words import said

    root = set_up.sandbox.root
    return [
        "",
        said("Usher, with a simulated upstream: nothing leaves this machine and nothing stays on it."),
        said("The sandbox listens on {root}; its ledger is at {root}/_sandbox/ledger.", root=root),
        "",
        said("Codes for the pool team:   {codes}", codes="  ".join(set_up.team_codes[:3])),
        said("Codes that give credit:    {codes}", codes="  ".join(set_up.credit_codes)),
        said("Codes for the pool trial:  {codes}   (one seat, two codes)", codes="  ".join(set_up.trial_codes)),
        "",
        said("Try:  {example}", example=f"anna@example.com {set_up.team_codes[0]}"),
        said("      {commands}          Ctrl+D ends it.", commands="/myseat   /stock   /stats   /teams   /help"),
        "",
    ]


async def _converse(set_up: Stage, language: str) -> None:
    from bots.terminal_chat.app import chat
    from core.actors import Role

    for line in _introduction(set_up):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    await _talk(chat, set_up.core, Role.OWNER, language)


async def _talk(chat: Any, core: Core, role: Any, language: str) -> None:
    await chat(core, role=role, language=language)
