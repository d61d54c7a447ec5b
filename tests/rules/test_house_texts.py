"""What may stand in a text that staff write: what nothing fills, and what must be told, is named."""

from __future__ import annotations

import pytest

from core.command_errors import MissingPlace, TextTooLong, UnknownPlace
from core.errors import NotFound, Refusal
from core.rules import house_texts
from core.rules.house_texts import MAILS, NAMES, TEXTS
from core.settings import Settings


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("welcome.en", "  Hello from {shop}\\nAsk {contact} ", "Hello from {shop}\nAsk {contact}"),
        ("welcome.zh-CN", "欢迎来到｛ shop ｝", "欢迎来到{shop}"),
        ("shop.en", "The\nShop", "The Shop"),
        ("mail.invited.en", "{address} {team} {tutorial}", "{address} {team} {tutorial}"),
        ("mail.invited.subject.en", "Your seat", "Your seat"),
        ("contact.en", "@anna\nor at the desk", "@anna or at the desk"),
        ("shop.zh-CN", "店", "店"),
        ("shop.en", "x" * 120, "x" * 120),
        ("welcome.en", "x" * 1500, "x" * 1500),
        ("welcome.en", "a } lone { brace", "a } lone { brace"),
    ],
)
def test_what_is_kept(name: str, text: str, kept: str):
    assert house_texts.read(name, text) == kept
    assert house_texts.read(name, kept) == kept


@pytest.mark.parametrize(
    ("name", "text", "refusal", "place"),
    [
        ("mail.invited.en", "Hello {adress} in {team}", UnknownPlace, "{adress}"),
        ("mail.invited.en", "Hello {address}", MissingPlace, "{team}"),
        ("mail.lease_expiring.zh-CN", "{address} {team}", MissingPlace, "{until}"),
        ("shop.en", "{shop}", UnknownPlace, "{shop}"),
        ("welcome.en", "{}", UnknownPlace, "{}"),
        ("welcome.en", f"{{{'x' * 41}}}", UnknownPlace, f"{{{'x' * 40}}}"),
    ],
)
def test_what_is_refused_by_name(name: str, text: str, refusal: type[Refusal], place: str):
    with pytest.raises(refusal) as refused:
        house_texts.read(name, text)
    assert refused.value.facts["place"] == place


def test_nothing_and_too_much():
    for name, most in (("welcome.en", 1500), ("shop.en", 120), ("mail.invited.subject.en", 120)):
        for text in ("", " \n", "x" * (most + 1)):
            with pytest.raises(TextTooLong):
                house_texts.read(name, text)


def test_a_value_is_never_read_as_a_place():
    assert house_texts.filled("{shop}: {contact}", {"shop": "{contact}", "contact": "us"}) == "{contact}: us"


def test_a_file_is_told_what_is_wrong_with_its_texts():
    texts = {
        "x" * 61: "Bonjour",
        "welcome.en": "{nobody}",
        "tutorial.en": "Sign in.",
        "shop.en": "{contact}",
        "mail.lease_ended.zh-CN": "{team}",
        "contact.en": "",
    }
    assert house_texts.faults_of(texts) == [
        f'texts: "{"x" * 60}" is no text of the shop; "usher settings texts" lists them',
        'texts: nothing fills {nobody} in "welcome.en"; what can stand there: {shop}, {contact}',
        'texts: nothing fills {contact} in "shop.en"; what can stand there: –',
        'texts: "mail.lease_ended.zh-CN" does not say where {address} stands',
        'texts: "contact.en" takes 1 to 120 characters',
    ]


def test_a_name_that_is_none_is_shown_in_part():
    with pytest.raises(NotFound) as refused:
        house_texts.read("x" * 61, "Hello")
    assert refused.value.facts["name"] == "x" * 60


def test_the_words_of_a_language_go_before_those_for_all():
    settings = Settings(shop="The Shop", contact="@anna", texts={"shop.zh-CN": "店", "contact.en": "the desk"})
    assert [house_texts.shop(settings, language) for language in ("en", "zh-CN")] == ["The Shop", "店"]
    assert [house_texts.contact(settings, language) for language in ("en", "zh-CN")] == ["the desk", "@anna"]


def test_names_fit_their_row():
    assert max(map(len, NAMES)) + len("texts.") <= 64
    assert {f"mail.{one}" for one in MAILS} <= set(TEXTS)
