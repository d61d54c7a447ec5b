"""Redeeming in Discord: by slash command, by form, by direct message; in English and Chinese."""

import pytest

from tests.support.discord.emulator import buttons_of, text_of

EPHEMERAL = 64


async def test_a_slash_command_gets_a_seat_and_only_the_asker_sees_it(usher, discord, code):
    asked = await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    answer = await discord.wait_answer(asked, "Done")
    assert answer["flags"] & EPHEMERAL
    assert "ada@example.com" in text_of(answer)
    assert [address for _, address in usher.house.invited()] == ["ada@example.com"]
    assert not await discord.rejections()


async def test_the_first_answer_comes_within_a_tenth_of_a_second(usher, discord):
    taken = []
    for code in await usher.house.make_codes(4):
        asked = await discord.slash("redeem", {"address": f"{code.lower()}@example.com", "codes": code})
        taken.append(await discord.acknowledged_after(asked))
        await discord.wait_answer(asked, "Done")
    assert min(taken) < 0.1  # the fastest one, because the machine may stand still during another


async def test_the_person_watches_it_happen(sqlite_url):
    from tests.support.discord.house import open_discord_house

    async with open_discord_house(sqlite_url, latency_ms=300) as usher:
        code = (await usher.house.make_codes())[0]
        asked = await usher.discord.slash("redeem", {"address": "ada@example.com", "codes": code})
        await usher.discord.wait_answer(asked, "Inviting")
        await usher.discord.wait_answer(asked, "Done")
        shown = [line.text for line in await usher.discord.conversation() if line.direction.startswith("bot")]
        assert any("reserved" in text for text in shown)


async def test_a_bare_command_opens_a_form(usher, discord, code):
    asked = await discord.slash("redeem")
    form = await discord.wait_modal(asked)
    assert form["title"] == "Redeem a code for an e-mail address"
    sent = await discord.submit(asked, {"E-mail address": "ada@example.com", "Codes": code})
    answer = await discord.wait_answer(sent, "Done")
    assert answer["flags"] & EPHEMERAL
    assert len(usher.house.invited()) == 1


async def test_the_form_remembers_what_was_given(discord, code):
    asked = await discord.slash("redeem", {"address": "ada@example.com"})
    await discord.wait_modal(asked)
    sent = await discord.submit(asked, {"codes": code})
    assert "ada@example.com" in text_of(await discord.wait_answer(sent, "Done"))


async def test_in_chinese_everything_is_chinese(discord, code):
    asked = await discord.slash("redeem", locale="zh-CN")
    form = await discord.wait_modal(asked)
    assert form["components"][0]["label"] == "邮箱"
    sent = await discord.submit(asked, {"address": "ada@example.com", "codes": code}, locale="zh-CN")
    answer = await discord.wait_answer(sent, "完成")
    assert "ada@example.com" in text_of(answer)


@pytest.mark.parametrize("order", ["{address} {code}", "{code}\n{address}", "please: {code} for {address}, thanks"])
async def test_a_direct_message_needs_no_command(usher, discord, code, order):
    said = await discord.dm(order.format(address="ada@example.com", code=code))
    answer = await discord.wait_message("Done", since=said, dm=True)
    assert not answer["flags"] & EPHEMERAL
    assert len(usher.house.invited()) == 1
    assert not await discord.rejections()


async def test_what_is_missing_in_a_direct_message_is_asked_for(discord, code):
    said = await discord.dm("ada@example.com")
    await discord.wait_message("What is the code", since=said, dm=True)
    said = await discord.dm(code)
    await discord.wait_message("Done", since=said, dm=True)


async def test_a_question_can_be_answered_by_a_form(discord, code):
    said = await discord.dm("ada@example.com")
    question = await discord.wait_message("What is the code", since=said, dm=True)
    assert buttons_of(question) == [["✏️ Answer"], ["Cancel"]]
    pressed = await discord.press("✏️ Answer", dm=True)
    sent = await discord.submit(pressed, {"codes": code}, dm=True)
    await discord.wait_answer(sent, "Done")


async def test_a_button_that_lacks_something_opens_a_form(discord, code):
    await discord.run("start")
    pressed = await discord.press("🎟 Redeem a code")
    sent = await discord.submit(pressed, {"address": "ada@example.com", "codes": code})
    await discord.wait_answer(sent, "Done")
    assert not await discord.rejections()


async def test_the_same_interaction_brought_twice_uses_the_code_once(usher, discord, code):
    asked = await discord.slash("redeem", {"address": "ada@example.com", "codes": code})
    await discord.wait_answer(asked, "Done")
    await discord.replay(asked)
    await discord.wait_idle()
    assert len(usher.house.invited()) == 1
    assert await usher.house.value("SELECT used FROM codes") == 1
    assert not await discord.rejections()
