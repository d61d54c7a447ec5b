"""Mails and the welcome in the shop's own words, and in the usual ones with its name below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bots.messages import shop_words
from bots.messages.rendering import LOCALES, Look, _bundle, _wanted, words
from bots.messages.reply import Reply, Say
from core.languages import LANGUAGES
from core.rules import house_texts
from core.rules.house_texts import MAILS
from tests.support.house import settings_for

WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
FACTS = {"team": "Gold {shop} <b>", "address": "me@example.com", "until": WHEN, "reason": Say("reason-gone")}


def _settings(**more: Any):
    return settings_for("sqlite+aiosqlite:///nowhere.db", **more)


def _mail(template: str, language: str = "en", **more: Any) -> shop_words.Mail:
    return shop_words.mail(_settings(**more), template, Reply(f"mail-{template}", FACTS), language)


def test_every_mail_can_be_written_anew_and_says_what_the_usual_one_says():
    usual = {
        message for path in LOCALES.glob("*en.ftl") for message in path.read_text().split() if message[:5] == "mail-"
    }
    named = {f"mail-{name}" for name in MAILS} | {"mail-signed-contact", "mail-signed-shop"}
    assert {one for one in usual if _bundle("en").has_message(one)} == named
    for template, places in MAILS.items():
        for language in LANGUAGES:
            told = _wanted(_bundle(language).get_message(f"mail-{template}").value)
            assert set(places.needed) <= told <= set(places.known), template


def test_the_usual_mail_ends_with_the_tutorial_and_the_shop():
    said = _mail("invited", shop="Seats & Co", contact="@seats", texts={"tutorial.en": "Sign in as {shop} says."})
    assert said.text.endswith("Sign in as Seats & Co says.\n\nQuestions? @seats\n– Seats & Co\n")
    assert "tutorial" not in _mail("lease_ended", texts={"tutorial.en": "tutorial"}).text
    plain = _mail("invited")
    assert plain.text.count("\n\n") == 2, "without a shop's name nothing stands below"


def test_own_words_take_the_place_of_the_usual_ones_in_their_language_only():
    texts = {
        "mail.lease_ended.en": "{address} left {team}: {reason} {shop}",
        "mail.lease_ended.subject.en": "Bye {team}",
        "shop.zh-CN": "小店",
    }
    said = _mail("lease_ended", shop="Seats", texts=texts)
    assert said.text == "me@example.com left Gold {shop} <b>: you are no longer a member of the workspace Seats\n"
    assert said.subject == "Bye Gold {shop} <b>"
    chinese = _mail("lease_ended", "zh-CN", shop="Seats", texts=texts)
    assert "您好" in chinese.text
    assert chinese.text.endswith("—— 小店\n")


def test_the_place_of_the_tutorial_is_the_shops_choice():
    texts = {"mail.invited.en": "{tutorial}\n{address} {team}", "tutorial.en": "How to."}
    assert _mail("invited", texts=texts).text.startswith("How to.\nme@")
    texts["mail.invited.en"] = "{address} {team}"
    assert _mail("invited", texts=texts).text.endswith("<b>\n\nHow to.\n")


def test_the_welcome():
    look = Look("en", "telegram", 4096)
    said = shop_words.welcome(_settings(shop="A&B", texts={"welcome.en": "Hi from {shop}\n<i>"}), "en")
    assert words(Say(said.key, said.facts), look) == "Hi from A&amp;B\n&lt;i&gt;"
    assert shop_words.welcome(_settings(), "en").key == "welcome"


def test_every_text_can_be_looked_at():
    texts = {f"mail.{name}.en": " ".join(f"{{{one}}}" for one in MAILS[name].known) for name in MAILS}
    for name in house_texts.NAMES:
        shown = shop_words.preview(_settings(shop="Seats", contact="@us", texts=texts), name, WHEN)
        assert "{" not in shown
