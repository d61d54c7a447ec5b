"""Any text whatsoever gets a sensible answer, and never a failure."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bots.commands.arguments import cut_line
from bots.commands.catalogue import catalogue
from bots.messages.rendering import Look, render, words
from bots.messages.reply import Reply, Say
from bots.terminal_chat.chat import TerminalChat
from core.actors import Role
from core.command_errors import LeftOver, OptionTwice, UnknownOption
from core.languages import LANGUAGES
from core.rules.codes import DEFAULT_SHAPE
from tests.support.house import House, open_house

NASTY = (
    "\x00",
    "\ud800",
    "\u202eevil\u202c",
    "a" * 4096,
    "@everyone",
    "<b>x</b> & <script>",
    "[x](javascript:alert(1))",
    "=cmd()@example.com",
    "/",
    "//",
    "/ redeem",
    "/redeem@",
    "/REDEEM me@example.com",
    "/start " + "A" * 22,
    "/help \ue0000\ue001 \ue0005\ue001",
    "💺" * 500,
    "TEAM-" * 400,
    "{ $address } ** ` **",
    " ".join(f"TEAM-{number:04}-{number:04}-{number:04}" for number in range(500)),
    "﹫＠@",
    "/verify /verify /verify",
    "/privacy erase",
    "/waitlist join",
    "/language klingon",
)
WORDS = st.sampled_from(
    ["/redeem", "/verify", "/cancel", "/waitlist", "join", "me@example.com", "TEAM-1234-5678-9ABC-DEFG", "@", "\n", '"']
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=12).map(" ".join),
    st.sampled_from(NASTY),
)


@pytest.fixture
def talk(sqlite_url: str) -> Iterator[tuple[asyncio.Runner, TerminalChat]]:
    with asyncio.Runner() as runner:
        opened = open_house(sqlite_url, limits={"attempts": 10**6, "wrong_codes": 10**6})
        house: House = runner.run(opened.__aenter__())
        yield runner, TerminalChat(house.core, identity="somebody", patience=0.5)
        runner.run(opened.__aexit__(None, None, None))


def test_any_text_gets_an_answer(talk: tuple[asyncio.Runner, TerminalChat]):
    runner, chat = talk

    @given(TEXTS)
    def answered(text: str) -> None:
        _sensible(runner, chat, text)

    answered()


@pytest.mark.parametrize("text", NASTY)
def test_nasty_texts_get_an_answer(talk: tuple[asyncio.Runner, TerminalChat], text: str):
    runner, chat = talk
    for say in (text, "/redeem", text, "/cancel"):
        _sensible(runner, chat, say)


def _sensible(runner: asyncio.Runner, chat: TerminalChat, text: str) -> None:
    shown = [one for one in runner.run(chat.send(text)) if not one.passing]
    assert shown, "silence is no answer"
    for one in shown:
        assert one.key != "failed"
        assert one.text.strip()
        assert not re.search("[\ue000-\ue002\u202e]", one.text)
        assert "Traceback" not in one.text


@given(st.text(max_size=400), st.sampled_from(sorted(catalogue(), key=lambda command: command.name)))
def test_any_line_can_be_cut(line: str, command):
    try:
        given_ = cut_line(command, line, (DEFAULT_SHAPE,))
    except (LeftOver, OptionTwice, UnknownOption):
        return
    assert given_.keys() <= {argument.name for argument in command.arguments}


@given(st.text(max_size=600), st.sampled_from(LANGUAGES))
@example("<b>&\"'", "en")
@example("\ue0000\ue001", "en")
def test_values_are_shown_and_never_read_as_markup(value: str, language: str):
    telegram = words(
        Say("error-bad_choice", {"name": value, "value": value, "choices": [value]}), Look(language, "telegram", 4096)
    )
    assert "<" not in telegram
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", telegram)
    discord = words(Say("redeemed-invited", {"address": value, "team": value}), Look(language, "discord", 2000))
    assert "@everyone" not in discord
    assert discord.count("**") == 4 or "\\*" in discord or "*" in value


@given(st.lists(st.text(min_size=1, max_size=900), max_size=40), st.integers(600, 4096))
def test_no_page_is_over_the_limit_and_nothing_is_cut(names: list[str], limit: int):
    items = [Say("help-line", {"name": name, "what": name}) for name in names]
    rendered = render(Reply("help", items=items), Look("en", "plain", limit))
    assert all(0 < len(text) <= limit for text in rendered.texts)
    if not rendered.files:
        shown = "".join("".join(rendered.texts).split())
        for item in items:
            assert "".join(words(item, Look("en", "plain", 10**6)).split()) in shown


def test_staff_are_nobody_to_fear(talk: tuple[asyncio.Runner, TerminalChat]):
    """An owner who writes nonsense gets an answer as well."""
    runner, chat = talk
    chat._role = Role.OWNER
    for command in catalogue():
        for line in ("", " x", " 1 2 3", " a@example.com b", " --page", ' "'):
            _sensible(runner, chat, f"/{command.name}{line}")
            _sensible(runner, chat, "/cancel")
