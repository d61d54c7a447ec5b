"""Settings by command: names, values and what becomes of rows that this release does not understand."""

from __future__ import annotations

import pytest

from core.errors import BadSetting, NotFound
from core.rules.setting_rows import read_value, setting_named, text_name, usable, value_of, wanted, with_rows
from core.settings import Settings

SETTINGS = Settings(texts={"welcome.en": "Hello", "shop.en": "The Shop"})


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("limits.attempts", "limits.attempts"),
        (" Limits.Attempts ", "limits.attempts"),
        ("allowed-domains", "redemption.allowed_domains"),
        ("attempts", "limits.attempts"),
        ("shop", "shop"),
        ("welcome.en", "texts.welcome.en"),
        ("texts.mail.invited.zh-CN", "texts.mail.invited.zh-CN"),
    ],
)
def test_a_setting_by_its_name_or_the_last_part_of_it(text: str, name: str):
    assert setting_named(text) == name


@pytest.mark.parametrize("text", ["", "limits", "texts", "nothing", "interval.sync", "limits.", "x" * 61])
def test_what_names_none_or_several(text: str):
    with pytest.raises(NotFound) as refused:
        setting_named(text)
    assert refused.value.facts == {"kind": "setting", "name": text[:60]}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("limits.attempts", "number"),
        ("redemption.allowed_domains", "list"),
        ("sync.guess_joined_at", "switch"),
        ("transfers.policy", "choice"),
        ("shop", "text"),
        ("texts.welcome.en", "text"),
    ],
)
def test_what_a_setting_takes(name: str, kind: str):
    assert wanted(name) == kind


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("shop", "  The \n  Shop ", "The Shop"),
        ("shop", "x" * 121, "x" * 120),
        ("contact", "", ""),
        ("sync.guess_joined_at", " OFF ", False),
        ("sync.guess_joined_at", "是", True),
        ("redemption.allowed_domains", " ; a.example、b.example ;", ["a.example", "b.example"]),
        ("redemption.allowed_domains", "–", []),
        (
            "redemption.allowed_domains",
            " ".join(f"d{n}.example" for n in range(201)),
            [f"d{n}.example" for n in range(200)],
        ),
        ("texts.welcome.en", " Hi {shop} ", "Hi {shop}"),
    ],
)
def test_a_value_as_people_write_it(name: str, text: str, value: object):
    assert read_value(SETTINGS, name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "facts"),
    [
        ("limits.attempts", "x" * 81, {"value": "x" * 80, "wanted": "number", "choices": []}),
        ("sync.guess_joined_at", "maybe", {"value": "maybe", "wanted": "switch", "choices": []}),
    ],
)
def test_a_refusal_says_what_is_taken(name: str, text: str, facts: dict[str, object]):
    with pytest.raises(BadSetting) as refused:
        read_value(SETTINGS, name, text)
    assert refused.value.facts == {"name": name, **facts}


def test_a_choice_is_refused_with_those_there_are():
    with pytest.raises(BadSetting) as refused:
        read_value(SETTINGS, "transfers.policy", "at random")
    assert (refused.value.facts["wanted"], "proven" in refused.value.facts["choices"]) == ("choice", True)


def test_rows_are_laid_over_what_is_there_and_over_each_other():
    rows = {
        "shop": "Ours",
        "limits.attempts": 3,
        "limits.lock": 60,
        "texts.shop.en": "Mine",
        "texts.tutorial.en": "How",
    }
    changed = with_rows(SETTINGS, rows)
    assert {name: value_of(changed, name) for name in rows} == rows
    assert changed.texts == {"welcome.en": "Hello", "shop.en": "Mine", "tutorial.en": "How"}
    assert value_of(changed, "texts.contact.en") == ""
    assert SETTINGS.texts["shop.en"] == "The Shop", "what is beneath stays as it is"


def test_rows_of_another_release_are_left_alone():
    rows = {
        "limits.attempts": 3,
        "limits.of_tomorrow": 1,
        "limits.lock": "a while",
        "texts.welcome.en": "{nobody}",
        "vault.keys": {},
        "shop": "Ours",
    }
    assert usable(SETTINGS, rows) == {"limits.attempts": 3, "shop": "Ours"}


def test_the_shops_own_words_are_named_as_such():
    assert [text_name(name) for name in ("texts.welcome.en", "limits.attempts", "shop")] == ["welcome.en", "", ""]
