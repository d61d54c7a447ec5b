"""Each refusal of a message by the emulated Discord once, through plain HTTP, with Discord's codes."""

import pytest

from tests.support.discord.requests import BUTTON, INPUT, OPTION, row, select


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
        ({"content": "x", "nonce": "n" * 26}, {"nonce": "BASE_TYPE_MAX_LENGTH"}),
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


async def test_what_has_a_nonce_that_is_enforced_is_sent_once(emulator, send):
    sent = emulator.world.posts.values()
    for content, nonce, enforced, count in [
        ("a", "1", True, 1), ("b", "1", True, 1), ("b", "2", True, 2), ("b", "1", False, 3), ("b", None, True, 4),
    ]:  # fmt: skip
        assert await send({"content": content, "nonce": nonce, "enforce_nonce": enforced}) == 200
        assert sum(post.outgoing for post in sent) == count


async def test_files_beyond_the_limits(emulator, send):
    assert emulator.world.upload_bytes == 10 * 2**20
    emulator.world.upload_bytes = 100
    assert await send({}, files=[bytes(101)]) == 40005
    assert await send({}, files=[b"1"] * 11) == {"files": "BASE_TYPE_MAX_LENGTH"}
    assert await send({"attachments": [{"filename": "x"}]}, files=[b"1"]) == {"attachments.0.id": "BASE_TYPE_REQUIRED"}
