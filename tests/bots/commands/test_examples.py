"""What the texts show as an example can be written like that: in the help, in the answers, on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from admin_cli.app import COMMANDS as ON_THE_COMMAND_LINE
from admin_cli.app import _take_global_options, app
from bots.commands.arguments import _read_plain, cut_line, read_argument
from bots.commands.catalogue import catalogue, find_command
from bots.commands.command import Command
from bots.commands.examples import EXAMPLES
from core.command_errors import GeneralBound, LeftOver, OptionTwice, UnknownOption
from core.errors import BadInput
from core.languages import LANGUAGES
from core.rules.codes import DEFAULT_SHAPE
from tests.architecture.source import REPOSITORY
from tests.support.desk import Desk
from tests.support.house import House, open_house

SHAPES = (DEFAULT_SHAPE,)
TEXTS = REPOSITORY / "bots" / "messages" / "locales"
IN_A_TEXT = re.compile(r"`(/[a-z]+[^`]*)`")


def _named_in_texts() -> Iterator[str]:
    """Every command with its arguments that an answer in any language shows, with numbers and addresses filled in."""
    for path in sorted(TEXTS.glob("*.ftl")):
        for line in IN_A_TEXT.findall(path.read_text(encoding="utf-8")):
            yield re.sub(r"\{ \$\w+ \}", "7", re.sub(r"\{ \$addresses \}", "anna@example.com, bob@example.com", line))


async def _read(house: House, line: str) -> None:
    """Read a line as dispatch does. Raises: BadInput."""
    name, _, rest = line.removeprefix("/").partition(" ")
    command = find_command(name)
    assert command is not None, f"there is no /{name}"
    given = cut_line(command, rest, SHAPES, words=True)
    for argument in command.arguments:
        if argument.name in given:
            await read_argument(house.core, argument, given[argument.name], given)
        else:
            assert not argument.required or argument.kind == "document" or not rest, (
                f"{line}: {argument.name} is missing"
            )


async def test_every_command_has_examples_and_every_example_is_understood(sqlite_url: str):
    taking = {command.name for command in catalogue() if command.arguments and not command.hidden}
    assert set(EXAMPLES) == taking
    async with open_house(sqlite_url) as house:
        lines = [(name, line) for name, lines in EXAMPLES.items() for line in lines]
        assert all(find_command(line[1:].partition(" ")[0]) is find_command(name) for name, line in lines)
        wrong = []
        for line in [line for _, line in lines] + sorted(set(_named_in_texts())):
            try:
                await _read(house, line)
            except BadInput as fault:
                if "TEAM-1234" not in line:  # the code of the examples is known as one, and said to be no code
                    wrong.append((line, fault.key, fault.facts))
        assert not wrong
        assert len(set(_named_in_texts())) > 3
        desk = Desk(house)
        answer = await desk.say("/help pool")
        assert all(line in answer for line in EXAMPLES["pool"])


def _examples_of_the_command_line() -> Iterator[str]:
    def all_of(found: object) -> Iterator[str]:
        if hasattr(found, "default_command") and found.default_command is not None:
            yield from re.findall(r"Example: (usher .+)", found.default_command.__doc__ or "")
        for name in found:  # type: ignore[attr-defined]
            if not name.startswith("-"):
                yield from all_of(found[name])  # type: ignore[index]

    for name in ON_THE_COMMAND_LINE:
        yield from all_of(app[name])


def test_every_example_of_the_command_line_is_understood():
    lines = list(_examples_of_the_command_line())
    assert len(lines) > 60
    for line in lines:
        words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line.partition(" | ")[0])][1:]
        if ">" in words:
            words = words[: words.index(">")]
        app.parse_args(_take_global_options(words), exit_on_error=False, print_error=False, help_on_error=False)


def _command(name: str) -> Command:
    command = find_command(name)
    assert command is not None
    return command


@pytest.mark.parametrize(
    ("line", "refusal", "facts"),
    [
        ('editteam "Workspace 1" colour=gold', UnknownOption, {"name": "colour=gold", "command": "editteam"}),
        ("redemptions invited sheet=csv", UnknownOption, {"name": "sheet=csv"}),
        ("pools pool=vip", UnknownOption, {"name": "pool=vip", "options": [], "count": 0}),
        ("sync all --hard", UnknownOption, {"name": "--hard"}),
        ("redeem you@example.com TEAM-1234-5678-9ABC-DEFG seat=Blue", UnknownOption, {"name": "seat=Blue"}),
        ("codes pool=vip Pool=gold", OptionTwice, {"name": "pool"}),
        ("mute 1 2 3", LeftOver, {"text": "3", "command": "mute"}),
        ("settle 7 not now", LeftOver, {"text": "now"}),
    ],
)
def test_what_belongs_to_no_argument_is_named_and_never_taken_for_another_value(
    line: str, refusal: type[BadInput], facts: dict[str, object]
):
    name, _, rest = line.partition(" ")
    with pytest.raises(refusal) as refused:
        cut_line(_command(name), rest, SHAPES, words=True)
    assert refused.value.facts.items() >= facts.items()


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("announce everyone Tonight x=5 and --more", {"to": "everyone", "text": "Tonight x=5 and --more"}),
        ('team "a=b"', {"name": "a=b"}),
        ("staff grant operator telegram:42", {"action": "grant", "role": "operator", "identity": "telegram:42"}),
        ("pool set vip stock=yes Waitlist=关", {"action": "set", "name": "vip", "stock": "yes", "waitlist": "关"}),
        ("pool show vip", {"action": "show", "name": "vip"}),
        ("export pool vip unused", {"pool": "vip", "unused": "true"}),
        ("claim c2VjcmV0==", {"token": "c2VjcmV0=="}),
        ("generate 3 term 1 month label x", {"count": "3", "term": "1 month", "label": "x"}),
        ("generate 10 pool default label summer", {"count": "10", "pool": "default", "label": "summer"}),
        (
            "generate 3 label summer sale 2027 expires 2027-01-31 18:00 uses 2",
            {"count": "3", "label": "summer sale 2027", "expires": "2027-01-31 18:00", "uses": "2"},
        ),
        (
            "generate term unlimited 3 note for the fair override",
            {"term": "unlimited", "count": "3", "note": "for the fair", "override": "true"},
        ),
        ("announce pool default hello to x=5 team", {"to": "default", "text": "hello to x=5 team"}),
        ("codes pool vip gold unused batch 3", {"pool": "vip gold", "state": "unused", "batch": "3"}),
        ("stats pool vip 30d", {"pool": "vip", "window": "30d"}),
        ("batches pool vip", {"pool": "vip"}),
        ("codes team Blue team 2 used", {"team": "Blue team 2", "state": "used"}),
        ("transfer a@b.example to Workspace 2 force", {"address": "a@b.example", "to": "Workspace 2", "force": "true"}),
        ("codes 未使用", {"state": "未使用"}),
    ],
)
def test_what_is_no_option_stays_as_it_is(line: str, given: dict[str, str]):
    name, _, rest = line.partition(" ")
    assert cut_line(_command(name), rest, SHAPES) == given


def test_choices_are_read_in_every_language():
    states = _command("codes").argument("state")
    window = _command("stats").argument("window")
    assert states is not None
    assert window is not None
    for said, meant in (("未使用", "unused"), ("UNUSED", "unused"), ("7 days", "7d"), ("7天", "7d")):
        [argument] = [one for one in (states, window) if meant in one.choices]
        assert _read_plain(argument, said) == meant


async def test_the_chat_names_what_it_does_not_know_and_does_nothing(sqlite_url: str):
    async with open_house(sqlite_url) as house:
        for language in LANGUAGES:
            desk = Desk(house, language=language)
            for line in ("/generate 3 default colour=red", "/pool set default stok=on", "/check now=1"):
                assert await desk.say(line)
                assert desk.reply.key == "error-unknown_option"
            answer = await desk.say('/generate 2 general team="Workspace 1"')
            assert desk.words(f"error-{GeneralBound.key}", team="Workspace 1") in answer
            for line in ("/codes pool=NOSUCH", "/codes team NOSUCH", "/codes batch 99", "/leases pool=NOSUCH",
                         "/leases team NOSUCH", "/batches pool=NOSUCH", "/redemptions pool=NOSUCH"):  # fmt: skip
                await desk.say(line)
                assert desk.reply.key == "error-not_found", line
            for switched, column in (("on", 1), ("off", 0), ("yes", 1), ("no", 0)):
                await desk.say(f"/pool set default stock={switched}")
                assert bool(await house.value("SELECT show_stock FROM pools")) is bool(column)
            await desk.say("/pool show default")
            assert desk.reply.key == "pool-shown"
            secret = await desk.say('/import colour=red {"accessToken": "very-secret"}')
            assert desk.deletes(), "a line with a credential goes at once, also where it is not understood"
            assert "very-secret" not in secret
        assert await house.value("SELECT count(*) FROM batches") == 0
