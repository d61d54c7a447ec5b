"""The emulated Discord drives the real discord.py over HTTP and WebSocket, through cuts, limits and faults."""

import asyncio
import contextlib
import io
import subprocess
import sys

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.support.discord.emulator import (
    PATIENT,
    DeskError,
    FakeDiscord,
    RemoteDiscord,
    attached,
    buttons_of,
    close_client,
    patched_discord,
)

ADMINISTRATOR = 8


class Feedback(discord.ui.Modal, title="Feedback"):
    address: discord.ui.TextInput = discord.ui.TextInput(label="Address", custom_id="address", max_length=20)
    mood: discord.ui.Label = discord.ui.Label(
        text="Mood",
        component=discord.ui.Select(
            custom_id="mood", options=[discord.SelectOption(label="Good", value="g"), discord.SelectOption(label="Bad")]
        ),
    )

    async def on_submit(self, interaction):
        select = self.mood.component
        assert isinstance(select, discord.ui.Select)
        await interaction.response.send_message(f"{self.address.value} feels {select.values[0]}", ephemeral=True)


class Choices(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.button(label="Again", custom_id="again")
    async def again(self, interaction, button):
        await interaction.response.edit_message(content="again!", view=None)

    @discord.ui.select(custom_id="colour", options=[discord.SelectOption(label="Red", value="r")])
    async def colour(self, interaction, select):
        await interaction.response.defer()
        await interaction.followup.send(f"colour {select.values[0]}")


class EchoBot(discord.Client):
    """Repeats what it hears; registers its commands at start."""

    def prepare(self):
        self.tree = tree = app_commands.CommandTree(self)
        pool = app_commands.Group(name="pool", description="pools")

        @tree.command(description="repeat")
        @app_commands.describe(text="what", times="how often")
        async def echo(interaction, text: app_commands.Range[str, 1, 50], times: app_commands.Range[int, 1, 3] = 1):
            await interaction.response.send_message(text * times, view=Choices(), ephemeral=True)

        @tree.command(description="slow")
        async def slow(interaction):
            await interaction.response.defer(ephemeral=True, thinking=True)
            await interaction.edit_original_response(content="half")
            await interaction.edit_original_response(content="done")
            await interaction.followup.send("more", file=discord.File(io.BytesIO(b"a,b"), "export.csv"))

        @tree.command(description="form")
        async def form(interaction):
            await interaction.response.send_modal(Feedback())

        @pool.command(name="show", description="show")
        async def show(interaction, name: str, file: discord.Attachment | None = None):
            size = len(await file.read()) if file else 0
            embed = discord.Embed(title=name).add_field(name="size", value=str(size))
            await interaction.response.send_message(embed=embed)

        @show.autocomplete("name")
        async def names(interaction, current):
            return [app_commands.Choice(name=f"{current}{n}", value=f"{current}-{n}") for n in range(3)]

        tree.add_command(pool)

    async def setup_hook(self):
        await self.tree.sync()
        self.add_view(Choices())

    async def before_identify_hook(self, shard_id, *, initial=False):
        """Discord wants five seconds between shards; the emulator does not."""

    async def on_message(self, message):
        if not message.author.bot and message.guild is None:
            await message.channel.send(f"you said {message.content}")


class Sharded(EchoBot, discord.AutoShardedClient):
    pass


def intents():
    wanted = discord.Intents(guilds=True, dm_messages=True)
    wanted.message_content = True
    return wanted


@contextlib.asynccontextmanager
async def running(emulator, kind=EchoBot, token=None, **options):
    with patched_discord(emulator):
        bot = kind(
            intents=intents(), guild_ready_timeout=0.01, allowed_mentions=discord.AllowedMentions.none(), **options
        )
        bot.prepare()
        task = asyncio.create_task(bot.start(token or emulator.token))
        try:
            yield bot
        finally:
            await close_client(bot)
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def emulator():
    async with FakeDiscord(answer_seconds=PATIENT) as fake:
        yield fake


@pytest.fixture
async def bot(emulator):
    async with running(emulator) as bot:
        await emulator.wait_ready()
        yield bot


async def test_commands_buttons_selects_and_persistent_views(emulator, bot):
    run = await emulator.slash("echo", {"text": "hi ", "times": 2}, user=8, locale="zh-CN")
    answer = await emulator.wait_answer(run)
    assert (answer["content"], answer["flags"], buttons_of(answer)) == ("hi hi", 64, [["Again"], ["Red"]])
    assert run["locale"] == "zh-CN"
    assert await emulator.acknowledged_after(run) < PATIENT
    chosen = await emulator.select("Red", user=8)
    assert (await emulator.wait_answer(chosen, "colour"))["content"] == "colour r"
    pressed = await emulator.press("Again", user=8)
    assert (await emulator.wait_answer(pressed))["content"] == "again!"
    assert (await emulator.transcript(8)).splitlines() == [
        "user: /echo text:hi  times:2",
        "bot (only you): hi hi",
        "    [Again]",
        "    [Red]",
        "user: [Red]",
        "bot: colour r",
        "user: [Again]",
        "bot edits (only you): again!",
    ]
    with pytest.raises(DeskError, match="sees no"):
        await emulator.press("Again", user=9)
    assert await emulator.rejections() == []


async def test_a_deferred_answer_with_progress_a_follow_up_and_a_file(emulator, bot):
    run = await emulator.slash("slow")
    last = await emulator.wait_answer(run, "more")
    assert (await emulator.download(last)).data == b"a,b"
    assert [m["content"] for m in await emulator.answers(run)] == ["done", "more"]
    lines = [(line.direction, line.text, line.ephemeral) for line in await emulator.conversation()]
    assert lines[1:3] == [("bot", "half", True), ("bot edits", "done", True)]


async def test_forms_with_inputs_and_labels(emulator, bot):
    opened = await emulator.slash("form", user=8)
    modal = await emulator.wait_modal(opened)
    assert modal["title"] == "Feedback"
    with pytest.raises(DeskError, match="has no"):
        await emulator.submit(opened, {"Address": "x", "Mood": "Bad", "Nonsense": "x"})
    with pytest.raises(DeskError, match="at most"):
        await emulator.submit(opened, {"Address": "x" * 21})
    sent = await emulator.submit(opened, {"Address": "a@b.example", "Mood": "Good"})
    assert (await emulator.wait_answer(sent))["content"] == "a@b.example feels g"


async def test_sub_commands_autocomplete_attachments_and_embeds(emulator, bot):
    choices = await emulator.complete("pool show", "name", "ma")
    assert choices[0] == {"name": "ma0", "value": "ma-0"}
    answer = await emulator.run("pool show", {"name": "main", "file": attached(b"12345", "x.txt")})
    assert (answer["embeds"][0]["title"], answer["embeds"][0]["fields"][0]["value"]) == ("main", "5")


async def test_what_a_client_would_not_send_fails_the_test(emulator, bot):
    for path, options in [
        ("nothing", {}),
        ("pool", {}),
        ("pool nothing", {}),
        ("echo", {}),
        ("echo", {"text": "x", "more": 1}),
        ("echo", {"text": "x" * 51}),
        ("echo", {"text": 5}),
        ("echo", {"text": "x", "times": 4}),
        ("echo", {"text": "x", "times": "1"}),
    ]:
        with pytest.raises(DeskError):
            await emulator.slash(path, options)
    with pytest.raises(DeskError, match="completes nothing"):
        await emulator.complete("echo", "text", "x")
    with pytest.raises(DeskError, match="2000 characters"):
        await emulator.dm("x" * 2001)
    run = await emulator.slash("echo", {"text": "x"})
    with pytest.raises(AssertionError, match=r"bot \(only you\): x"):
        await emulator.wait_answer(run, "never", timeout=0.2)


async def test_direct_messages_both_ways(emulator, bot):
    assert (await emulator.ask("a@b.example TEAM-1"))["content"] == "you said a@b.example TEAM-1"
    answer = await emulator.run("echo", {"text": "in private"}, dm=True)
    assert answer["channel_id"] == await emulator.open_dm(7)
    user = await bot.fetch_user(7)
    await user.send("first")
    await emulator.close_dm(7)
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("second")
    assert refused.value.code == 50007


async def test_channels_that_cannot_be_written_to(emulator, bot):
    channel = await bot.fetch_channel(int(emulator.world.channel_id))
    sent = await channel.send("hello @everyone <@7>")
    for state, code in [("forbidden", 50013), ("hidden", 50001), ("deleted", 10003)]:
        await emulator.set_channel_state(emulator.world.channel_id, state)
        with pytest.raises(discord.HTTPException) as refused:
            await channel.send("x")
        assert refused.value.code == code
    await emulator.set_channel_state(emulator.world.channel_id, "open")
    await sent.edit(content="changed")
    await sent.delete()
    with pytest.raises(discord.NotFound) as gone:
        await sent.edit(content="x")
    assert gone.value.code == 10008
    # The client-wide allowed_mentions kept everybody in peace; without it they would have been pinged.
    assert await emulator.pings() == []
    await channel.send("@everyone", allowed_mentions=discord.AllowedMentions.all())
    assert len(await emulator.pings()) == 1


async def test_late_and_double_answers(emulator, bot):
    emulator.world.answer_seconds = 0
    late = await emulator.slash("echo", {"text": "x"})
    call = await emulator.wait_call(f"{late['token']}/callback")
    assert (call.status, call.error) == (404, {"message": "Unknown interaction", "code": 10062})
    emulator.world.answer_seconds = PATIENT
    once = await emulator.slash("echo", {"text": "x"})
    await emulator.wait_answer(once)
    await emulator.replay(once)
    double = await emulator.wait_call(f"{once['token']}/callback", 2)
    assert (double.status, double.error["code"]) == (400, 40060)


async def test_the_gateway_is_cut_and_resumed_with_what_was_missed(emulator, bot):
    await emulator.run("echo", {"text": "before"})
    assert await emulator.cut() == 1
    missed = [await emulator.slash("echo", {"text": f"missed {n}"}) for n in range(3)]
    for n, run in enumerate(missed):
        assert (await emulator.wait_answer(run))["content"] == f"missed {n}"
    status = await emulator.wait_connected(resumes=1)
    assert (status["identifies"], status["resumes"]) == (1, 1)


async def test_a_resume_may_repeat_events(emulator, bot):
    run = await emulator.slash("echo", {"text": "x"})
    await emulator.wait_answer(run)
    await emulator.cut(repeat=1)
    again = await emulator.wait_call(f"{run['token']}/callback", 2)
    await emulator.wait_idle()
    assert (again.method, emulator.calls[-1].error["code"]) == ("POST", 40060)


async def test_reconnect_and_invalid_sessions(emulator, bot):
    await emulator.reconnect()
    assert (await emulator.wait_connected(resumes=1))["identifies"] == 1
    await emulator.invalidate(resumable=True)
    assert (await emulator.wait_connected(resumes=2))["identifies"] == 1
    await emulator.invalidate(resumable=False)
    assert (await emulator.run("echo", {"text": "fresh"}))["content"] == "fresh"
    await emulator.forget_sessions()
    assert (await emulator.run("echo", {"text": "anew"}))["content"] == "anew"
    assert (await emulator.status())["identifies"] == 3


async def test_shards_hear_of_their_own_guilds():
    async with FakeDiscord(shards=2) as emulator, running(emulator, Sharded) as bot:
        await emulator.wait_connected(2)
        other = await emulator.add_guild()
        shards = {(int(guild) >> 22) % 2 for guild in (emulator.world.guild_id, other["guild"])}
        assert shards == {0, 1}
        for guild in (None, other["guild"]):
            assert (await emulator.run("echo", {"text": "x"}, guild=guild))["content"] == "x"
        assert (await emulator.ask("to the first shard"))["content"] == "you said to the first shard"
        assert sorted(bot.shards) == [0, 1]


async def test_limits_by_fault_and_by_rule(emulator, bot):
    channel = await bot.fetch_channel(int(emulator.world.channel_id))
    for kind in ("429", "429_shared", "429_global"):
        await emulator.fault("POST /channels/*", kind, retry_after=0.05)
        await channel.send(kind)
    statuses = [call.status for call in await emulator.recorded_calls("POST /channels/")]
    assert statuses == [429, 200] * 3
    await emulator.fault("POST /channels/*", "cloudflare")
    with pytest.raises(discord.HTTPException):
        await channel.send("banned")
    await emulator.fault("POST /channels/*", "error", code=50013)
    with pytest.raises(discord.Forbidden):
        await channel.send("forbidden")
    await emulator.fault("POST /channels/*", "500")
    await channel.send("tried again")
    for kind, message in [("drop_before", None), ("drop_after", "drop_after")]:
        await emulator.fault("POST /channels/*", kind)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await channel.send(kind)
        assert (await emulator.messages())[-1]["content"] == (message or "tried again")
    await emulator.fault("*", "slow", seconds=0.05)
    await channel.send("slow")
    assert await emulator.rejections() == []


async def test_rate_limits_are_announced_and_kept():
    async with FakeDiscord(rate_limits=True) as emulator, running(emulator) as bot:
        await emulator.wait_ready()
        channel = await bot.fetch_channel(int(emulator.world.channel_id))
        for n in range(4):
            await channel.send(str(n))
        with pytest.raises(TimeoutError):  # discord.py sits out the window that the headers announce
            await asyncio.wait_for(channel.send("5"), 0.3)
        url, headers = f"{emulator.api_base}/channels/{channel.id}/messages", {"Authorization": f"Bot {emulator.token}"}
        async with aiohttp.ClientSession() as http, http.post(url, json={"content": "6"}, headers=headers) as limited:
            assert (limited.status, limited.headers["X-RateLimit-Scope"]) == (429, "user")
            assert float(limited.headers["Retry-After"]) <= 5


@pytest.fixture
def process():
    """The emulator as a process of its own."""
    command = [sys.executable, "-m", "tests.support.discord.emulator", "--token", "abc"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        yield started
        started.terminate()
        assert started.wait(60) == 0


async def test_a_process_of_its_own_driven_from_outside(process):
    base = process.stdout.readline().split()[1]
    async with RemoteDiscord(base) as emulator, running(emulator, token="abc"):
        assert (await emulator.run("echo", {"text": "from afar"}))["content"] == "from afar"
        assert (await emulator.ask("hello"))["content"] == "you said hello"
        with pytest.raises(DeskError, match="no command"):
            await emulator.slash("nothing")
