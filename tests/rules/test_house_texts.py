"""What may stand in a text that staff write: what nothing fills, and what must be told, is named."""

from __future__ import annotations

import pytest

from core.command_errors import MissingPlace, TextTooLong, UnknownPlace
from core.errors import Refusal
from core.rules import house_texts
from core.rules.house_texts import LONGEST, LONGEST_LINE, MAILS, NAMES, TEXTS


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("welcome.en", "  Hello from {shop}\\nAsk {contact} ", "Hello from {shop}\nAsk {contact}"),
        ("welcome.zh-CN", "欢迎来到｛ shop ｝", "欢迎来到{shop}"),
        ("shop.en", "The\nShop", "The Shop"),
        ("mail.invited.en", "{address} {team} {tutorial}", "{address} {team} {tutorial}"),
        ("mail.invited.subject.en", "Your seat", "Your seat"),
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
    ],
)
def test_what_is_refused_by_name(name: str, text: str, refusal: type[Refusal], place: str):
    with pytest.raises(refusal) as refused:
        house_texts.read(name, text)
    assert refused.value.facts["place"] == place


def test_nothing_and_too_much():
    for name, most in (("welcome.en", LONGEST), ("shop.en", LONGEST_LINE), ("mail.invited.subject.en", LONGEST_LINE)):
        for text in ("", " \n", "x" * (most + 1)):
            with pytest.raises(TextTooLong):
                house_texts.read(name, text)


def test_a_value_is_never_read_as_a_place():
    assert house_texts.filled("{shop}: {contact}", {"shop": "{contact}", "contact": "us"}) == "{contact}: us"


def test_a_file_is_told_what_is_wrong_with_its_texts():
    faults = house_texts.faults_of({"welcome.fr": "Bonjour", "mail.invited.en": "{nobody}", "tutorial.en": "Sign in."})
    assert [fault.partition(":")[0] for fault in faults] == ["texts", "texts"]
    assert "{nobody}" in faults[1]


def test_names_fit_their_row():
    assert max(map(len, NAMES)) + len("texts.") <= 64
    assert {f"mail.{one}" for one in MAILS} <= set(TEXTS)
