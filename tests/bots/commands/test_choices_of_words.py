"""Choices that are called by several words, as people write them in a line: before, between and behind other values."""

from __future__ import annotations

import pytest

from bots.commands.arguments import _read_plain, cut_line
from bots.commands.catalogue import catalogue, find_command
from bots.commands.choices import called
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say
from core.languages import FALLBACK, LANGUAGES


def read(line: str) -> dict[str, object]:
    """What a line gives, with every choice read."""
    name, _, rest = line.partition(" ")
    command = find_command(name)
    assert command is not None
    given = cut_line(command, rest, ())
    kinds = {one.name: one for one in command.arguments}
    return {name: _read_plain(kinds[name], raw) if kinds[name].kind == "choice" else raw for name, raw in given.items()}


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("usage 30 days", {"window": "30d"}),
        ("usage 30 days csv", {"window": "30d", "file": "csv"}),
        ("usage CSV table 30 days", {"window": "30d", "file": "csv"}),
        ("usage this month", {"window": "30d"}),
        ("usage last 7 days csv table", {"window": "7d", "file": "csv"}),
        ("usage window=30 days csv", {"window": "30d", "file": "csv"}),
        ("usage --window 30 days --file csv", {"window": "30d", "file": "csv"}),
        ("usage by key", {"window": "key"}),
        ("usage 30 天", {"window": "30d"}),
        ("usage 最近 30 天 CSV 表格", {"window": "30d", "file": "csv"}),
        ("usage 本周", {"window": "7d"}),
        ("money 30 days csv", {"window": "30d", "file": "csv"}),
        ("wallet daily limit 5", {"action": "limit", "amount": "5"}),
        ("wallet 每日上限 5", {"action": "limit", "amount": "5"}),
        ("keys daily limit 5f3a 2", {"action": "limit"}),
        ("calls left before the first word", {"state": "left_early"}),
        ("calls left early", {"state": "left_early"}),
        ("leases ending soon file csv table", {"which": "expiring", "file": "csv"}),
        ("codes vip used up", {"state": "used"}),
        ("calls settled telegram:7", {"who": "telegram:7", "state": "settled"}),
        ("grant telegram:7 vip term 1 month for a friend", {"term": "1 month", "reason": "for a friend"}),
        ("extend anna@example.com 30 days", {"term": "30 days"}),
        ("generate 3 temporary 24h", {"count": "3", "kind": "temporary", "term": "24h", "pool": None}),
        ("generate 3 临时 两天", {"count": "3", "kind": "temporary", "term": "两天", "pool": None}),
        ("generate 3 general vip gold 30 days", {"count": "3", "pool": "vip gold", "term": "30 days"}),
        ("generate 3 general 30 days vip gold", {"count": "3", "pool": "vip gold", "term": "30 days"}),
        ("generate 3 general vip gold term 30 days", {"pool": "vip gold", "term": "30 days"}),
        ("generate 3 pool=24h term=2d", {"pool": "24h", "term": "2d"}),
        ("generate 3 general 2nd floor", {"pool": "2nd floor", "term": None}),
        ("pool vip 30 days", {"name": "vip", "term": "30 days"}),
    ],
)
def test_as_people_write_them(line: str, given: dict[str, object]) -> None:
    found = read(line)
    assert {name: found.get(name) for name in given} == given


def test_every_choice_is_read_by_what_it_is_called_in_every_language() -> None:
    """What a form and a button say, somebody types: alone in a line, and behind its option's name."""
    for command in catalogue():
        for argument in command.arguments:
            if argument.kind != "choice" or any(one.kind in {"codes", "code"} for one in command.arguments):
                continue
            for choice in argument.choices:
                key = f"choice-{choice.replace('_', '-')}"
                key = key if has_words(key, FALLBACK) else f"choice-{choice}"
                for language in LANGUAGES if has_words(key, FALLBACK) else ():
                    said = words(Say(key), Look(language, "plain", 100))
                    meant = {one for one in argument.choices if called(one) & called(choice)}
                    found = read(f"{command.name} {argument.written}={said}")
                    assert found[argument.name] in meant, (command.name, argument.name, said)


def test_a_length_of_time_stands_before_a_reason_and_is_no_part_of_it() -> None:
    found = read("grant telegram:7 vip 1 month for a friend")
    assert (found["what"], found["term"], found["reason"]) == ("vip", "1 month", "for a friend")
    found = read("grant telegram:7 5 for a friend")
    assert (found["what"], found.get("term"), found["reason"]) == ("5", None, "for a friend")
    found = read("grant telegram:7 vip 一个月 给朋友")
    assert (found["term"], found["reason"]) == ("一个月", "给朋友")
    found = read("locks ban telegram:7 7 days too many questions")
    assert (found["term"], found["reason"]) == ("7 days", "too many questions")
    found = read("locks ban telegram:7 too many questions")
    assert (found.get("term"), found["reason"]) == (None, "too many questions")
