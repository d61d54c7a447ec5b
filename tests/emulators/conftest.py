"""A bot that speaks plain HTTP with the emulated Discord."""

import json

import aiohttp
import pytest

from tests.support.discord.emulator import FakeDiscord
from tests.support.discord.requests import command, leaves, option


@pytest.fixture
async def emulator():
    async with FakeDiscord() as fake:
        await fake.open_dm(7)
        yield fake


@pytest.fixture
async def call(emulator):
    """Send one request as the bot; answers `(status, body)`."""
    async with aiohttp.ClientSession() as session:

        async def call(method, path, body=None, files=(), token=emulator.token):
            form = None
            if files:
                form = aiohttp.FormData(quote_fields=False)
                form.add_field("payload_json", json.dumps(body or {}))
                for n, data in enumerate(files):
                    form.add_field(f"files[{n}]", data, filename=f"f{n}")
            sent = {"data": form} if form else {"json": body}
            headers = {"Authorization": f"Bot {token}"}
            async with session.request(method, emulator.api_base + path, headers=headers, **sent) as response:
                return response.status, await response.json() if response.status != 204 else None

        yield call


@pytest.fixture
async def send(emulator, call):
    """Post into the channel; answers the leaves of the error tree, or the code, or 200."""

    async def send(body, files=()):
        status, answer = await call("POST", f"/channels/{emulator.world.channel_id}/messages", body, files)
        return leaves(answer) if status >= 400 else status

    return send


class Answer:
    """Sends the callback of one interaction: the status, the code or the leaves of the error tree."""

    def __init__(self, call, payload):
        self.call = call
        self.payload = payload

    async def __call__(self, body):
        path = f"/interactions/{self.payload['id']}/{self.payload['token']}/callback"
        status, result = await self.call("POST", path, body)
        return leaves(result) if status >= 400 else status


@pytest.fixture
async def interaction(emulator, call):
    """Start an interaction of a kind; answers a function that sends its callback."""
    await call(
        "PUT",
        f"/applications/{emulator.world.app_id}/commands",
        [
            command("one", options=[option("text", autocomplete=True)]),
        ],
    )

    async def start(kind="slash"):
        if kind == "autocomplete":
            who = {"user": "7", "locale": "en-US"}
            payload = await emulator.act("slash", path="one", options={"text": "x"}, who=who, focused="text")
        elif kind == "press":
            payload = await emulator.act(
                "press", button="b", who={"user": "7", "locale": "en-US"}, message=None, forged=False
            )
        else:
            payload = await emulator.act("slash", path="one", options={}, who={"user": "7", "locale": "en-US"})

        return Answer(call, payload)

    return start
