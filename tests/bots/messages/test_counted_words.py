"""Every text that counts something, with 0, 1, 2 and 5 of it, beside what a person has read and found right.

`python -m tests.bots.messages.test_counted_words` writes `counted.LANGUAGE.txt` anew; read what has changed in it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from tests.architecture.test_texts import LANGUAGES, _messages, _variables

HERE = Path(__file__).parent
COUNTED = (0, 1, 2, 5)
COUNTS = frozenset(
    {
        "already_member", "calls", "closed", "codes", "count", "created", "days", "deleted", "disabled", "done", "failed", "free",
        "given", "gone", "hours", "ill", "invalid", "invited", "keys", "live", "members", "minutes", "missing", "more",
        "most", "new", "occupied", "off", "over", "pages", "pending", "people", "present", "questions", "raised", "redeemed",
        "redemptions", "refused", "reserved", "rows", "seats", "sends", "settled", "staying", "strangers", "taken",
        "teams", "total", "unclear", "unused", "updated", "used", "uses", "waiting", "wanted",
    }
)  # fmt: skip
"""Facts that are whole numbers of things wherever they are given."""
NEVER_ONE = frozenset(
    {
        "alert-source_failing", "end-which", "error-too_long", "error-too_many_codes", "gifts-many", "money", "money-csv",
        "plan", "redeemed-many", "stats-csv", "stats-teams-heading", "stats-window", "transfer-which", "usage",
        "usage-csv", "usage-none",
    }
)  # fmt: skip
"""Texts whose number is always more: days of a window, tokens of a model, what is only asked where there are several."""
VERBS = {"is", "was", "has", "goes", "stays", "needs", "continues", "as"}


def read_aloud(language: str) -> str:
    """All texts that count, by name, with each number in all of their places."""
    lines = []
    for name, message in sorted(_messages(language).items()):
        facts = set(_variables(message.value))
        if not facts & COUNTS or name.startswith(("chart-", "option-")):
            continue
        lines.append(name)
        for number in COUNTED:
            given = {fact: number if fact in COUNTS else fact.upper() for fact in facts}
            text = words(Say(name, given), Look(language, "plain", 10_000)).replace("\n", "\n        ")
            lines.append(f"    {number}   {text}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_reads_as_somebody_has_found_right(language: str):
    kept = HERE / f"counted.{language}.txt"
    assert read_aloud(language) == kept.read_text(encoding="utf-8"), "write it anew (see above), and read the change"


def test_one_is_no_plural():
    wrong, name = [], ""
    for line in read_aloud("en").splitlines():
        name = name if line.startswith(" ") else line
        said = re.findall(r"(?<![\d/.+-])(?<!of )\b1 ([a-z]+s)\b", line)
        wrong += [f"{name}: {line.strip()}" for word in said if word not in VERBS and name not in NEVER_ONE]
    assert not wrong


if __name__ == "__main__":
    for each in LANGUAGES:
        (HERE / f"counted.{each}.txt").write_text(read_aloud(each), encoding="utf-8")
