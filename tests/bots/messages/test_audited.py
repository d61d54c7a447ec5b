"""Everything that the audit log records is said in words, in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import pytest

from bots.messages import audited
from bots.messages.rendering import Look, has_words, words
from bots.messages.reply import Say
from core.storage import tables as t
from tests.architecture.source import Module, modules
from tests.architecture.test_texts import LANGUAGES

NAME: Final = re.compile(r"[a-z_]+\.[a-z_]+")
STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "batch": ("codes", "status"),
    "code": ("codes", "status"),
    "code_request": ("code_requests", "state"),
    "extension": ("extension_requests", "state"),
    "hook": ("hooks", "state"),
    "job": ("jobs", "state"),
    "lease": ("leases", "status"),
    "redemption": ("redemptions", "state"),
    "team": ("teams", "health"),
    "transfer": ("transfers", "state"),
    "waitlist": ("waitlist", "state"),
}
"""First word of an action whose second one is a state: the table and the column that say which there are."""
ANY_SUBJECT: Final = {"{subject}.auto_transfer": {"batch.auto_transfer", "code.auto_transfer"}}


def _states(table: str, column: str) -> list[str]:
    [rule] = [
        str(rule.sqltext)
        for rule in getattr(t, table).constraints
        if str(rule.name or "").endswith(column) and " IN (" in str(getattr(rule, "sqltext", ""))
    ]
    return re.findall(r"'(\w+)'", rule)


def _written(action: ast.expr, module: Module) -> set[str]:
    """Every name that this expression may stand for."""
    if isinstance(action, ast.Constant):
        return {str(action.value)}
    text = ast.unparse(action)[2:-1]
    if isinstance(action, ast.JoinedStr) and text in ANY_SUBJECT:
        return ANY_SUBJECT[text]
    if isinstance(action, ast.JoinedStr):
        of = text.partition(".")[0]
        return {f"{of}.{state}" for state in _states(*STATES[of])}
    # A variable: whatever in this file is written as names of actions are.
    strings = {str(node.value) for node in module.nodes if isinstance(node, ast.Constant)}
    return {one for one in strings if NAME.fullmatch(one) and not one.endswith((".db", ".json"))}


def _calls(module: Module) -> Iterator[ast.Call]:
    if "audit.record" not in module.text:
        return
    for node in module.nodes:
        if isinstance(node, ast.Call) and module._dotted(node.func) == "core.audit.record":
            yield node


@cache
def _recorded() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The actions, the subjects and the names of facts that the core records."""
    actions: set[str] = set()
    subjects: set[str] = set()
    facts: set[str] = set()
    for module in modules():
        for call in _calls(module):
            found = _written(call.args[2], module)
            assert found, f"{module.path}:{call.lineno} records what nobody can name"
            actions |= found
            if isinstance(call.args[3], ast.Constant):
                subjects.add(str(call.args[3].value))
            given = [one.value for one in call.keywords if isinstance(one.value, ast.Dict)]
            facts |= {str(key.value) for one in given for key in one.keys if isinstance(key, ast.Constant)}
    return frozenset(actions), frozenset(subjects), frozenset(facts)


def test_the_walk_finds_what_is_recorded():
    actions, subjects, facts = _recorded()
    assert {"batch.opened", "transfer.removing", "source.updated", "backup.made", "sweep.hurried"} <= actions
    assert len(actions) > 170
    assert {"batch", "lease", "backup"} <= subjects
    assert {"count", "health", "until"} <= facts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_action_subject_and_fact_has_words(language: str):
    actions, subjects, facts = _recorded()
    keys = {audited.action(one).key: one for one in actions} | {f"kind-{one}": one for one in subjects}
    assert not sorted(name for key, name in keys.items() if not has_words(key, language) or key == "plain")
    told = facts - audited.UNTOLD
    assert not sorted(one for one in told if audited.changes({}, {one: 1})[0].facts["name"].key == "plain")


COLUMNS: Final = ("context max_output price_input price_cached price_output price_call price_image output_parameter sees"
    " quota_group policy show_stock waitlist_open transfer_requests credit_limit grace_hours transfers_allowed team_choice"
    " team_names public_name default_term allowance per_hour questions at_once keys key_requests most_output models"
    " waits_first weight concurrency enabled tier uses available amount wallet limit standing").split()  # fmt: skip
"""What is recorded by whole rows: the columns of models, pools, plans and accounts that commands change."""


def test_the_columns_of_rows_have_words():
    for language in LANGUAGES:
        assert not [one for one in COLUMNS if not has_words(f"change-of-{one}", language)]


def _values_of(name: str) -> set[str]:
    """Every value that a table of this database allows in a column of this name."""
    found: set[str] = set()
    for table in t.pools.metadata.tables.values():
        for rule in table.constraints:
            for allowed in re.findall(rf"(?<!\w){name} IN \(([^)]*)\)", str(getattr(rule, "sqltext", ""))):
                found.update(re.findall(r"'(\w+)'", allowed))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["cause", "health", "level", "policy", "prefers", "role", "standing", "state"])
def test_every_state_has_words(name: str, language: str):
    assert _values_of(name)
    look = Look(language, "plain", 1000)
    for value in _values_of(name):
        [change] = audited.changes({}, {name: value})
        assert isinstance(change.facts["value"], Say), value
        said = words(change.facts["value"], look)
        assert "_" not in said
        assert language != "zh-CN" or not re.search("[a-z]{3}", said.replace("Usher", ""))


def test_what_somebody_has_named_stays_as_it_is():
    """A pool may be called by a word that is a choice elsewhere."""
    [name, note] = audited.changes({}, {"name": "pool", "label": "unused", "title": "pool_full", "quota_group": ""})
    assert (name.facts["value"], note.facts["value"]) == ("pool", "unused")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "models small, large, input price 1.5, status joined, until 28 Nov 2026, 18:05 (UTC),"
                " health healthy → credential rejected"
            ),
        ),
        (
            "zh-CN",
            "模型 small、large、输入价格 1.5、状态 已加入、截至 2026年11月28日 18:05（UTC）、状态 正常 → 凭据被拒绝",
        ),
    ],
)
def test_lists_amounts_moments_and_states_are_for_people(language: str, said: str):
    after = {"models": ["small", "large"], "price_input": 1_500_000, "status": "active"}
    after |= {"until": "2026-11-28T18:05:00+00:00", "health": "expired"}
    changed = audited.changes({"health": "healthy"}, after)
    assert words(Say("plain", {"text": changed}), Look(language, "plain", 1000)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_actions_of_one_kind_read_alike(language: str):
    look = Look(language, "plain", 1000)
    said: dict[tuple[str, str], str] = {}
    for name in sorted(_recorded()[0] - {"team.restored"}):  # both say that a team is healthy
        key = (name.partition(".")[0], words(audited.action(name), look))
        assert key not in said, f"{name} reads as {said.get(key)}"
        said[key] = name


def test_what_has_no_words_keeps_its_name():
    look = Look("zh-CN", "plain", 1000)
    assert words(audited.action("moon.landed"), look) == "moon.landed"
    row = audited.subject("moon", 3)
    assert row is not None
    assert words(row, look) == "moon 3"
    assert audited.subject("setting", None) is None


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "seats 4 → 5, health – → x, more than seats yes, moon 3"),
        ("zh-CN", "席位数 4 → 5、状态 – → x、超额 是、moon 3"),
    ],
)
def test_what_was_different_is_said(language: str, said: str):
    before = {"capacity": 4, "count": 7, "health": None}
    changed = audited.changes(
        before, {"capacity": 5, "count": 7, "health": "x", "override": True, "moon": 3, "by": None}
    )
    shown = words(Say("plain", {"text": changed}), Look(language, "plain", 1000))
    assert shown == said


def test_who_it_was_is_said():
    look = Look("en", "plain", 1000)
    assert words(audited.actor("telegram:42"), look) == "telegram:42"
    assert words(audited.actor("system:usher"), look) == "Usher itself"
    assert words(audited.actor("erased:9f"), look) == "somebody who has been erased"
