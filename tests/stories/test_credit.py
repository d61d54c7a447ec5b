"""Credit by chat: staff make codes that give it, a person redeems them and brings an account of their own."""

from __future__ import annotations

import re

from core.actors import SYSTEM, Actor
from core.calls import calls
from core.calls.orders import CallOrder
from core.credit import grants
from core.sandbox import Sandbox
from core.sources import sources
from core.sources.report import source_list
from tests.stories.conftest import OpenStory
from tests.support.credit import HELLO, Desk
from tests.support.parents import line

CODE = re.compile(r"TEAM(?:-[0-9A-Z]{4}){4}")
ME = {"telegram": "telegram:7", "discord": "discord:7", "terminal": "terminal:person-7"}
OWNERS = {"staff": {"owners": list(ME.values())}}
HOUSES = {"base_url": "https://api.example.com/v1", "api_key": "sk-house", "models": ["small"]}
ACCOUNT = "https://api.example.com/v1 sk-my-own-1234 small"


async def test_codes_that_give_credit_and_plans_beside_seats(story: OpenStory):
    async with story(workspaces=1, **OWNERS) as chat:
        assert "small" in await chat.say("/models add small input 1 output 2")

        async def make(gives: str) -> str:
            [code] = set(CODE.findall(await chat.say(f"/generate 1 {gives}")))  # by itself, and in a link
            return str(code)

        # A code that gives credit needs no address, and none is asked for.
        for_ever = chat.words("gift-for-ever")
        answer = await chat.say(await make("gives=credit:5"))
        assert chat.words("gift-credit", amount="5", ends=for_ever) in answer
        assert chat.words("wallet-lasting", left="5") in await chat.press(chat.label("wallet"))

        # Whoever says that they want to redeem is asked for the code, which says whether an address is needed.
        credit = await make("gives=credit:1")
        assert chat.words("ask-code-first") in await chat.say("/redeem")
        assert chat.words("gift-credit", amount="1", ends=for_ever) in await chat.say(credit)
        seat = await make("")
        await chat.say("/redeem")
        assert chat.words("ask-codes", address="they@example.com") in await chat.say("they@example.com")
        assert "they@example.com" in await chat.say(seat)

        # A mixed message: what needs no address is given at once, and an address is asked for the rest.
        seat, credit, plan, access = [
            await make(gives) for gives in ("", "gives=credit:0.5", "gives=plan:vip", "gives=access")
        ]
        answer = await chat.say(f"{credit} {seat}\n{plan}\n{access}")
        assert chat.words("gift-line-credit", code=credit[-4:], amount="0.5", ends=for_ever) in answer
        assert chat.words("gifts-and-seats", count=1) in answer
        answer = await chat.say("me@example.com")
        assert "me@example.com" in answer
        wallet = await chat.say("/wallet")
        assert "6.5" in wallet
        assert "vip" in wallet
        assert await chat.house.value("SELECT count(*) FROM leases WHERE status = 'invited'") == 2

        # With the address in the same message, each code gets its line.
        seat, credit = [await make(gives) for gives in ("", "gives=credit:1")]
        answer = await chat.say(f"{credit} you@example.com {seat}")
        assert chat.words("gift-line-credit", code=credit[-4:], amount="1", ends=for_ever) in answer
        assert "you@example.com" in answer
        assert await chat.house.value("SELECT count(*) FROM leases WHERE status = 'invited'") == 3
        assert await chat.house.value("SELECT sum(\"left\") FROM wallets WHERE kind = 'credit'") == 7_500_000


async def test_an_account_of_ones_own(story: OpenStory):
    desk = Desk()
    async with story(workspaces=0, open_model=desk.open, sources={"lending": True, "own_most": 1}, **OWNERS) as chat:
        core, me = chat.house.core, grants.read_identity(ME[chat.platform])
        await chat.say("/models add small input 1 output 2")
        await sources.add_source(core, SYSTEM, {"name": "main", **HOUSES})
        # Whoever was never seen before has none, and the house's are not theirs.
        assert await source_list(core, Actor("telegram", "404"), own=True) == []
        assert chat.words("own-none") in await chat.say("/source")
        await chat.press(chat.label("own-add"))
        answer = await chat.say("https://169.254.169.254/v1 sk-1 small")
        assert chat.words("reason-source_private_address") in answer
        await chat.say("/source add")
        answer = await chat.say(ACCOUNT)
        assert chat.words("own-added", source="api.example.com", state="read") in answer
        order = CallOrder("q1", HELLO, chat.platform)
        answered = await calls.ask(core, me, order)
        assert (answered.source, answered.claimed, answered.charged) == ("api.example.com", 0, 0)

        # A second one is too many; the same one with a new key is the same one.
        await chat.say("/source add")
        answer = await chat.say("https://other.example.com/v1 sk-2 small")
        assert chat.words("error-too_many_sources", most=1) in answer
        await chat.say("/source add")
        assert chat.words("own-added", source="api.example.com", state="read") in await chat.say(
            ACCOUNT.replace("1234", "5678")
        )

        # Lending warns first, brings an allowance, and takes it along when it ends.
        answer = await chat.say("/source lend api.example.com")
        assert chat.words("own-lend", source="api.example.com") in answer
        await chat.press(chat.label("confirm"))
        assert chat.words("wallet-shared", group="", left="2", cap="2", per_hour="0.012") in await chat.say("/wallet")
        await chat.say("/source")
        await chat.press(chat.words("button-own-back", source="api.example.com"))
        await chat.say("/source pause api.example.com")
        [mine] = await source_list(core, me, own=True)
        assert (mine.shared, mine.enabled, mine.last4) == (False, False, "5678")
        assert chat.words("own-prefers-shared") in await chat.say("/source prefer shared")
        assert (await calls.ask(core, me, CallOrder("q2", HELLO, chat.platform))).state == "refused"

        await chat.say("/source remove api.example.com")
        await chat.press(chat.label("confirm"))
        assert [one.name for one in await source_list(core, SYSTEM)] == ["main"]
        assert chat.words("own-none") in await chat.say("/source")


async def test_an_account_that_the_house_has_made_for_somebody(story: OpenStory):
    async with (
        Sandbox(workspaces=0, seats=0, model_accounts=1) as elsewhere,
        story(workspaces=0, **OWNERS) as chat,
    ):
        core, me = chat.house.core, grants.read_identity(ME[chat.platform])
        await chat.say("/models add small input 1 output 2")
        await sources.add_source(core, SYSTEM, line(elsewhere, "litellm"))
        await chat.say("/source")
        await chat.press(chat.words("button-own-get", parent="main"))
        [mine] = await source_list(core, me, own=True)
        assert chat.words("own-get-ready", parent="main", source=mine.name) in await chat.say("/source get main")
        assert chat.words("error-not_found", kind="parent", name="nothing") in await chat.say("/source get nothing")
        given = await chat.say("/sources give main person telegram:77")
        assert "telegram:77" in given
        shown = await chat.say("/sources main")
        assert chat.words("source-makes", protocol="litellm", for_all="yes", ready=2, open=0) in shown
        elsewhere.set_faults(["sub:500=1"])
        given = await chat.say("/sources give main person telegram:78")
        assert chat.words("source-given", state="unclear", person="telegram:78", parent="main", source="") in given
        await chat.say(f"/source remove {mine.name}")
        await chat.press(chat.label("confirm"))
        assert chat.words("own-get-ending", parent="main") in await chat.say("/source get main")
