"""Each refusal of the emulated Telegram once, through plain HTTP, in Telegram's words."""

import json

import aiohttp
import pytest

from tests.support.telegram.emulator import FakeTelegram
from tests.support.telegram.html import BadEntities, parse_html

ROW = [{"text": "b", "callback_data": "d"}]


@pytest.fixture
async def telegram():
    async with FakeTelegram() as fake:
        await fake.open_chat(7)
        await fake.add_group(-1001, threads=(3,))
        yield fake


@pytest.fixture
async def call(telegram):
    """Call a method with JSON; answers the error's code and description, or the result."""
    async with aiohttp.ClientSession() as session:

        async def call(method, files=None, token=telegram.token, **fields):
            url = f"{telegram.base}/bot{token}/{method}"
            if files:
                form = aiohttp.FormData()
                for name, value in fields.items():
                    form.add_field(name, value if isinstance(value, str) else json.dumps(value))
                for name, data in files.items():
                    form.add_field(name, data, filename=name)
                request = session.post(url, data=form)
            else:
                request = session.post(url, json=fields)
            async with request as response:
                answer = await response.json()
            return answer["result"] if answer["ok"] else f"{answer['error_code']} {answer['description']}"

        yield call


def keyboard(*rows):
    return {"inline_keyboard": list(rows)}


@pytest.mark.parametrize(
    ("method", "fields", "refusal"),
    [
        ("sendNonsense", {}, "404 Not Found"),
        ("sendMessage", {"text": "x"}, "400 Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": 7}, "400 Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 7, "text": " \u2028 \n"}, "400 Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 8, "text": "x"}, "400 Bad Request: chat not found"),
        ("sendMessage", {"chat_id": "nobody", "text": "x"}, "400 Bad Request: chat not found"),
        ("sendMessage", {"chat_id": 7, "text": 5}, "400 Bad Request: invalid text specified"),
        ("sendMessage", {"chat_id": 7, "text": "x" * 4097}, "400 Bad Request: message is too long"),
        ("sendMessage", {"chat_id": 7, "text": "😀" * 2049}, "400 Bad Request: message is too long"),
        ("sendMessage", {"chat_id": 7, "text": "\ud800"}, "400 Bad Request: strings must be encoded in UTF-8"),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "parse_mode": "Markdown"},
            "400 Bad Request: unsupported parse_mode",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "<b>x", "parse_mode": "HTML"},
            "400 Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendMessage",
            {"chat_id": -1001, "text": "x", "message_thread_id": 4},
            "400 Bad Request: message thread not found",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_parameters": {"message_id": 99}},
            "400 Bad Request: message to be replied not found",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_markup": keyboard([{"text": "b", "callback_data": "é" * 33}])},
            "400 Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_markup": keyboard([{"text": " ", "callback_data": "d"}])},
            "400 Bad Request: BUTTON_TEXT_INVALID",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_markup": keyboard([{"text": "b"}])},
            "400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_markup": keyboard([{"text": "b", "url": "javascript:x"}])},
            "400 Bad Request: inline keyboard button URL 'javascript:x' is invalid: Unsupported URL protocol",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_markup": keyboard(*[ROW] * 101)},
            "400 Bad Request: reply markup is too long",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_markup": "not json"},
            "400 Bad Request: can't parse reply markup JSON object",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "x", "reply_markup": {"nonsense": 1}},
            "400 Bad Request: can't parse reply keyboard markup JSON object",
        ),
        ("sendPhoto", {"chat_id": 7}, "400 Bad Request: there is no photo in the request"),
        ("sendPhoto", {"chat_id": 7, "photo": "unknown"}, "400 Bad Request: wrong file identifier/HTTP URL specified"),
        ("sendDocument", {"chat_id": 7}, "400 Bad Request: there is no document in the request"),
        (
            "sendDocument",
            {"chat_id": 7, "document": "attach://x"},
            '400 Bad Request: file "x" not found in the request',
        ),
        (
            "sendMediaGroup",
            {"chat_id": 7, "media": {"type": "photo"}},
            "400 Bad Request: can't parse media JSON object: expected an Array of InputMedia",
        ),
        (
            "sendMediaGroup",
            {"chat_id": 7, "media": [{"type": "photo", "media": "x"}]},
            "400 Bad Request: there are not enough media to send as an album",
        ),
        (
            "sendMediaGroup",
            {"chat_id": 7, "media": [{"type": "photo", "media": "x"}] * 11},
            "400 Bad Request: too many messages to send as an album",
        ),
        (
            "sendMediaGroup",
            {"chat_id": 7, "media": [{"type": "photo", "media": "x"}, {"type": "document", "media": "x"}]},
            "400 Bad Request: document can't be mixed with other media types",
        ),
        ("sendChatAction", {"chat_id": 7, "action": "dancing"}, "400 Bad Request: wrong parameter action in request"),
        ("editMessageText", {"text": "x"}, "400 Bad Request: message identifier is not specified"),
        (
            "editMessageText",
            {"chat_id": 7, "message_id": 99, "text": "x"},
            "400 Bad Request: message to edit not found",
        ),
        ("editMessageReplyMarkup", {"chat_id": 7, "message_id": "x"}, "400 Bad Request: invalid message_id specified"),
        ("deleteMessage", {"chat_id": 7, "message_id": 99}, "400 Bad Request: message to delete not found"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            "400 Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "Big", "description": "x"}]},
            "400 Bad Request: BOT_COMMAND_INVALID",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": ""}]},
            "400 Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
        ),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": "x"}] * 101},
            "400 Bad Request: BOT_COMMANDS_TOO_MUCH",
        ),
        (
            "setMyCommands",
            {"commands": [], "language_code": "zh-CN"},
            "400 Bad Request: invalid language code specified",
        ),
        (
            "setMyCommands",
            {"commands": [], "scope": {"type": "moon"}},
            "400 Bad Request: can't parse BotCommandScope: unsupported scope type",
        ),
        ("setMyDescription", {"description": "x" * 513}, "400 Bad Request: bot description is too long"),
        ("setWebhook", {"url": "ftp://x"}, "400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
        (
            "setWebhook",
            {"url": "http://x.org"},
            "400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            "setWebhook",
            {"url": "https://x.org:8080/hook"},
            "400 Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ("setWebhook", {"url": "https://10.0.0.1/"}, "400 Bad Request: bad webhook: IP address 10.0.0.1 is reserved"),
        (
            "setWebhook",
            {"url": "https://x", "secret_token": "é"},
            "400 Bad Request: secret token contains unallowed characters",
        ),
        ("getFile", {"file_id": "x"}, "400 Bad Request: invalid file_id"),
        ("getChatMember", {"chat_id": -1001, "user_id": 4}, "400 Bad Request: member not found"),
        ("getChatAdministrators", {"chat_id": 7}, "400 Bad Request: there are no administrators in the private chat"),
        (
            "deleteMessages",
            {"chat_id": 7, "message_ids": [1] * 101},
            "400 Bad Request: too many message identifiers specified",
        ),
    ],
)
async def test_a_call_is_refused(telegram, call, method, fields, refusal):
    assert await call(method, **fields) == refusal
    [rejection] = await telegram.rejections()
    assert (rejection.method, f"{rejection.status} {rejection.description}") == (method, refusal)


async def test_the_longest_things_are_taken(call):
    rows = [[{"text": "b", "callback_data": "d" * 64}] * 10] * 10
    assert (await call("sendMessage", chat_id=7, text="x" * 4096, reply_markup=keyboard(*rows)))["message_id"]
    assert (await call("sendMessage", chat_id=7, text="<b>" + "x" * 4096 + "</b>", parse_mode="html"))["message_id"]
    assert (await call("sendDocument", chat_id=7, caption="x" * 1024, files={"document": b"1"}))["document"]


async def test_a_wrong_token_is_unauthorized(call):
    assert await call("getMe", token="1:wrong") == "401 Unauthorized"


async def test_uploads_are_looked_into(call):
    assert await call("sendPhoto", chat_id=7, files={"photo": b"no image"}) == "400 Bad Request: IMAGE_PROCESS_FAILED"
    wide = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (9000).to_bytes(4, "big") + (2000).to_bytes(4, "big")
    assert await call("sendPhoto", chat_id=7, files={"photo": wide}) == "400 Bad Request: PHOTO_INVALID_DIMENSIONS"
    assert await call("sendDocument", chat_id=7, files={"document": b""}) == "400 Bad Request: file must be non-empty"
    refusal = await call("sendDocument", chat_id=7, caption="x" * 1025, files={"document": b"1"})
    assert refusal == "400 Bad Request: message caption is too long"


async def test_files_beyond_the_limits(telegram, call):
    assert (telegram.world.upload_bytes, telegram.world.download_bytes) == (50 * 2**20, 20 * 2**20)
    telegram.world.upload_bytes, telegram.world.download_bytes = 200, 100
    assert await call("sendDocument", chat_id=7, files={"document": bytes(201)}) == "413 Request Entity Too Large"
    sent = await call("sendDocument", chat_id=7, files={"document": bytes(101)})
    assert await call("getFile", file_id=sent["document"]["file_id"]) == "400 Bad Request: file is too big"


async def test_edits_that_change_nothing_or_the_wrong_thing(telegram, call):
    sent = await call("sendMessage", chat_id=7, text="x", reply_markup=keyboard(ROW))
    same = {"chat_id": 7, "message_id": sent["message_id"]}
    nothing_new = (
        "400 Bad Request: message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message"
    )
    assert await call("editMessageText", **same, text="x", reply_markup=keyboard(ROW)) == nothing_new
    assert (await call("editMessageText", **same, text="x"))["text"] == "x"
    assert await call("editMessageReplyMarkup", **same) == nothing_new
    assert await call("editMessageCaption", **same, caption="c") == (
        "400 Bad Request: there is no caption in the message to edit"
    )
    assert await call("editMessageText", **same, text="y", reply_markup={"force_reply": True}) == (
        "400 Bad Request: inline keyboard expected"
    )
    document = await call("sendDocument", chat_id=7, files={"document": b"1"})
    assert await call("editMessageText", chat_id=7, message_id=document["message_id"], text="x") == (
        "400 Bad Request: there is no text in the message to edit"
    )
    said = await telegram.say("mine")
    theirs = {"chat_id": 7, "message_id": said["message"]["message_id"]}
    assert await call("editMessageText", **theirs, text="x") == "400 Bad Request: message can't be edited"
    assert await call("deleteMessage", **theirs) is True
    assert await call("deleteMessage", **theirs) == "400 Bad Request: message to delete not found"


async def test_rights_decide_what_may_be_deleted_in_a_group(telegram, call):
    said = await telegram.say("secret", chat=-1001)
    target = {"chat_id": -1001, "message_id": said["message"]["message_id"]}
    assert await call("deleteMessage", **target) == "400 Bad Request: message can't be deleted"
    assert await call("pinChatMessage", **target) == (
        "400 Bad Request: not enough rights to manage pinned messages in the chat"
    )
    await telegram.set_rights(-1001, {"can_delete_messages": True})
    assert await call("deleteMessage", **target) is True


async def test_a_press_is_answered_once_and_in_time(telegram, call):
    await call("sendMessage", chat_id=7, text="x", reply_markup=keyboard(ROW))
    query = (await telegram.press("b"))["callback_query"]["id"]
    assert await call("answerCallbackQuery", callback_query_id=query, text="x" * 201) == (
        "400 Bad Request: MESSAGE_TOO_LONG"
    )
    assert await call("answerCallbackQuery", callback_query_id=query) is True
    assert "query is too old" in await call("answerCallbackQuery", callback_query_id=query)
    late = (await telegram.press("b"))["callback_query"]["id"]
    telegram.world.query_seconds = 0
    assert "query is too old" in await call("answerCallbackQuery", callback_query_id=late)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("<x>", 'Unsupported start tag "x" at byte offset 0'),
        ("é<script>", 'Unsupported start tag "script" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a < b >", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a =x>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_telegram_refuses(source, refusal):
    with pytest.raises(BadEntities) as caught:
        parse_html(source)
    assert str(caught.value) == refusal


def test_html_that_telegram_takes():
    text, entities = parse_html(
        "😀<B>b<i>i</i></B> &lt;&#65;&#x42;&nbsp;&amp &quot; <a href=\"https://a.b/?x=1&amp;y\">l</a><a href='javascript:x'>j</a>"
        "<blockquote expandable>q</blockquote><tg-spoiler>s</tg-spoiler><pre><code class='language-py'>c</code></pre>"
    )
    assert text == '😀bi <AB&nbsp;& " ljqsc'
    kinds = [(e["type"], e["offset"], e["length"]) for e in entities]
    assert kinds == [
        ("bold", 2, 2),
        ("italic", 3, 1),
        ("text_link", 18, 1),
        ("expandable_blockquote", 20, 1),
        ("spoiler", 21, 1),
        ("pre", 22, 1),
        ("code", 22, 1),
    ]
    assert entities[2]["url"] == "https://a.b/?x=1&y"
