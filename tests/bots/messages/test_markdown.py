"""What a model wrote, printed for every platform: nothing lost, nothing executed, nothing that a platform refuses."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

import pytest

from bots.messages.blocks import parts, printed
from bots.messages.markdown import cleaned, parse
from bots.messages.rendering import Look, render
from bots.messages.reply import Reply, Say
from bots.telegram_bot.rich import rich_message
from core.sandbox.chat_texts import KINDS
from tests.support.telegram import rich
from tests.support.telegram.html import parse_html

SAID = Random(1)
LIMITS = {"telegram": 4096, "discord": 2000, "ansi": 20_000, "plain": 20_000}
TORTURE = {
    "nested lists": "\n".join(f"{'  ' * level}- level {level}" for level in range(40)),
    "numbered": "3. three\n4. four\n   - dot\n     1. one\n\n     > quoted\n",
    "a table": "| a | **b** |\n|---|:-:|\n| `x` | 中文 |\n| <b>no</b> | y |\n",
    "a long table": "| name | value |\n|---|---|\n" + "\n".join(f"| row {n} | {'v' * 40} |" for n in range(300)),
    "formulas": "Let $a_1 * b_2 * c$ and $$\\sum_{i}^{n} x_i$$ and \\(e^{i\\pi}\\) cost $5 and $6.",
    "a fence cut in the middle": "```python\ndef f(x: List[str]) -> None:\n    print('<b>')\n",
    "a fence inside a list": "- one\n\n  ```\n  code\n  ```\n- two",
    "a fence with fences": "````\n```\ninner\n```\n````",
    "brackets": "[" * 10_000 + "end",
    "quotes in quotes": "> " * 200 + "deep",
    "stars": "*" * 5000 + "x",
    "half of everything": "**bold *and [a link](https://exa",
    "html": "<script>alert(1)</script> List<String> <div onclick=x>y</div> &amp; &lt;b&gt;",
    "links": '[a](javascript:alert(1)) [b](https://example.com/?a=1&b="2") [c](tg://user?id=7) <https://e.org> ![i](data:x)',
    "mentions": "@everyone @here <@123> <@&5> <#9> </cmd:1> [x](<@7>)",
    "directions": "abc \u202e evil \u202c \u2066x\u2069 \x1b[31mred\x07 \x00 \ud800",
    "chinese": "## 标题\n\n**重点**内容：\n" + "很长的一段中文。" * 900,
    "arabic": "# مرحبا\n\n- **نص** عربي\n- `כ`",
    "one long word": "x" * 30_000,
    "a long line of code": "```\n" + "y" * 30_000 + "\n```",
    "a reference": "[ref]: https://example.com 'title'\n\nsee [ref]",
    "rules": "a\n\n---\n\nb\n***\nc",
    "only marks": "****\n\n__\n\n``\n\n- \n\n>",
    "all at once": KINDS["torture"]("", SAID),
    "more cells than columns": "# Title\n\n| a | b |\n|---|---|\n| 1 | 2 | three |\n\nThat is **all**.",
    "many paragraphs": "\n\n".join(f"paragraph {n} with **bold** and `code`" for n in range(400)),
}


def letters(text: str) -> list[str]:
    return [char for char in text if char.isalnum()]


@pytest.mark.parametrize("markup", LIMITS)
@pytest.mark.parametrize("name", TORTURE)
def test_nothing_is_lost_and_nothing_is_torn(name: str, markup: str):
    pages = parts(parse(TORTURE[name]), markup, LIMITS[markup])  # type: ignore[arg-type]
    shown = ""
    for page in pages:
        assert len(page) <= LIMITS[markup]
        if markup == "telegram":
            text, entities = parse_html(page)
            assert all(one.get("url", "https://").startswith(("https://", "http://")) for one in entities)
            shown += text + "".join(one.get("language", "") + one.get("url", "") for one in entities)
        else:
            shown += page
        assert not re.search(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\u202a-\u202e\ud800-\udfff]", page)
        if markup != "ansi":
            assert "\x1b" not in page
    missing = len(letters(cleaned(TORTURE[name]))) - len(letters(shown))
    # The numbers of a list are counted anew, and where nothing is coloured the language of a fence goes.
    assert missing <= len(re.findall(r"\d\.|[python]{6}", TORTURE[name])) * len("python")


def in_full(text: str) -> list[tuple[str, Any]]:
    """The messages of a text, and each as a rich message where it is one; whatever Telegram refuses is refused here."""
    found = []
    for page, blocks in printed(parse(text), "telegram", LIMITS["telegram"]):
        made = rich_message(blocks)
        fields = json.loads(made.model_dump_json(exclude_none=True)) if made is not None else None
        found.append((page, rich.body(fields)["rich_message"] if fields else None))
    return found


@pytest.mark.parametrize("name", TORTURE)
def test_rich_messages_lose_nothing_and_lead_nowhere_else(name: str):
    pages = in_full(TORTURE[name])
    always = ("a table", "a long table", "formulas", "numbered", "all at once")
    assert any(full for _, full in pages) or name not in always
    for page, full in pages:
        if full is None:
            continue
        text, entities = parse_html(page)
        plain = text + "".join(one.get("url", "") for one in entities)
        shown = rich.text_of(full) + "".join(rich.addresses(full["blocks"]))
        missing = len(letters(re.sub(r"(?m)^\s*\d+\. ", "", plain))) - len(letters(shown))
        # What a link is called may be where it leads, which is said once.
        assert missing <= 0 or not letters(plain)
        assert all(one.startswith(("https://", "http://")) for one in rich.addresses(full["blocks"]))
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\ud800-\udfff]", rich.text_of(full))


def test_rich_messages_are_made_of_what_plain_text_cannot_show():
    [(_, table)] = in_full("# Prices\n\nSee https://e.org/a.\n\n| a | b |\n|---|---|\n| **1** | |")
    assert [one["type"] for one in table["blocks"]] == ["heading", "paragraph", "table"]
    assert list(rich.addresses(table["blocks"])) == ["https://e.org/a"]
    assert table["blocks"][2]["cells"] == [
        [{"align": "left", "valign": "top", "text": [one], "is_header": True} for one in "ab"],
        [
            {"align": "left", "valign": "top", "text": [{"type": "bold", "text": ["1"]}]},
            {"align": "left", "valign": "top"},
        ],
    ]
    [(_, formulas)] = in_full("$$\\frac{a}{b}$$\n\nwith $a_1$ and `$b_1$`")
    assert formulas["blocks"] == [
        {"type": "mathematical_expression", "expression": "\\frac{a}{b}"},
        {
            "type": "paragraph",
            "text": [
                "with ",
                {"type": "mathematical_expression", "expression": "a_1"},
                " and ",
                {"type": "code", "text": "$b_1$"},
            ],
        },
    ]
    # What plain text shows as well, and what is larger than a rich message may be, stays as it was.
    assert in_full("# Title\n\n- **bold**\n  - `code`\n\n> quoted")[0][1] is None
    wide = "|" + "a|" * 21 + "\n|" + "-|" * 21
    assert all(full is None for _, full in in_full(wide))
    assert all(full is None for _, full in in_full(TORTURE["nested lists"]))
    assert in_full("| a |\n|---|\n" + "| 1 |\n" * 600)[0][1] is None


def test_only_the_block_of_which_something_would_be_dropped_is_left_as_it_was_written():
    title, table, rest = parse(TORTURE["more cells than columns"])
    assert (title.kind, table.kind, rest.spans[1].kind) == ("heading", "paragraph", "strong")


def test_every_beginning_of_an_answer_is_read_like_a_whole_one():
    text = "# Title\n\n- **bold** `code`\n\n```py\nx < 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[l](https://e.org)"
    for end in range(len(text)):
        for page in parts(parse(text[:end]), "telegram", 4096):
            parse_html(page)


def test_what_is_hostile_is_inert():
    html = "".join(parts(parse(TORTURE["html"] + "\n\n" + TORTURE["links"]), "telegram", 4096))
    assert "&lt;script&gt;" in html
    assert "List&lt;String&gt;" in html
    assert re.findall(r'href="([^"]*)"', html) == [
        "https://example.com/?a=1&amp;b=%222%22",
        "https://e.org",
    ]
    said = "".join(parts(parse(TORTURE["mentions"]), "discord", 2000))
    assert "@everyone" not in said
    assert "@here" not in said
    assert not re.search(r"(?<!\\)<[@#/]", said)
    fenced = "".join(parts(parse("````\n```\n@everyone\n````"), "discord", 2000))
    assert fenced.count("```") == 2


def test_a_long_answer_is_its_beginning_and_a_file():
    from bots.messages.markdown import Written

    text = TORTURE["many paragraphs"]
    reply = Reply("talk-answer", written=Written(text, parse(text)), more=(Say("talk-mark-stopped"),))
    found = render(reply, Look("en", "discord", 2000))
    assert [file.name for file in found.files] == ["answer.md"]
    assert found.files[0].content.decode() == text
    assert len(found.texts) == 2
    assert "paragraph 0 " in found.texts[0]
