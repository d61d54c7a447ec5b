"""Each refusal of an answer, of a follow-up and of a gateway connection by the emulated Discord once."""

import aiohttp
import pytest

from tests.support.discord.emulator import attached
from tests.support.discord.requests import BUTTON, INPUT, row
from tests.support.emulator_control import DeskError


@pytest.mark.parametrize(
    ("kind", "body", "refusal"),
    [
        ("slash", {}, {"type": "BASE_TYPE_REQUIRED"}),
        ("slash", {"type": 7, "data": {"content": "x"}}, {"type": "BASE_TYPE_CHOICES"}),
        ("slash", {"type": 6}, {"type": "BASE_TYPE_CHOICES"}),
        ("slash", {"type": 4}, {"data": "DICT_TYPE_CONVERT"}),
        ("slash", {"type": 4, "data": {}}, 50006),
        ("slash", {"type": 4, "data": {"content": "x" * 2001}}, {"data.content": "BASE_TYPE_MAX_LENGTH"}),
        ("autocomplete", {"type": 4, "data": {"content": "x"}}, {"type": "BASE_TYPE_CHOICES"}),
        (
            "autocomplete",
            {"type": 8, "data": {"choices": [{"name": "n", "value": "v"}] * 26}},
            {"data.choices": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            "autocomplete",
            {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "v"}]}},
            {"data.choices.0.name": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            "slash",
            {"type": 9, "data": {"custom_id": "m", "title": "t" * 46, "components": [row(INPUT)]}},
            {"data.title": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            "slash",
            {"type": 9, "data": {"custom_id": "m", "title": "t", "components": [row(INPUT)] * 6}},
            {"data.components": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            "slash",
            {"type": 9, "data": {"custom_id": "m", "title": "t", "components": [row({**INPUT, "label": "l" * 46})]}},
            {"data.components.0.components.0.label": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            "slash",
            {
                "type": 9,
                "data": {
                    "custom_id": "m",
                    "title": "t",
                    "components": [{"type": 18, "label": "l" * 46, "component": {**INPUT, "label": None}}],
                },
            },
            {"data.components.0.label": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            "slash",
            {"type": 9, "data": {"custom_id": "m", "title": "t", "components": [row(BUTTON)]}},
            {"data.components.0.components.0.type": "BASE_TYPE_CHOICES"},
        ),
        (
            "slash",
            {"type": 9, "data": {"title": "t", "components": [row({**INPUT, "style": 3, "max_length": 4001})]}},
            {
                "data.custom_id": "BASE_TYPE_REQUIRED",
                "data.components.0.components.0.style": "BASE_TYPE_CHOICES",
                "data.components.0.components.0.max_length": "NUMBER_TYPE_MAX",
            },
        ),
    ],
)
async def test_an_answer_is_refused_and_may_be_given_again(interaction, kind, body, refusal):
    answer = await interaction(kind)
    found = await answer(body)
    assert refusal == (found if isinstance(refusal, int) else {k: v for k, v in found.items() if k in refusal})
    right = {"type": 8, "data": {"choices": []}} if kind == "autocomplete" else {"type": 5}
    assert await answer(right) == 204
    assert await answer(right) == 40060


async def test_answers_come_within_three_seconds(emulator, interaction, call):
    assert emulator.world.answer_seconds == 3
    answer = await interaction()
    emulator.world.answer_seconds = 0
    assert await answer({"type": 5}) == 10062
    assert (await call("POST", "/interactions/1/unknown/callback", {"type": 5}))[1]["code"] == 10062


async def test_follow_ups_belong_to_an_answered_interaction(emulator, interaction, call):
    answer = await interaction()
    hook = f"/webhooks/{emulator.world.app_id}/{answer.payload['token']}"
    assert (await call("POST", hook, {"content": "early"}))[1]["code"] == 10015
    assert await answer({"type": 5, "data": {"flags": 64}}) == 204
    _, first = await call("POST", hook, {"content": "takes the place of the deferred one", "flags": 0})
    assert first["flags"] == 64
    _, second = await call("POST", hook, {"content": "another"})
    assert (await call("PATCH", f"{hook}/messages/@original", {"content": None}))[1]["code"] == 50006
    assert (await call("PATCH", f"{hook}/messages/{second['id']}", {"content": "edited"}))[1]["content"] == "edited"
    assert (await call("GET", f"{hook}/messages/@original"))[1]["id"] == first["id"]
    # An ephemeral message is unknown to the channel's own routes.
    path = f"/channels/{emulator.world.channel_id}/messages"
    assert (await call("GET", f"{path}/{first['id']}"))[1]["code"] == 10008
    assert (await call("DELETE", f"{hook}/messages/@original"))[0] == 204
    assert (await call("GET", f"{hook}/messages/@original"))[1]["code"] == 10008
    assert await emulator.is_deleted(first)
    emulator.world.token_seconds = 0
    assert (await call("POST", hook, {"content": "late"}))[1]["code"] == 50027
    assert (await call("POST", "/webhooks/5/unknown", {"content": "x"}))[1]["code"] == 10015


async def test_a_press_may_update_its_message(emulator, interaction, call):
    path = f"/channels/{emulator.world.channel_id}/messages"
    _, message = await call("POST", path, {"content": "choose", "components": [row(BUTTON)]})
    press = await interaction("press")
    assert await press({"type": 7, "data": {"content": "chosen", "components": []}}) == 204
    assert (await call("GET", f"{path}/{message['id']}"))[1]["content"] == "chosen"
    with pytest.raises(DeskError, match="sees no"):
        await interaction("press")


async def test_messages_of_others_and_unknown_things(emulator, call):
    who = {"user": "7", "locale": "en-US"}
    theirs = await emulator.act("write", text="mine", who=who, sender="person", files=[attached(b"1", "x")])
    path = f"/channels/{emulator.world.channel_id}/messages"
    assert (await call("PATCH", f"{path}/{theirs['id']}", {"content": "x"}))[1]["code"] == 50005
    assert (await call("DELETE", f"{path}/{theirs['id']}"))[0] == 204
    private = await emulator.act("write", text="mine", who={**who, "dm": True}, sender="person", files=[])
    dm = f"/channels/{private['channel_id']}/messages"
    assert (await call("DELETE", f"{dm}/{private['id']}"))[1]["code"] == 50003
    for method, unknown, code in [
        ("GET", "/channels/5", 10003),
        ("GET", f"{path}/5", 10008),
        ("GET", "/guilds/5", 10004),
        ("GET", f"/guilds/{emulator.world.guild_id}/members/5", 10007),
        ("GET", "/users/5", 10013),
        ("GET", "/nonsense", 0),
    ]:
        status, answer = await call(method, unknown)
        assert (status, answer["code"]) == (404, code)
    assert (await call("POST", "/users/@me/channels", {"recipient_id": "x"}))[1]["code"] == 50035
    assert (await call("POST", "/users/@me/channels", {"recipient_id": "5"}))[1]["code"] == 50033
    assert (await call("GET", "/users/@me", token="wrong"))[0] == 401
    assert (await call("GET", f"{path}?limit=101"))[1]["code"] == 50035
    assert len((await call("GET", path))[1]) == 0


IDENTIFY = {"intents": 1, "properties": {}}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"op": 2, "d": {**IDENTIFY, "token": "wrong"}}, 4004),
        ({"op": 2, "d": {**IDENTIFY, "shard": [2, 2]}}, 4010),
        ({"op": 2, "d": {**IDENTIFY, "intents": 1 << 30}}, 4013),
        ({"op": 2, "d": {**IDENTIFY, "intents": 1 << 15}}, 4014),
        ({"op": 3, "d": {}}, 4003),
        ({"op": 6, "d": {"token": "wrong"}}, 4004),
    ],
)
async def test_the_gateway_refuses(emulator, frame, code):
    await emulator.act("set_privileged_intents", intents=0)
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{emulator.gateway_url}?v=10") as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 1, "d": None})
        assert (await socket.receive_json())["op"] == 11
        frame["d"].setdefault("token", emulator.token)
        await socket.send_json(frame)
        assert (await socket.receive()).data == code


async def test_the_gateway_resumes_and_repeats(emulator):
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(f"{emulator.gateway_url}?v=10") as socket:
            await socket.receive_json()
            await socket.send_json({"op": 2, "d": {**IDENTIFY, "intents": 1 | 1 << 12, "token": emulator.token}})
            ready, guild = await socket.receive_json(), await socket.receive_json()
            assert (ready["t"], guild["t"], guild["s"]) == ("READY", "GUILD_CREATE", 2)
            assert ready["d"]["resume_gateway_url"] == emulator.gateway_url
            await socket.send_json({"op": 2, "d": {}})
            assert (await socket.receive()).data == 4005
        await emulator.say("unheard without the intent for guild messages")
        await emulator.dm("missed")
        async with session.ws_connect(f"{emulator.gateway_url}?v=10") as socket:
            await socket.receive_json()
            resume = {"token": emulator.token, "session_id": ready["d"]["session_id"], "seq": 2}
            await socket.send_json({"op": 6, "d": resume})
            frames = [await socket.receive_json() for _ in range(2)]
            assert [(frame["s"], frame["t"]) for frame in frames] == [(3, "MESSAGE_CREATE"), (4, "RESUMED")]
        async with session.ws_connect(f"{emulator.gateway_url}?v=10") as socket:
            await socket.receive_json()
            await socket.send_json({"op": 6, "d": resume | {"session_id": "unknown"}})
            assert await socket.receive_json() == {"op": 9, "d": False, "s": None, "t": None}
        async with session.ws_connect(f"{emulator.gateway_url}?v=9") as socket:
            assert (await socket.receive()).data == 4012


async def test_message_content_needs_its_intent_in_guilds(emulator):
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{emulator.gateway_url}?v=10") as socket:
        await socket.receive_json()
        wanted = 1 << 9 | 1 << 12
        await socket.send_json({"op": 2, "d": {**IDENTIFY, "intents": wanted, "token": emulator.token}})
        await socket.receive_json()
        await emulator.say("blank")
        await emulator.dm("told")
        heard = [(await socket.receive_json())["d"]["content"] for _ in range(2)]
        assert heard == ["", "told"]
