"""What people say who just talk: stop, hello, thanks, how does this work, is there a human."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import Literal, TypeAlias

from bots.commands.member.my_seat import MY_SEAT, REDEEM_BUTTON
from bots.messages.reply import Button, Reply, Say
from core.rules import house_texts
from core.service import Core
from core.talk import choosing

SmallTalk: TypeAlias = Literal["cancel", "hello", "thanks", "bye", "how", "human"]

HELP = Button(Say("button-help"), "help", replaces=False)
LONGEST = 60
"""Characters; who writes more has something to say that no list of words understands."""

_WORDS: dict[SmallTalk, str] = {
    "cancel": """
        cancel|stop|quit|abort|(?:cancel|stop|forget|leave|skip) (?:it|that|this)|(?:please )?(?:cancel|stop)|never ?mind|nvm
        |forget about (?:it|that)|no thanks?|no thank you|exit
        |undo|(?:请|我要|我想)?取消(?:操作)?|撤[销回]|算了|算啦|停|停止|停下来?|不要了|不想要了|不用|不用了|先?不了|不做了|不弄了|别弄了|退出|放弃|没事了""",
    "hello": """
        hi+|hey+|hello+|hallo|good (?:morning|afternoon|evening|day)|howdy|greetings|yo
        |你好|您好|你们好|嗨|哈喽|哈啰|在吗|在么|在不在|有人在吗|早|早上好|上午好|中午好|下午好|晚上好""",
    "thanks": """
        thanks?|thank (?:you|u)|thx|ty|3q|many thanks|thanks (?:a lot|so much)|thank you (?:so|very) much|cheers|great|perfect|awesome|cool|nice|ok(?:ay)?|got it
        |谢+|谢谢(?:您|你|啦|了)?|多谢|感谢|辛苦了|好的|好|收到|明白了?|知道了|太好了|棒""",
    "bye": """
        bye+|goodbye|good ?night|see you|cu
        |再见|拜+|拜拜|晚安|回头见""",
    "how": """
        help|help me|how(?: do(?:es)?)?(?: it| this| that)?(?: i)?(?: works?| use (?:it|this|that))?|what (?:is|does) this(?: bot)?(?: do)?
        |how to (?:use|redeem)(?: (?:it|this|that|a code|codes|my code))?|how (?:do|can) i redeem(?: (?:it|this|that|a code|codes|my code))?
        |what can you do|what do i do|what now|instructions?|manual|menu|commands?|info|get started|begin|start
        |帮助|帮助我|帮忙|帮帮我|(?:这个|这东西)?(?:怎么|咋|如何)(?:用|使用|弄|办|领|领取|兑换|激活)(?:它|这个|兑换码)?|这是(?:什么|啥|干什么的|干嘛的)|干嘛的|使用说明|说明|教程|你是谁|你会什么|你能做什么|菜单|命令|开始""",
    "human": """
        human|a human|(?:real )?person|operator|agent|support|contact|customer (?:service|support)|talk to (?:a |some)?(?:human|person|one|support)
        |(?:i )?(?:want|need) (?:to talk to )?(?:a )?(?:human|person|support)|admin|who are you|refund|my money back|complain(?:t)?
        |人工|人工客服|转人工|客服|找客服|联系客服|联系人|联系方式|真人|找人|售后|投诉|退款|管理员|老板""",
}
_MEANT = {
    talk: re.compile("(?:" + re.sub(r"\s*\n\s*", "", words.strip()) + r")(?: (?:please|bot|there))?")
    for talk, words in _WORDS.items()
}
_HUMAN = re.compile(
    r"\b(?:human|real person|customer (?:service|support)|talk to (?:someone|somebody))\b|人工|真人|客服"
)
"""Whoever says this in a short message wants a person, whatever stands around it."""
_OF_THE_BOT = frozenset(
    [
        "help",
        "help me",
        "menu",
        "commands",
        "manual",
        "帮助",
        "帮助我",
        "菜单",
        "命令",
        "使用说明",
        "怎么用",
        "如何使用",
    ]
)
"""What the bot is asked, and never a model."""
_STOP = frozenset({"stop", "please stop", "stop it", "stop that", "停", "停止", "停下", "停下来", "请停止"})
_YES = frozenset("y yes yep yeah ok okay sure confirm 是 是的 好 好的 好吧 对 可以 行 没错 确认 确定".split()) | {
    "yes please",
    "do it",
}
_NO = frozenset("n no nope dont 否 不 不是 不要 不行 不可以 别 取消".split()) | {"no thanks", "do not"}
"""What is written below a question that is to be confirmed, and is nothing to ask a model."""
_OTHER = re.compile(r"[^\w ]+")
_ENDING = re.compile(r"(?<=[\u4e00-\u9fff])\s?(?:吧|呢|啊|呀|吗|了|哦|谢谢)$")


def heard(text: str) -> SmallTalk | None:
    """What somebody meant who wrote only this; None where it is not one of the few things that are known."""
    if len(text) > LONGEST:
        return None
    plain = _plain(text)
    for said in (plain, _ENDING.sub("", plain)):
        for talk, meant in _MEANT.items():
            if said and meant.fullmatch(said):
                return talk
    return "human" if _HUMAN.search(plain) else None


def agrees(text: str) -> bool | None:
    """Is this a plain yes, or a plain no; None where it is neither, or says more."""
    if len(text) > LONGEST:
        return None
    plain = _plain(text)
    if plain in _YES:
        return True
    return False if plain in _NO or heard(text) == "cancel" else None


def nothing_open(text: str) -> Reply:
    """What is said to a "cancel", or a "stop", where nothing is waited for and nothing runs."""
    stops = len(text) <= LONGEST and _plain(text) in _STOP
    return Reply("talk-nothing-runs" if stops else "nothing-to-cancel")


def is_for_the_bot(text: str) -> bool:
    """Does somebody ask what can be done here? A model could not say."""
    return len(text) <= LONGEST and _plain(text) in _OF_THE_BOT


def answer(core: Core, talk: SmallTalk, language: str) -> Reply:
    """A short fitting word, and what the bot can do here."""
    if talk in {"thanks", "bye"}:
        return Reply(f"small-talk-{talk}")
    rows = ((REDEEM_BUTTON, MY_SEAT), (HELP,))
    facts = {"contact": house_texts.contact(core.settings, language)} if talk == "human" else {}
    return Reply(f"small-talk-{talk}", facts, buttons=rows)


async def reply(core: Core, talk: SmallTalk, language: str) -> Reply:
    """The same where nothing is open: whoever says hello hears of the models too."""
    said = answer(core, talk, language)
    more = (Say("welcome-talk"),) if talk in {"hello", "how"} and await choosing.talks(core) else ()
    return replace(said, more=more)


def about_media(kind: str) -> Reply:
    """Voice, pictures, places: what holds no words that could be read."""
    return Reply("small-talk-media", {"kind": kind}, buttons=((REDEEM_BUTTON, HELP),))


def _plain(text: str) -> str:
    return " ".join(_OTHER.sub(" ", unicodedata.normalize("NFKC", text).casefold().replace("'", "")).split())
