"""The shapes and exit codes that scripts rely on: models, sources, wallets, grants, questions."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from admin_cli.commands import ask
from core.calls.orders import Answer
from tests.support.asking import MODEL, Asked, open_asked
from tests.support.processes import Processes


async def run(asked: Asked, processes: Processes, *arguments: str | Path, code: int = 0) -> Any:
    return await asyncio.to_thread(
        lambda: processes.start(*arguments, "--json", **asked.environment).finish(timeout=120).expect(code).json()
    )


async def test_a_whole_day_by_command(sqlite_url: str, processes: Processes, tmp_path: Path) -> None:
    async with open_asked(sqlite_url) as asked:
        lines = asked.sandbox.models.house.source_lines(f"http://127.0.0.1:{asked.sandbox.port}/v1")
        file = tmp_path / "sources.jsonl"
        file.write_text("\n".join([json.dumps(lines[0]), "not json", ""]), encoding="utf-8")
        shown = await run(asked, processes, "source", "import", file, code=1)
        assert (shown["applied"], shown["created"], shown["updated"]) == (False, 0, 0)
        done = await run(asked, processes, "source", "import", file, "--yes")
        assert (done["created"], done["updated"]) == (0, 1)
        assert [(one["line"], one["reason"]) for one in done["invalid"]] == [(2, "source_not_json")]
        made = await run(asked, processes, "model", "add", "sandbox-code", "--input", "0.5", "--output", "1.5")
        assert (made["name"], made["input"], made["output"], made["enabled"]) == ("sandbox-code", "0.5", "1.5", True)
        given = await run(asked, processes, "grant", "telegram:7", "0.01", "--reason", "a prize")
        assert (given["amount"], given["credit"]) == ("0.01", "0.01")
        answer = await run(asked, processes, "ask", "--as", "telegram:7", "-m", MODEL, "Hi", "--request-key", "k")
        assert answer["state"] == "settled"
        assert answer["answer"]
        assert {"answer", "state", "model", "source", "claimed", "charged", "estimated", "tokens", "call"} <= set(
            answer
        )
        again = await run(asked, processes, "ask", "--as", "telegram:7", "-m", MODEL, "Hi", "--request-key", "k")
        assert (again["answer"], again["call"], again["charged"]) == (
            answer["answer"],
            answer["call"],
            answer["charged"],
        )
        wallet = await run(asked, processes, "wallet", "show", "telegram:7")
        assert wallet["claimed"] == "0"
        assert wallet["allowances"] == []
        assert [line["kind"] for line in wallet["ledger"]] == ["release", "charge", "claim", "grant"]
        listed = await run(asked, processes, "call", "list", "--person", "telegram:7")
        assert [one["charged"] for one in listed["calls"]] == [answer["charged"]]
        await run(asked, processes, "source", "disable", lines[0]["name"])
        nobody = await run(asked, processes, "ask", "--as", "telegram:7", "-m", MODEL, "Hi", code=3)
        assert (nobody["reason"], nobody["charged"]) == ("no_source", "0")
        await run(asked, processes, "source", "enable", lines[0]["name"])
        await run(asked, processes, "grant", "telegram:7", "-1", "--reason", "a mistake")
        poor = await run(asked, processes, "ask", "--as", "telegram:7", "-m", MODEL, "Hi", code=1)
        assert (poor["state"], poor["reason"]) == ("refused", "not_enough_credit")
        unknown = await run(asked, processes, "ask", "--as", "telegram:7", "-m", "none", "Hi", code=1)
        assert unknown["reason"] == "not_found"
        plans = await run(asked, processes, "plan", "list")
        assert [one["name"] for one in plans["plans"]] == ["free", "vip"]
        money = await run(asked, processes, "money", "--days", "1")
        assert money["charged"] == answer["charged"]
        doctor = await run(asked, processes, "doctor")
        assert doctor["breaches"] == 0


async def test_amounts_are_in_what_the_shop_calls_its_credit(sqlite_url: str, processes: Processes) -> None:
    async with open_asked(sqlite_url) as asked:

        async def read(*arguments: str, **more: str) -> str:
            running = processes.start(*arguments, **asked.environment, **more)
            done = (await asyncio.to_thread(lambda: running.finish(timeout=120))).expect(0)
            return " ".join(f"{done.out} {done.err}".split())

        stars = {"USHER_MONEY__UNIT": "stars"}
        given = await read("grant", "telegram:7", "2", "--reason", "a prize", **stars)
        assert "was given 2 stars, and has 2 stars." in given
        assert " stars, " in await read("ask", "--as", "telegram:7", "-m", MODEL, "Hi", **stars)
        wallet = await read("wallet", "show", "telegram:7", **stars)
        assert " stars, 0 claimed, plan free." in wallet
        assert "what ┃ stars" in await read("money", **stars)
        assert " 额度，已预留 0，套餐 free。" in await read("wallet", "show", "telegram:7", USHER_LANGUAGE="zh-CN")
        document = await run(asked, processes, "wallet", "show", "telegram:7")
        assert document["credit"] not in {"0", "2"}, "and scripts read what they read before"


async def test_scripts_see_what_a_code_gives(sqlite_url: str, processes: Processes) -> None:
    async with open_asked(sqlite_url) as asked:
        for gives, amount in (("credit:0.5", "0.5"), ("plan:vip", "0"), ("access", "0")):
            [code] = (await run(asked, processes, "code", "generate", "--count", "1", "--gives", gives))["codes"]
            [verified] = (await run(asked, processes, "verify", code))["results"]
            assert (verified["gives"], verified["amount"]) == (gives.partition(":")[0], amount)
            for arguments, done, told in (
                (("verify", code), 0, f"gives {gives},"),
                (("redeem", "anna@example.com", code), 1, "Send it to the bot in a private chat"),
            ):
                running = processes.start(*arguments, **asked.environment)
                finished = (await asyncio.to_thread(running.finish, timeout=120)).expect(done)
                assert told in " ".join(f"{finished.out} {finished.err}".split())
            assert (await run(asked, processes, "code", "show", code))["code"]["gives"] == gives
            assert (await run(asked, processes, "code", "list"))["codes"][-1]["gives"] == gives
            assert (await run(asked, processes, "code", "list", "--batches"))["batches"][0]["gives"] == gives


async def test_nonsense_is_refused_in_words(sqlite_url: str, processes: Processes, tmp_path: Path) -> None:
    async with open_asked(sqlite_url) as asked:
        name = asked.sandbox.models.house.source_lines("http://127.0.0.1:1/v1")[0]["name"]
        nonsense: list[tuple[list[str], str, int]] = [
            (["grant", "telegram:7", "1e999999", "--reason", "x"], "bad_amount", 1),
            (["grant", "telegram:7", "--5", "--reason", "x"], "bad_amount", 1),
            (["grant", "telegram:anna", "5", "--reason", "x"], "bad_value", 1),
            (["grant", "telegram:7", "5", "--reason", "\udcff"], "usage", 2),
            (["money", "--days", "0"], "bad_number", 1),
            (["money", "--days", "99999999"], "bad_number", 1),
            (["call", "list", "--limit", "-1"], "bad_number", 1),
            (["call", "list", "--state", "nonsense"], "bad_choice", 1),
            (["plan", "add", "gold", "--keys", "5000"], "bad_number", 1),
            (["source", "edit", name], "usage", 2),
            (["source", "edit", name, "--model", MODEL], "usage", 2),
            (["source", "edit", name, "--on"], "usage", 2),
            (["source", "edit", name, "--concurrency", "0"], "bad_number", 1),
            (["source", "disable", name, "nosuch"], "not_found", 1),
            (["ask", "Hi", "-m", MODEL, "--most", "0"], "bad_number", 1),
            (["ask", "\u200b", "-m", MODEL], "usage", 2),
            (["ask", "Hi", "-m", MODEL, "--wait", "nan"], "bad_number", 1),
            (["ask", "Hi", "-m", "\udcff"], "usage", 2),
        ]
        for arguments, key, code in nonsense:
            said = await run(asked, processes, *arguments, code=code)
            assert said["error"]["key"] == key, arguments
        [source, *_] = (await run(asked, processes, "source", "list"))["sources"]
        assert source["enabled"], "all of them are switched off or none"


async def test_standard_input_is_called_by_a_hyphen(sqlite_url: str, processes: Processes, tmp_path: Path) -> None:
    async with open_asked(sqlite_url) as asked:

        async def fed(feed: str, *arguments: str) -> Any:
            started = processes.start(*arguments, "--json", feed=feed, **asked.environment)
            return (await asyncio.to_thread(lambda: started.finish(timeout=120))).expect(0).json()

        await run(asked, processes, "grant", "telegram:7", "1", "--reason", "a prize")
        answer = await fed("Where is\nthe harbour?", "ask", "-", "--as", "telegram:7", "-m", MODEL)
        assert answer["answer"]
        lines = asked.sandbox.models.house.source_lines(f"http://127.0.0.1:{asked.sandbox.port}/v1")
        assert (await fed(json.dumps(lines[0]), "source", "import", "-", "--yes"))["updated"] == 1
        assert (await fed("a-new-key\n", "source", "credential", lines[0]["name"], "-"))["replaced"]


@pytest.mark.parametrize(("language", "said"), [("en", "left early"), ("zh-CN", "对方提前离开")])
def test_how_an_answer_ended_is_said_in_words(
    language: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USHER_LANGUAGE", language)
    left = Answer(1, "settled", "small", source="main", finish="left_early", charged=800, estimated=True)
    ask._said(left, [], "credit")
    assert capsys.readouterr().err.rstrip().endswith(said)
