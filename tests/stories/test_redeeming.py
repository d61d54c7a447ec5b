"""A person gets a seat, or learns why not and what to do next."""

from __future__ import annotations

from core.clock import MovedClock
from core.leases import recovery
from core.rules.terms import parse_term
from tests.stories.conftest import OpenStory
from tests.support.moved import START

ME = "me@example.com"
TEAM = "Workspace 1"


async def test_an_address_and_a_code_in_one_message(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        answer = await chat.say(f"{ME} {code}")
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in answer
        assert chat.words("redeemed-term", term=parse_term("1mo")) in answer
        assert chat.buttons == [chat.label("myseat")]
        assert chat.words("progress-finding", address=ME, number=1, of=1) in await chat.passing()
        assert [address for _, address in chat.house.invited()] == [ME]


async def test_however_it_is_written(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        spread = code.lower().replace("-", " ")
        # Whoever writes Chinese is answered in Chinese, where nothing else is known of them.
        messy = {
            "zh-CN": f"您好！我的邮箱是 {ME}，兑换码：{spread} 谢谢",
            "en": f"Hi! My e-mail is <{ME}>，and the code：{spread}, thanks",
        }
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(messy[chat.language])


async def test_the_same_message_twice_uses_the_code_once(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        await chat.say(f"{ME} {code}")
        assert chat.words("redeemed-before", address=ME, team=TEAM) in await chat.say(f"{ME} {code}")
        assert len(chat.house.invited()) == 1
        assert await chat.house.value("SELECT used FROM codes") == 1


async def test_asked_one_question_at_a_time(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        assert await chat.say("/redeem") == chat.words("ask-redeem-address", address="", count=0)
        assert chat.buttons == [chat.label("cancel")]
        wrong = await chat.say("not an address")
        assert chat.words("error-bad_address") in wrong
        assert chat.words("ask-redeem-address", address="", count=0) in wrong
        assert await chat.say(ME) == chat.words("ask-codes", address=ME, count=0)
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(code)


async def test_a_bare_code_then_the_address(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        assert await chat.say(code) == chat.words("ask-redeem-address", address="", count=1)
        await chat.restart()
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(ME)


async def test_a_bare_address_then_both(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        assert await chat.say(ME) == chat.words("ask-codes", address=ME, count=0)
        other = "you@example.com"
        assert chat.words("redeemed-invited", address=other, team=TEAM) in await chat.say(f"{code} {other}")


async def test_a_wish_goes_before_a_question_about_something_else(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        await chat.say("/language")
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(f"{ME} {code}")


async def test_cancelled(story: OpenStory):
    async with story() as chat:
        await chat.say("/redeem")
        assert await chat.press(chat.label("cancel")) == chat.words("cancelled")
        assert chat.words("not-understood") in await chat.say("hm")
        assert await chat.say("/cancel") == chat.words("nothing-to-cancel")


async def test_a_button_works_after_a_restart(story: OpenStory):
    async with story() as chat:
        await chat.say("/start")
        await chat.restart()
        assert await chat.press(chat.label("redeem")) == chat.words("ask-redeem-address", address="", count=0)


async def test_a_mistyped_code_costs_nothing(story: OpenStory):
    async with story() as chat:
        [code] = await chat.house.make_codes()
        mistyped = code[:-1] + ("A" if code[-1] != "A" else "B")
        for _ in range(7):
            answer = await chat.say(f"{ME} {mistyped}")
            assert chat.words("error-mistyped_code", code=mistyped) in answer
            assert chat.words("ask-codes", address=ME, count=0) in answer
        assert chat.words("redeemed-invited", address=ME, team=TEAM) in await chat.say(code)


async def test_wrong_codes_lock_for_a_while(story: OpenStory):
    async with story() as chat:
        [good, *wrong] = await chat.house.make_codes(6)
        await chat.house.execute("UPDATE codes SET status = 'disabled' WHERE id > (SELECT min(id) FROM codes)")
        for code in wrong:
            assert await chat.say(f"{ME} {code}") == chat.words("error-code_refused")
        locked = await chat.say(f"{ME} {good}")
        said, advice = chat.words("error-locked_out", until="|").split("\n\n")
        assert locked.startswith(said.partition("|")[0])
        assert locked.endswith(advice)
        assert not chat.house.invited()


async def test_no_seats_then_the_waiting_list(story: OpenStory):
    async with story(seats=1) as chat:
        [taken, mine] = await chat.house.make_codes(2)
        await chat.house.redeem("first@example.com", taken, key="first")
        answer = await chat.say(f"{ME} {mine}")
        assert chat.words("error-no_seats", waitlist=True) in answer
        assert chat.words("waitlist-joined", address=ME) in await chat.press(chat.label("join"))
        assert chat.words("waitlist") in await chat.say("/waitlist")
        assert ME in await chat.say("/myseat")
        assert chat.words("waitlist-left", count=1) in await chat.press(chat.label("leave"))
        assert chat.words("waitlist-none") in await chat.say("/waitlist")
        assert await chat.house.value("SELECT count(*) FROM codes WHERE used = 0") == 1


async def test_twenty_codes_in_one_message(story: OpenStory):
    async with story(workspaces=20, seats=1) as chat:
        codes = await chat.house.make_codes(21)
        too_many = await chat.say("\n".join([ME, *codes]))
        assert chat.words("error-too_many_codes", most=20, given=21) in too_many
        await chat.say("/cancel")
        mistyped = codes[19][:-1] + ("A" if codes[19][-1] != "A" else "B")
        answer = await chat.say("\n".join([*codes[:19], mistyped, ME]))
        facts = {"address": ME, "count": 20, "invited": 1, "already_member": 18, "unclear": 0, "refused": 1}
        assert chat.words("redeemed-many", **facts) in answer
        reason = chat.words("reason-mistyped_code")
        assert f"{mistyped} – {reason}" in answer
        for code in codes[:19]:
            assert f"…{code[-4:]}" in answer


async def test_unclear_then_told(story: OpenStory):
    clock = MovedClock(START)  # it stands still, so that the second look is not due before the answer
    async with story(patience=0.0, faults=["applied-then-reset=1"], clock=clock) as chat:
        [code] = await chat.house.make_codes()
        assert chat.words("redeemed-unclear", address=ME) in await chat.say(f"{ME} {code}")
        assert code[-4:] in await chat.say("/myseat")
        clock.move(minutes=1)
        await recovery.recover(chat.house.core)
        assert await chat.house.value("SELECT state FROM redemptions") == "invited"
        told = await chat.told(chat.words("notice-invited", address=ME, team=TEAM, code=code[-4:]))
        assert told
        assert len(chat.house.invited()) == 1


async def test_a_word_that_means_nothing(story: OpenStory):
    async with story() as chat:
        assert chat.words("not-understood") in await chat.say("how are you?")
        assert await chat.say("/mysaet") == chat.words("error-unknown_command", name="mysaet", nearest="myseat")
        assert await chat.say("/qqqqqqq") == chat.words("error-unknown_command", name="qqqqqqq", nearest="")
        two = await chat.say("a@example.com b@example.com")
        both = ["a@example.com", "b@example.com"]
        assert chat.words("error-several_addresses", addresses=both) in two
