"""Pictures, files and spoken words as questions, told once and run through every chat in both languages."""

from __future__ import annotations

import base64
from collections.abc import AsyncGenerator

from core.actors import SYSTEM
from core.models.protocol import Event, Question, Usage
from core.sources import models, sources
from tests.stories.conftest import OpenStory
from tests.stories.test_talking import ACCOUNT, give
from tests.support.credit import Desk, saying

JPEG = b"\xff\xd8\xff\xe0" + b"a picture of a fox" * 40
SPOKEN = b"OggS" + b"\x00\xff" * 200
USED = Usage(input=10, output=5)


def listening(question: Question) -> AsyncGenerator[Event, None]:
    """The one model writes down what it hears, the others answer."""
    return saying("What is a fox?" if question.sound else "An animal", usage=USED)(question)


async def test_asking_with_more_than_words(story: OpenStory):
    desk = Desk(usual=saying("A fox", usage=USED))
    async with story(workspaces=0, open_model=desk.open, talk={"transcription_model": "ear"}) as chat:
        chat.alone = True
        core = chat.house.core
        assert chat.words("small-talk-media", kind="photo") in await chat.send("", ("fox.jpg", JPEG)) or (
            chat.platform == "terminal"  # where a file is a file
        )
        for name, sees in (("blind", ("text",)), ("eye", ("text", "image")), ("ear", ("text",))):
            await models.add_model(
                core, SYSTEM, name, models.NewModel(price_input=1_000_000, price_output=2_000_000, sees=sees)
            )
        await sources.add_source(core, SYSTEM, {**ACCOUNT, "models": ["blind", "eye", "ear"]})
        await give(chat, "10")
        # What only listens cannot be talked with; what does not see says so, before anything is used.
        assert "ear" not in await chat.say("/model")
        await chat.say("/model blind")
        assert chat.words("error-model_sees_not", model="blind") in await chat.send("what is it?", ("fox.jpg", JPEG))
        assert not desk.questions
        await chat.say("/model eye")
        assert "A fox" in await chat.brought(chat.send("what is it?", ("fox.jpg", JPEG)), "A fox")
        [asked] = desk.questions[-1].messages
        [words, picture] = asked["content"]
        assert words == {"type": "text", "text": "what is it?"}
        assert picture["image_url"]["url"] == f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}"
        # It stays part of the conversation; a model that does not see is told that there was one.
        desk.usual = saying("Red", usage=USED)
        await chat.ask("and its colour?", "Red")
        assert desk.questions[-1].messages[0]["content"][1] == picture
        await chat.say("/model blind")
        desk.usual = saying("Like a fox", usage=USED)
        await chat.ask("and its name?", "Like a fox")
        assert "[a picture: " in desk.questions[-1].messages[0]["content"]
        # Several at once are one question; too many are none.
        await chat.say("/model eye")
        desk.usual = saying("Two foxes", usage=USED)
        await chat.brought(chat.send("how many?", ("1.jpg", JPEG), ("2.jpg", JPEG)), "Two foxes")
        assert len(desk.questions[-1].messages[-1]["content"]) == 3
        count = len(desk.questions)
        many = [(f"{number}.jpg", JPEG) for number in range(5)]
        assert chat.words("error-too_many_files", kind="image", most=4) in await chat.send("and now?", *many)
        # Text is quoted, in whatever encoding; what is none is said.
        desk.usual = saying("A list", usage=USED)
        await chat.brought(chat.send("read", ("list.csv", "名前,数\n狐,2\n".encode("utf-16"))), "A list")
        assert "list.csv:\n```\n名前,数\n狐,2\n```" in desk.questions[-1].messages[-1]["content"]
        odd = await chat.send("read", ("paper.pdf", b"%PDF-1.7 \x00\x01"))
        assert chat.words("error-file_not_text", name="paper.pdf") in odd
        assert len(desk.questions) == count + 1
        # What is spoken is written down, and asked.
        desk.usual = listening
        await chat.brought(chat.send("", ("voice.ogg", SPOKEN)), "An animal")
        heard, then = desk.questions[-2:]
        assert (heard.model, heard.sound and heard.sound.content) == ("ear", SPOKEN)
        assert then.messages[-1]["content"] == "What is a fox?"
        assert await chat.house.value("SELECT count(*) FROM attachments WHERE kind = 'voice'") == 0
        # Nothing of it is readable, each was paid for, and all of it goes with the person.
        for (content,) in await chat.house.rows("SELECT content FROM attachments"):
            assert b"fox" not in bytes(content)
            assert "狐".encode() not in bytes(content)
        assert await chat.house.value("SELECT count(*) FROM ledger WHERE kind = 'charge'") == 7
