"""What people mean who write only a word or two, and that it is never taken for an answer."""

from __future__ import annotations

import pytest

from bots.commands.catalogue import catalogue
from bots.commands.small_talk import heard
from tests.support.desk import Desk
from tests.support.house import open_house

MEANT = {
    "cancel": "cancel|Stop!|cancel it|stop that|please stop|nvm|never mind|forget about it|no thanks|取消|取消吧|请取消|我要取消|取消操作"
    "|算了|算了吧|算啦|不要了|不想要了|不用|不了|先不了|不做了|停下来",
    "how": "help|how does it work?|how to use this|how do I redeem a code|怎么用啊|这个怎么用|如何兑换|怎么用兑换码|怎么激活|这是什么|干嘛的",
    "thanks": "thanks a lot|thank u|thank you very much|3q|好的谢谢",
    "human": "can I talk to a human?|人工客服|有客服吗",
    "hello": "hello there|你好|在吗",
}


@pytest.mark.parametrize(
    ("meant", "said"), [(meant, said) for meant, all_ in MEANT.items() for said in all_.split("|")]
)
def test_a_word_or_two_is_understood(meant: str, said: str):
    assert heard(said) == meant


@pytest.mark.parametrize(
    "said", ["stop selling to bob", "cancel the seat of bob", "team-stop", "怎么给朋友转一个", "不用这个团队"]
)
def test_what_says_more_is_no_small_talk(said: str):
    assert heard(said) is None


async def test_a_plain_word_cancels_every_open_question(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        await house.make_codes()
        asked = 0
        for command in catalogue():
            for word in ("stop", "算了"):
                desk = Desk(house)
                await desk.say(f"/{command.name}")
                if desk.reply.state == "asking" and desk.reply.asks:
                    asked += 1
                    assert await desk.say(word) == desk.words("cancelled"), command.name
        assert asked > 30
