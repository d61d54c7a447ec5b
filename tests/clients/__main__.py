"""Other people's clients and a real browser against a started Usher: `make clients`.

Installs what the registries have, names what the machine has to have, and never passes over anything: what is
missing is said, and the run has failed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.clients.stage import MODEL, Stage, open_stage

HERE = Path(__file__).parent
PLACE = Path(sys.prefix) / "clients"
"""Where node's packages and litellm go; `make clean` forgets them."""
LITELLM = "litellm==1.110.2"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NODE = 20
"""The oldest node that all of the packages run on."""
KEYS = "litellm: makes keys for people"
WITHIN = 300.0
"""Seconds that one check may take."""


@dataclass(frozen=True)
class Check:
    """One program with what it is to look at; `fault` is what the simulated models do meanwhile.

    With `refused` it asks `at_once` times together through a relay, with a plan or accounts that allow fewer; what the
    relay saw is looked at as well.
    """

    name: str
    command: tuple[str, ...]
    fault: str | None = None
    refused: int | None = None
    at_once: int = 0


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run everything. 0: all is well; 1: something is wrong; 2: this machine lacks something."""
    lacking = list(missing())
    for line in lacking:
        say(f"missing: {line}")
    if lacking:
        say("Nothing was run.")
        return 2
    install()
    return asyncio.run(run())


def missing() -> Iterator[str]:
    """What has to be on the machine, and is not, with how Debian calls it."""
    node = shutil.which("node")
    if node is None:
        yield f"node, version {NODE} or newer (apt-get install nodejs)"
    else:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if int(said.strip().lstrip("v").partition(".")[0]) < NODE:
            yield f"node, version {NODE} or newer: this is {said.strip()}"
    if shutil.which("npm") is None:
        yield "npm (apt-get install npm)"
    if browser() is None:
        yield f"a browser, one of {', '.join(BROWSERS)} (apt-get install chromium)"


def browser() -> str | None:
    """The browser that is driven."""
    return next((found for name in BROWSERS if (found := shutil.which(name)) is not None), None)


def install() -> None:
    """Bring the packages in, in the versions that stand in the lock beside this; once."""
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = PLACE / f".{hashlib.sha256(lock + LITELLM.encode()).hexdigest()[:16]}"
    PLACE.mkdir(exist_ok=True)
    for path in (*HERE.glob("*.mjs"), *HERE.glob("*.json"), *HERE.glob("litellm_*.py")):
        shutil.copy(path, PLACE)
    if stamp.exists():
        return
    say("Installing the clients (once, a few minutes) …")
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=PLACE, check=True)
    subprocess.run([sys.executable, "-m", "venv", str(PLACE / "litellm")], check=True)
    pip = [str(PLACE / "litellm" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, LITELLM], check=True)
    stamp.touch()


def checks() -> list[Check]:
    """What is looked at, one after the other."""
    node, python = "node", str(PLACE / "litellm" / "bin" / "python")
    openai = [
        ("plain", None),
        ("helper", None),
        ("tools", "tool-call"),
        ("stop", None),
        ("broken", "cut=3"),
        ("errors", None),
    ]
    sdk = [("plain", None), ("tools", "tool-call"), ("broken", "cut=3"), ("errors", None)]
    llm = [("plain", None), ("tools", "tool-call"), ("errors", None)]
    refusing: list[tuple[int, str | None, int]] = [(429, "slow-first=500", 6), (503, "slow-first=2000", 3)]
    patient = [
        Check(f"{name}: comes again after {status}", (node, script, "retries"), fault, status, at_once)
        for name, script in (("openai (npm)", "openai.mjs"), ("@ai-sdk/openai-compatible", "ai_sdk.mjs"))
        for status, fault, at_once in refusing
    ]
    return [
        *patient,
        *(Check(f"openai (npm): {what}", (node, "openai.mjs", what), fault) for what, fault in openai),
        *(Check(f"@ai-sdk/openai-compatible: {what}", (node, "ai_sdk.mjs", what), fault) for what, fault in sdk),
        *(Check(f"litellm: {what}", (python, "litellm_client.py", what), fault) for what, fault in llm),
        Check("redeem page: browser, keyboard, axe", (node, "page.mjs")),
    ]


async def run() -> int:
    """Start an Usher and let each client at it."""
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_stage(f"sqlite+aiosqlite:///{folder}/usher.db") as stage:
            given = {
                **os.environ,
                "BASE": stage.base,
                "KEY": stage.key,
                "MODEL": MODEL,
                "CODES": " ".join(stage.codes),
                "BROWSER": browser() or "",
                "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            }
            for check in checks():
                said = await (_refused(stage, check, given) if check.refused else _one(stage, check, given))
                say(f"{'ok' if said is None else 'FAILED'}  {check.name}")
                if said is not None:
                    say(said)
                    failed.append(check.name)
            said = await _keys(stage)
            say(f"{'ok' if said is None else 'FAILED'}  {KEYS}")
            if said is not None:
                say(said)
                failed.append(KEYS)
            broken = await stage.breaches()
            say(f"{'FAILED' if broken else 'ok'}  usher doctor {' '.join(broken)}")
            failed += broken
    say(f"{len(checks()) + 2 - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


async def _refused(stage: Stage, check: Check, given: Mapping[str, str]) -> str | None:
    """Run a check that is refused first, and count on the server's side how often it came; what went wrong, or None."""
    async with stage.tight(check.refused or 0) as (relay, key):
        asked = {**given, "BASE": relay.base, "KEY": key, "AT_ONCE": str(check.at_once)}
        said = await _one(stage, check, asked)
        if said is not None:
            return f"{relay.statuses()}\n{said}"
        counted = Counter(relay.statuses())
        refusals = [one for one in relay.seen if one.status == check.refused]
        if not refusals or any(one.wait is None for one in refusals):
            return f"nothing was refused with a time to wait: {counted}"
        if counted != {200: check.at_once, check.refused: len(refusals)}:
            return f"not each came again until it was answered: {counted}"
    return None


async def _keys(stage: Stage) -> str | None:
    """What is said to a litellm proxy that makes keys, and what the simulated one answers, by litellm's own types."""
    seen = json.dumps([asdict(one) for one in await stage.keys_made()])
    running = await asyncio.create_subprocess_exec(
        str(PLACE / "litellm" / "bin" / "python"),
        "litellm_types.py",
        cwd=PLACE,
        env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate(seen.encode())
    return None if running.returncode == 0 else said.decode(errors="replace")[-3000:]


async def _one(stage: Stage, check: Check, given: Mapping[str, str]) -> str | None:
    """What went wrong, or None."""
    stage.models.set_faults([check.fault] if check.fault else [])
    running = await asyncio.create_subprocess_exec(
        *check.command, cwd=PLACE, env=dict(given), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(WITHIN):
            said, _ = await running.communicate()
    except TimeoutError:
        running.kill()
        await running.wait()
        return f"not ready within {WITHIN:.0f} seconds"
    return None if running.returncode == 0 else said.decode(errors="replace")[-3000:]


if __name__ == "__main__":
    sys.exit(main())
