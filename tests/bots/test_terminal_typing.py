"""What is typed at a terminal: buttons by the numbers of their lines, and a stop that does not wait for the answer."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.console import Console

from bots.messages.rendering import Key, Look, words
from bots.messages.reply import Reply, Say
from bots.terminal_chat import app
from bots.terminal_chat.chat import ShownMessage, TerminalChat
from bots.terminal_chat.signs import asks_for_numbers, lines_of, signs_of
from core.actors import SYSTEM, Role
from core.credit import grants
from core.models.protocol import Began, Event, Finished, Question, Sent, Text, Usage
from core.sources import models, sources
from core.talk import conversations, sharing, turns
from core.talk.places import Place
from tests.support.chats import until
from tests.support.credit import Desk, saying
from tests.support.house import House, open_house
from tests.support.numbered import misnumbered

USED = Usage(input=10, output=5)
ACCOUNT = {"name": "main", "base_url": "http://127.0.0.1:1/v1", "api_key": "sk-1", "models": ["small"]}
LOOK = Look("en", "plain", 10_000)


def key(label: str, line: int | None = None) -> Key:
    return Key(label, label, None, "plain", line)


def test_the_number_of_a_line_is_what_is_typed_for_its_button():
    assert signs_of([key("a", 4), key("b", 2), key("c"), key("d")], frozenset({2, 4}), letters=False) == list("4213")
    # Of several buttons of a line none is the line itself, and a line without one keeps its number for nothing else.
    twice = [key("yes", 3), key("no", 3), key("yes", 1), key("more")]
    assert signs_of(twice, frozenset({1, 2, 3}), letters=False) == ["3a", "3b", "1", "4"]
    assert signs_of([key("Cancel"), key("Other"), key("#7", 7)], frozenset({7}), letters=True) == ["a", "b", "7"]


def test_where_a_number_may_be_the_answer_no_button_is_one():
    assert asks_for_numbers(Reply("x", asks=("generate", "count")))
    assert not asks_for_numbers(Reply("x", asks=("redeem", "address")))
    assert not asks_for_numbers(Reply("x"))
    items = [Say("chats-line", {"number": "4"}), Say("code-line", {"batch": "9"}), Say("batch-line", {"batch": "8"})]
    assert lines_of(Reply("x", items=items), []) == {4, 8}
    assert lines_of(Reply("x", items=items[:1]), [key("Rename")]) == frozenset(), "a page of one thing is no list"
    assert lines_of(Reply("x", items=items[:1]), [key("#4", 4)]) == {4}


def test_a_list_whose_numbers_differ_is_seen():
    listed = "🔗 Links:\n\n#2 · foxes\n#5 · wolves"
    assert misnumbered(listed, ["Take #2 back", "Take #5 back", "More"], ["2", "5", "1"]) == []
    assert misnumbered(listed, ["Take #2 back", "Take #5 back"], ["1", "2"])
    assert misnumbered(listed, ["Take #2 back", "More"], ["2", "1"]) == ["line 5 has no button"]
    assert misnumbered("1. one\n2. two", ["More"], ["1"])


@asynccontextmanager
async def sitting(url: str, desk: Desk) -> AsyncIterator[tuple[House, TerminalChat]]:
    async with open_house(url, workspaces=0, open_model=desk.open) as house:
        await models.add_model(house.core, SYSTEM, "small", models.NewModel(price_input=1_000_000, price_output=1))
        await sources.add_source(house.core, SYSTEM, ACCOUNT)
        await grants.give(house.core, SYSTEM, grants.read_identity("terminal:you"), "1", reason="a test")
        yield house, TerminalChat(house.core, role=Role.OWNER)


async def test_typed_numbers_press_the_buttons_of_their_lines(sqlite_url: str):
    here = Place("terminal", "you", "you", "you")
    async with sitting(sqlite_url, Desk(usual=saying("Foxes.", usage=USED))) as (house, talk):
        me = grants.read_identity("terminal:you")
        for title in ("first", "second", "third"):
            await talk.send(f"tell me of the {title}")
            await sharing.share(house.core, me, here, 1)
            await conversations.begin(house.core, me, here)
        await sharing.revoke(house.core, me, 1)
        [listed] = await talk.send("/share list")
        assert not misnumbered(listed.text, listed.buttons, listed.signs)
        assert "#2 ·" in listed.text
        assert talk.button("1") is None
        second = talk.button("2")
        assert second is not None
        assert second.label.startswith("Take #2 ")
        await talk.press_key(second)
        assert await house.rows("SELECT id FROM shares WHERE revoked_at IS NULL") == [(3,)]
        await conversations.delete(house.core, me, 1)
        [listed] = await talk.send("/chats")
        assert not misnumbered(listed.text, listed.buttons, listed.signs)
        third = talk.button("#3")
        assert third is not None
        assert "of the third" in third.label
        [page] = await talk.press_key(third)
        assert "of the third" in page.text
        # What is asked for is a number: it is the answer, and the button has a letter.
        [asked] = await talk.send("/generate")
        assert talk.button("1") is None
        assert talk.button("a") is not None
        assert asked.signs == ("a", "b")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_number_of_no_button_is_said_to_be_none_and_not_asked(sqlite_url: str, language: str):
    desk = Desk(usual=saying("Foxes.", usage=USED))
    async with sitting(sqlite_url, desk) as (_, talk), asyncio.TaskGroup() as group:
        out = io.StringIO()
        look = Look(language, "plain", 10_000)
        typing = app._Desk(talk, app.Screen(Console(file=out, width=300, highlight=False)), look, group)
        for line in ("tell me of foxes", "99", "#99"):
            typing.take(line)
            await typing.done()
        assert words(Say("terminal-which", {"number": "99", "signs": [], "count": 0}), look) in out.getvalue()
        assert len(desk.questions) == 1
        typing.take("99 foxes")
        typing.take("1984")
        await typing.done()
        assert len(desk.questions) == 3, "what says more is a question"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_a_file_that_is_not_there_is_said_and_nothing_is_asked(sqlite_url: str, language: str):
    desk = Desk(usual=saying("Foxes.", usage=USED))
    async with sitting(sqlite_url, desk) as (house, talk), asyncio.TaskGroup() as group:
        out = io.StringIO()
        look = Look(language, "plain", 10_000)
        typing = app._Desk(talk, app.Screen(Console(file=out, width=300, highlight=False)), look, group)
        typing.take("@nothere.txt what is in it")
        typing.take("what is in @./nothere?")
        await typing.done()
        for name in ("nothere.txt", "./nothere"):
            assert words(Say("terminal-no-file", {"name": name}), look) in out.getvalue()
        assert await house.value("SELECT count(*) FROM turns") == 0
        typing.take("what are @property, @app.get and @angular/core?")
        await typing.done()
        assert len(desk.questions) == 1, "what is no file is a question"
        for number, line in enumerate(("@main.go explain this", "@src/lib.rs：这是什么", "@app.get"), start=2):
            typing.take(line)
            await typing.done()
            assert len(desk.questions) == number - 1, "it may be a file"
            name = line[1:].split()[0].split("：")[0]
            assert words(Say("terminal-perhaps-a-file", {"name": name}), look) in out.getvalue().replace("\n", "")
            typing.take(line)
            await typing.done()
            assert len(desk.questions) == number, "said once more, it is what is asked"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_going_on_from_an_answer_says_so(sqlite_url: str, language: str):
    look = Look(language, "plain", 10_000)
    async with sitting(sqlite_url, Desk(usual=saying("Foxes.", usage=USED))) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER, language=language)
        [*_, answer] = await talk.send("tell me of foxes")
        said = words(Say("talk-back"), look)
        assert said not in answer.text
        [*_, again] = await talk.press(words(Say("button-talk-back"), look))
        assert "Foxes." in again.text
        assert said in again.text


async def streaming(house: House) -> None:
    async def begun() -> bool:
        return bool(
            await house.value("SELECT count(*) FROM calls WHERE first_token_at IS NOT NULL AND ended_at IS NULL")
        )

    await until(begun, 60, "it never began")


@pytest.mark.parametrize("typed", ["/stop", "/停止", "stop", "停", "^C"])
async def test_a_stop_does_not_wait_for_the_answer(sqlite_url: str, typed: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bots.answering.LOOK_EVERY", 3600.0)  # what is of this process is not looked for
    desk = Desk(usual=saying(*["word "] * 100_000, pause=0.02))
    shown: list[ShownMessage] = []
    async with sitting(sqlite_url, desk) as (house, talk), asyncio.TaskGroup() as group:
        talk._on_shown = shown.append
        out = io.StringIO()
        screen = app.Screen(Console(file=out, width=100, highlight=False))
        typing = app._Desk(talk, screen, LOOK, group)
        typing.take("tell me a long story")
        await streaming(house)
        typing.take("and what came after it?")
        if typed == "^C":
            assert typing.interrupt()
        else:
            typing.take(typed)
        async with asyncio.timeout(60):
            await typing.done()
        turned = await house.rows("SELECT state, reason FROM turns ORDER BY id")
        assert turned[0] == ("done", None)
        assert set(turned[1:]) <= {("failed", "stopped")}
        assert "Stopped" in shown[-1].text
        assert "word" in shown[-1].text
        assert len(desk.questions) == 1, "what waited for the answer is forgotten with it"
        # Where nothing runs, the first Ctrl+C says how to leave, and the second leaves.
        assert typing.interrupt()
        assert "Ctrl+D" in out.getvalue()
        assert not typing.interrupt()
        typing.take("/wallet")
        await typing.done()
        assert typing.interrupt(), "what is done in between begins it anew"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_what_is_typed_during_an_answer_is_done_at_once(sqlite_url: str, language: str):
    go_on = asyncio.Event()

    async def first(question: Question) -> AsyncGenerator[Event, None]:
        yield Sent()
        yield Began()
        yield Text("A fox.\n\nAnd ")
        await go_on.wait()
        yield Text("its den.")
        yield USED
        yield Finished("stop")

    desk = Desk(usual=first)
    async with sitting(sqlite_url, desk) as (house, _), asyncio.TaskGroup() as group:
        shown: list[ShownMessage] = []
        talk = TerminalChat(house.core, role=Role.OWNER, language=language, on_shown=shown.append)
        typing = app._Desk(talk, app.Screen(Console(file=io.StringIO(), width=100)), LOOK, group)

        def said(key: str, **facts: object) -> bool:
            wanted = words(Say(key, facts), Look(language, "plain", 10_000))
            return any(wanted in one.text for one in shown)

        async def seen(key: str, **facts: object) -> None:
            async def there() -> bool:
                return said(key, **facts)

            await until(there, 30, f"{key} was never said")

        typing.take("tell me of foxes")
        await streaming(house)
        typing.take("/instructions Be brief.")
        await seen("instructions-set")
        desk.usual = saying("A wolf.", usage=USED)
        typing.take("and of wolves")
        await seen("talk-waits", count=1)
        assert len(desk.questions) == 1, "one answer at a time"
        typing.take("/new")
        await seen("talk-new", title="")
        typing.take("and of bears")  # elsewhere, and still below the others
        assert await house.value("SELECT count(*) FROM calls WHERE ended_at IS NOT NULL") == 0
        go_on.set()
        await typing.done()
        last = [one.text for one in shown if one.key == "talk-answer" and not one.passing]
        assert [text.split("\n")[0] for text in last] == ["A fox.", "A wolf.", "A wolf."]
        fox = next(place for place, one in enumerate(shown) if not one.passing and "den" in one.text)
        assert not any("wolf" in one.text for one in shown[:fox] if one.passing), "one below the other"


async def test_a_stop_right_behind_a_question_ends_it_and_what_waits(sqlite_url: str):
    desk = Desk(usual=saying(*["word "] * 100_000, pause=0.02))
    async with sitting(sqlite_url, desk) as (house, talk), asyncio.TaskGroup() as group:
        typing = app._Desk(talk, app.Screen(Console(file=io.StringIO(), width=100)), LOOK, group)
        for line in ("tell me a long story", "and another", "/stop"):
            typing.take(line)
        async with asyncio.timeout(60):
            await typing.done()
        assert await house.value("SELECT count(*) FROM turns WHERE ended_at IS NULL") == 0
        assert await house.value("SELECT count(*) FROM messages WHERE role = 'user'") == 1


async def test_ending_it_elsewhere_in_the_process_stops_it_at_once(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bots.answering.LOOK_EVERY", 3600.0)
    desk = Desk(usual=saying(*["word "] * 100_000, pause=0.02))
    async with sitting(sqlite_url, desk) as (house, talk):
        me = grants.read_identity("terminal:you")
        for end in (
            lambda: turns.stop(house.core, me, Place("terminal", "you", "you", "you")),
            lambda: conversations.delete(house.core, me, 1),
        ):
            asking = asyncio.create_task(talk.send("tell me a long story"))
            await streaming(house)
            await end()
            async with asyncio.timeout(60):
                await asking
        assert await house.value("SELECT count(*) FROM calls WHERE ended_at IS NULL") == 0


def test_what_is_typed_stands_below_what_is_shown_meanwhile():
    out = io.StringIO()
    typed = ["› hel"]
    screen = app.Screen(
        Console(file=out, width=40, highlight=False, force_terminal=True, color_system=None), standing=lambda: typed[0]
    )
    screen.note("News")
    assert out.getvalue() == f"{app.CLEAR_LINE}News\n› hel"
    typed[0] = ""
    out.truncate(0)
    screen.show(ShownMessage("…", passing=True))
    screen.entered("› hello")
    assert out.getvalue().endswith("…\n\x1b[2A\x1b[M\x1b[1B"), "the passing line above what was typed is taken away"


async def test_what_stands_on_a_button_presses_it(sqlite_url: str):
    desk = Desk(usual=saying("Foxes.", usage=USED))
    async with sitting(sqlite_url, desk) as (_, talk):
        for _ in range(2):
            await talk.send("/again" if desk.questions else "tell me of foxes")
        found = talk.button("◀")
        assert found is not None
        assert talk.button("2/2") is not None
        assert talk.button("3/3") is None


@pytest.mark.parametrize(("language", "yes", "no"), [("en", "Yes", "no"), ("zh-CN", "是的", "不要")])
async def test_a_typed_yes_confirms_what_is_asked_and_nothing_else(sqlite_url: str, language: str, yes: str, no: str):
    desk = Desk(usual=saying("Foxes.", usage=USED))
    async with sitting(sqlite_url, desk) as (house, _):
        talk = TerminalChat(house.core, role=Role.OWNER, language=language)
        await talk.send("tell me of foxes")
        for typed, left in ((no, 1), (yes, 0)):
            await talk.send("/chats delete 1")
            await talk.send(typed)
            assert await house.value("SELECT count(*) FROM conversations") == left
            assert len(desk.questions) == 1, "no model is asked"
