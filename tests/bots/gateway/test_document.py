"""Somebody else's program asks everything that the document allows, and much that it does not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from core.actors import SYSTEM
from core.calls import keys
from core.sources import models
from tests.bots.gateway.test_shop import OWNER, open_counter

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.slow
async def test_no_answer_is_a_failure_or_not_described(sqlite_url: str, tmp_path: Path) -> None:
    async with open_counter(sqlite_url, workspaces=2, talk={"first_token": 1}) as counter:
        core = counter.house.core
        await models.add_model(core, SYSTEM, "small", models.NewModel(price_input=1, price_output=1))
        await counter.house.make_codes(3)
        every = ("chat", "redeem", "verify", "figures", "viewer", "operator", "admin")
        key, _ = await keys.make_key(core, OWNER, "everything", keys.KeyRights(scopes=every))
        asking = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{counter.base}/openapi.json"),
            *("--header", f"Authorization: Bearer {key}", "--checks", CHECKS, "--phases", "coverage,fuzzing,stateful"),
            *("--max-examples", "4", "--generation-deterministic", "--no-shrink", "--no-color", "--warnings", "off"),
            *("--max-failures", "5", "--request-timeout", "60"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
        )
        said, _ = await asking.communicate()
        assert asking.returncode == 0, said.decode()[-6000:]
        assert "✅ Stateful" in said.decode(), "the document has to have links to follow"
        assert await counter.house.breaches() == []
