"""Each refusal of the emulated Discord once, through plain HTTP and WebSocket, with Discord's codes."""

import json

import aiohttp
import pytest

from tests.support.emulator_control import DeskError
from tests.support.fake_discord import FakeDiscord, attached

BUTTON = {"type": 2, "style": 1, "label": "b", "custom_id": "c"}
OPTION = {"label": "a", "value": "v"}
INPUT = {"type": 4, "custom_id": "i", "style": 1, "label": "l"}


def row(*components):
    return {"type": 1, "components": list(components)}


def select(*options, **extra):
    return {"type": 3, "custom_id": "s", "options": list(options), **extra}


def command(name="redeem", description="d", options=(), **extra):
    return {"name": name, "description": description, "options": list(options), **extra}


def option(name="o", kind=3, **extra):
    return {"name": name, "description": "d", "type": kind, **extra}


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


def leaves(answer):
    """Flatten an error body: `{"content": "BASE_TYPE_MAX_LENGTH"}`, or its code where there is no tree."""

    def walk(tree, path):
        for key, value in tree.items():
            if key == "_errors":
                yield ".".join(path), value[0]["code"]
            else:
                yield from walk(value, [*path, key])

    return dict(walk(answer["errors"], [])) if "errors" in answer else answer["code"]


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


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, 50006),
        ({"content": "  "}, 50006),
        ({"embeds": [{}]}, 50006),
        ({"components": [row(BUTTON)]}, 50006),
        ("text", 50109),
        ({"content": "x" * 2001}, {"content": "BASE_TYPE_MAX_LENGTH"}),
        ({"content": 5}, {"content": "STRING_TYPE_CONVERT"}),
        ({"content": "x", "tts": "no"}, {"tts": "BOOLEAN_TYPE_CONVERT"}),
        ({"content": "x", "flags": "4"}, {"flags": "NUMBER_TYPE_COERCE"}),
        ({"content": "x", "flags": 1}, {"flags": "BASE_TYPE_INVALID"}),
        ({"embeds": {}}, {"embeds": "LIST_TYPE_CONVERT"}),
        ({"embeds": ["x"]}, {"embeds.0": "DICT_TYPE_CONVERT"}),
        ({"embeds": [{"title": "x"}] * 11}, {"embeds": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"title": "x" * 257}]}, {"embeds.0.title": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"description": "x" * 4097}]}, {"embeds.0.description": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"description": "x" * 3001}] * 2}, {"embeds": "MAX_EMBED_SIZE_EXCEEDED"}),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, {"embeds.0.footer.text": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"author": {"name": "x" * 257}}]}, {"embeds.0.author.name": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"title": "x", "url": "x"}]}, {"embeds.0.url": "URL_TYPE_INVALID_URL"}),
        ({"embeds": [{"title": "x", "url": "ftp://x"}]}, {"embeds.0.url": "URL_TYPE_INVALID_SCHEME"}),
        ({"embeds": [{"title": "x", "image": {}}]}, {"embeds.0.image.url": "BASE_TYPE_REQUIRED"}),
        ({"embeds": [{"title": "x", "color": 1 << 24}]}, {"embeds.0.color": "NUMBER_TYPE_MAX"}),
        ({"embeds": [{"title": "x", "color": -1}]}, {"embeds.0.color": "NUMBER_TYPE_MIN"}),
        ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, {"embeds.0.fields": "BASE_TYPE_MAX_LENGTH"}),
        ({"embeds": [{"fields": [{"name": "n"}]}]}, {"embeds.0.fields.0.value": "BASE_TYPE_REQUIRED"}),
        ({"embeds": [{"fields": [{"name": "", "value": "v"}]}]}, {"embeds.0.fields.0.name": "BASE_TYPE_REQUIRED"}),
        (
            {"embeds": [{"fields": [{"name": "n", "value": "v" * 1025}]}]},
            {"embeds.0.fields.0.value": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["all"]}},
            {"allowed_mentions.parse.0": "BASE_TYPE_CHOICES"},
        ),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["7"]}},
            {"allowed_mentions": "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"},
        ),
        ({"content": "x", "message_reference": {"message_id": "5"}}, {"message_reference": "REPLIES_UNKNOWN_MESSAGE"}),
        ({"content": "x", "components": [row(BUTTON)] * 6}, {"components": "BASE_TYPE_MAX_LENGTH"}),
        ({"content": "x", "components": [BUTTON]}, {"components.0.type": "UNION_TYPE_CHOICES"}),
        ({"content": "x", "components": [row()]}, {"components.0.components": "BASE_TYPE_BAD_LENGTH"}),
        (
            {"content": "x", "components": [row(*({**BUTTON, "custom_id": str(n)} for n in range(6)))]},
            {"components.0.components": "BASE_TYPE_BAD_LENGTH"},
        ),
        ({"content": "x", "components": [row(BUTTON, BUTTON)]}, {"components": "COMPONENT_CUSTOM_ID_DUPLICATED"}),
        (
            {"content": "x", "components": [row({**BUTTON, "custom_id": "x" * 101})]},
            {"components.0.components.0.custom_id": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            {"content": "x", "components": [row({"type": 2, "style": 1, "label": "b"})]},
            {"components.0.components.0.custom_id": "BASE_TYPE_REQUIRED"},
        ),
        (
            {"content": "x", "components": [row({**BUTTON, "label": "x" * 81})]},
            {"components.0.components.0.label": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            {"content": "x", "components": [row({**BUTTON, "label": ""})]},
            {"components.0.components.0": "BUTTON_COMPONENT_LABEL_REQUIRED"},
        ),
        (
            {"content": "x", "components": [row({**BUTTON, "style": 9})]},
            {"components.0.components.0.style": "BASE_TYPE_CHOICES"},
        ),
        (
            {"content": "x", "components": [row({"type": 2, "style": 5, "label": "b"})]},
            {"components.0.components.0.url": "BASE_TYPE_REQUIRED"},
        ),
        (
            {"content": "x", "components": [row({**BUTTON, "style": 5, "url": "https://x"})]},
            {"components.0.components.0": "BUTTON_COMPONENT_CUSTOM_ID_AND_URL"},
        ),
        (
            {"content": "x", "components": [row(INPUT)]},
            {"components.0.components.0.type": "BASE_TYPE_CHOICES"},
        ),
        (
            {"content": "x", "components": [row(select(OPTION), BUTTON)]},
            {"components.0.components": "COMPONENT_LAYOUT_WIDTH_EXCEEDED"},
        ),
        (
            {"content": "x", "components": [row(select())]},
            {"components.0.components.0.options": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            {"content": "x", "components": [row(select(*({"label": "a", "value": str(n)} for n in range(26))))]},
            {"components.0.components.0.options": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            {"content": "x", "components": [row(select(OPTION, OPTION))]},
            {"components.0.components.0.options.1.value": "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"},
        ),
        (
            {"content": "x", "components": [row(select({"label": "a" * 101, "value": "v"}))]},
            {"components.0.components.0.options.0.label": "BASE_TYPE_BAD_LENGTH"},
        ),
        (
            {"content": "x", "components": [row(select(OPTION, placeholder="x" * 151))]},
            {"components.0.components.0.placeholder": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            {"content": "x", "flags": 1 << 15, "components": [{"type": 10, "content": "t"}]},
            {"content": "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"},
        ),
        (
            {"flags": 1 << 15, "components": [{"type": 17, "components": [{"type": 10, "content": "t"}] * 40}]},
            {"components": "BASE_TYPE_MAX_LENGTH"},
        ),
        ({"flags": 1 << 15, "components": [{"type": 4}]}, {"components.0.type": "UNION_TYPE_CHOICES"}),
    ],
)
async def test_a_message_is_refused(emulator, send, body, refusal):
    assert await send(body) == refusal
    [rejection] = await emulator.rejections()
    assert rejection.error["code"] == (refusal if isinstance(refusal, int) else 50035)


async def test_the_longest_message_is_taken(send):
    field = {"name": "n" * 256, "value": "v" * 1024}
    buttons = [
        row(*({**BUTTON, "custom_id": f"{r}{n}" + "x" * 98, "label": "l" * 80} for n in range(5))) for r in range(5)
    ]
    body = {
        "content": "x" * 2000,
        "embeds": [{"description": "x" * 3440, "fields": [field] * 2}],
        "components": buttons,
    }
    assert await send(body) == 200
    layout = [{"type": 17, "components": [{"type": 10, "content": "x" * 4000}, row(BUTTON)]}]
    assert await send({"flags": 1 << 15, "components": layout}) == 200
    assert await send({"content": "file"}, files=[b"1"] * 10) == 200


async def test_files_beyond_the_limits(emulator, send):
    assert emulator.world.upload_bytes == 10 * 2**20
    emulator.world.upload_bytes = 100
    assert await send({}, files=[bytes(101)]) == 40005
    assert await send({}, files=[b"1"] * 11) == {"files": "BASE_TYPE_MAX_LENGTH"}
    assert await send({"attachments": [{"filename": "x"}]}, files=[b"1"]) == {"attachments.0.id": "BASE_TYPE_REQUIRED"}


@pytest.mark.parametrize(
    ("commands", "refusal"),
    [
        ([command(f"c{n}") for n in range(101)], {"commands": "BASE_TYPE_MAX_LENGTH"}),
        ([command("Upper")], {"0.name": "APPLICATION_COMMAND_INVALID_NAME"}),
        ([command("two words")], {"0.name": "APPLICATION_COMMAND_INVALID_NAME"}),
        ([command("x" * 33)], {"0.name": "BASE_TYPE_BAD_LENGTH"}),
        ([command(description="")], {"0.description": "BASE_TYPE_REQUIRED"}),
        ([command(description="x" * 101)], {"0.description": "BASE_TYPE_BAD_LENGTH"}),
        ([{"description": "d"}], {"0.name": "BASE_TYPE_REQUIRED"}),
        ([command(), command()], {"1": "APPLICATION_COMMANDS_DUPLICATE_NAME"}),
        ([command(name_localizations={"zh": "x"})], {"0.name_localizations.zh": "BASE_TYPE_CHOICES"}),
        (
            [command(name_localizations={"zh-CN": "A b"})],
            {"0.name_localizations.zh-CN": "APPLICATION_COMMAND_INVALID_NAME"},
        ),
        (
            [command(description_localizations={"zh-CN": "x" * 101})],
            {"0.description_localizations.zh-CN": "BASE_TYPE_BAD_LENGTH"},
        ),
        ([command(options=[option(f"o{n}") for n in range(26)])], {"0.options": "BASE_TYPE_MAX_LENGTH"}),
        (
            [command(options=[option("a"), option("b", required=True)])],
            {"0.options.1": "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"},
        ),
        (
            [command(options=[option(), option()])],
            {"0.options.1.name": "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"},
        ),
        ([command(options=[option(kind=12)])], {"0.options.0.type": "BASE_TYPE_CHOICES"}),
        (
            [command(options=[option("s", 1), option("t", 3)])],
            {"0.options": "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"},
        ),
        (
            [command(options=[option("g", 2, options=[option("h", 2)])])],
            {"0.options.0.options.0.type": "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"},
        ),
        (
            [command(options=[option("g", 2, options=[option("h", 3)])])],
            {"0.options.0.options.0.type": "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"},
        ),
        (
            [command(options=[option(choices=[{"name": "n", "value": "v"}] * 26)])],
            {"0.options.0.choices": "BASE_TYPE_MAX_LENGTH"},
        ),
        (
            [command(options=[option(kind=4, choices=[{"name": "n", "value": "v"}])])],
            {"0.options.0.choices.0.value": "NUMBER_TYPE_COERCE"},
        ),
        (
            [command(options=[option(autocomplete=True, choices=[{"name": "n", "value": "v"}])])],
            {"0.options.0.autocomplete": "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID"},
        ),
        (
            [command(options=[option(min_value=1)])],
            {"0.options.0.min_value": "APPLICATION_COMMAND_OPTION_VALUE_INVALID"},
        ),
        ([command(options=[option(max_length=6001)])], {"0.options.0.max_length": "NUMBER_TYPE_MAX"}),
        ([command(default_member_permissions="many")], {"0.default_member_permissions": "NUMBER_TYPE_COERCE"}),
        (
            [
                command(
                    options=[
                        option(f"o{n}", choices=[{"name": "n" * 90, "value": f"{m}" + "v" * 90} for m in range(25)])
                        for n in range(2)
                    ]
                )
            ],
            {"0": "APPLICATION_COMMAND_TOO_LARGE"},
        ),
    ],
)
async def test_commands_are_refused(emulator, call, commands, refusal):
    status, answer = await call("PUT", f"/applications/{emulator.world.app_id}/commands", commands)
    assert (status, leaves(answer)) == (400, refusal)


async def test_commands_are_kept_with_their_ids(emulator, call):
    path = f"/applications/{emulator.world.app_id}/commands"
    _, [first, _] = await call("PUT", path, [command("兑换", name_localizations={"ja": "コード"}), command("two")])
    _, [same] = await call("PUT", path, [command("兑换")])
    assert same["id"] == first["id"]
    assert (await call("GET", f"{path}/{same['id']}"))[1]["name"] == "兑换"
    assert (await call("PATCH", f"{path}/{same['id']}", {"description": "new"}))[1]["description"] == "new"
    assert (await call("DELETE", f"{path}/{same['id']}"))[0] == 204
    assert (await call("GET", f"{path}/{same['id']}"))[1]["code"] == 10063
    for n in range(100):
        await call("POST", path, command(f"c{n}"))
    assert (await call("POST", path, command("last")))[1]["code"] == 30032
    guild = f"/applications/{emulator.world.app_id}/guilds/{emulator.world.guild_id}/commands"
    assert (await call("PUT", guild, [command("here")]))[1][0]["guild_id"] == emulator.world.guild_id
    assert (await call("GET", "/applications/5/commands"))[0] == 403
    with pytest.raises(DeskError, match="no command /here"):
        await emulator.act("slash", path="here", options={}, who={"user": "7", "locale": "en-US", "dm": True})


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
