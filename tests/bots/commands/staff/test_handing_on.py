"""Codes on their way to whoever is to have them: links, a share button, QR codes that a reader reads."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image

from bots.commands.dispatch import dispatch
from bots.commands.request import Chat, Request
from bots.messages.sheets import Card, page_of
from core.actors import Actor, Role
from tests.support.desk import Desk
from tests.support.house import open_house

LINK = "https://t.me/usher_test_bot?start="


def _read(picture: bytes) -> list[str]:
    """What a reader that is none of ours finds on a picture, from the top."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    return [one.text for one in sorted(found, key=lambda one: (one.position.top_left.y // 50, one.position.top_left.x))]


def test_every_code_of_a_sheet_is_read_from_paper():
    cards = [Card(f"{LINK}TEAM-0000-0000-{number:04}", f"TEAM-0000-0000-{number:04}") for number in range(12)]
    printed = io.BytesIO()
    page_of(cards, "小店 Kiosk 24", "Scan the code.").savefig(printed, format="png", dpi=110)
    assert sorted(_read(printed.getvalue())) == [card.content for card in cards]


def _chat() -> Chat:
    return Chat("telegram", "42", deep_link=lambda payload: LINK + payload)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_one_code_is_made_and_shared_in_two_taps(sqlite_url: str, language: str):
    async with open_house(sqlite_url) as house:
        actor = Actor("telegram", "42", Role.OWNER)
        reply = await dispatch(house.core, Request(actor, "1", language, _chat(), text="/generate 1"))
        assert reply is not None
        code = str(reply.items[0].facts["code"])
        share = reply.buttons[0][0]
        asked = parse_qs(urlsplit(share.url or "").query)
        assert asked["url"] == [LINK + code]
        assert code in asked["text"][0]
        [picture] = reply.files
        assert picture.image
        assert _read(picture.content) == [LINK + code]
        # The link redeems: whoever follows it is asked for an address only.
        guest = Request(Actor("telegram", "9"), "2", language, _chat(), text=f"/start {code}")
        asking = await dispatch(house.core, guest)
        assert asking is not None
        assert asking.asks == ("redeem", "address")


async def test_without_links_there_is_a_text_to_forward_and_a_sheet_all_the_same(sqlite_url: str):
    async with open_house(sqlite_url, seats=20, shop="Kiosk 24") as house:
        desk = Desk(house, platform="discord")
        answer = await desk.say("/generate 1")
        code = str(desk.reply.items[0].facts["code"])
        assert desk.words("hand-on", code=code) in answer
        await desk.say("/generate 14")
        await desk.press(desk.words("button-sheet"))
        [sheet] = desk.reply.files
        assert sheet.name == "sheet-batch-2.pdf"
        assert sheet.content.startswith(b"%PDF")
        assert len(re.findall(rb"/Type /Page\b(?!s)", sheet.content)) == 2
        await desk.say("/export 2 links")
        assert len(desk.file()[1].splitlines()) == 14
