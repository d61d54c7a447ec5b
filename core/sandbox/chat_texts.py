"""What the simulated models say, and how their tokens are counted.

The rule, which anybody can compute beforehand: **a token is up to four ASCII characters in a row, or one other
character**, cut from the beginning of the text. A message costs 4 tokens and those of its text; an image costs 500;
tools cost the tokens of their compact JSON; an answer costs the tokens of its text. Each chunk of a stream carries one
token. A sound costs one token for every 100 bytes or part of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, islice
from random import Random
from typing import Any, Final

MESSAGE_TOKENS: Final = 4
IMAGE_TOKENS: Final = 500
SOUND_BYTES: Final = 100
_TOKEN: Final = re.compile(r"[\x00-\x7f]{1,4}|[^\x00-\x7f]")
_WISH: Final = re.compile(r"\s*([a-z]+)\b[: ]*(\d+)?\s*(.*)", re.IGNORECASE | re.DOTALL)

_ENGLISH: Final = (
    "the quiet harbour lights early ships follow slow water under old bridges while someone counts every crate twice "
    "and writes a careful line because nothing here is lost that was ever found again"
).split()
_CHINESE: Final = "清晨的港口灯光很安静船慢慢驶过旧桥有人把每只箱子数两遍再写下一行字因为这里没有东西会丢失"
_CODE: Final = '''Here it is:

```python
def total(lines: list[int]) -> int:
    """The sum, and never below zero."""
    return max(0, sum(lines))


print(total([3, -1, 4]))  # 6 & <more>
```

It takes `O(n)` time.
'''
_TABLE: Final = """| seat | team | state |
|:-----|:----:|------:|
| 1 | north | free |
| 2 | north | **taken** |
| 3 | south \\| west | `held` |

Three rows, one of them free.
"""
_FORMULA: Final = """The area is $A = \\pi r^2$, and so

$$
\\int_0^1 x^2\\,dx = \\frac{1}{3}
$$

holds for every $x \\ge 0$.
"""
_TORTURE: Final = """# Everything & <b>nothing</b>

> quoted **bold _both_** ~~gone~~ `co``de` [link](https://example.com/a_(b)?c=1&d=2) [bad](javascript:alert(1))
> > deeper

1. one
   - two
     - three **never closed
2. @everyone <@123> <#4> https://example.com/_under_score_

- [ ] open - [x] done ||spoiler|| ![image](https://example.com/i.png)

````markdown
```inner
not the end
```
````

<script>alert("no")</script> &amp; &#x41; \\*escaped\\* \u202eright to left\u202c \u200bzero 👩‍👩‍👧 e\u0301

***
| a | b
|---|---
| `|` | *x

```python
never = "closed"
"""


def split(text: str) -> list[str]:
    """The tokens of a text; joined, they are the text again."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(split(text))


def count_input(messages: Sequence[Any], tools: Any = None) -> int:
    """How many tokens a request costs before anything is answered."""
    total = count(json.dumps(tools, ensure_ascii=False, separators=(",", ":"))) if tools else 0
    for message in messages:
        total += MESSAGE_TOKENS + count(text_of(message))
        content = message.get("content") if isinstance(message, Mapping) else None
        if isinstance(content, list):
            total += IMAGE_TOKENS * sum(
                isinstance(part, Mapping) and part.get("type") == "image_url" for part in content
            )
    return total


def count_sound(sound: bytes) -> int:
    """How many tokens it costs to transcribe a sound."""
    return -(-len(sound) // SOUND_BYTES)


def spoken(sound: bytes) -> str:
    """What a sound says: the text that its bytes spell behind the mark of an Ogg file, else `(a noise)`."""
    try:
        return sound.removeprefix(b"OggS").decode() if sound.startswith(b"OggS") else "(a noise)"
    except UnicodeDecodeError:
        return "(a noise)"


def text_of(message: Any) -> str:
    """The text of a message, whichever of its two forms it has."""
    content = message.get("content") if isinstance(message, Mapping) else None
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else ""


def _echo(words: str, _: Random) -> str:
    return words or "(nothing)"


def _english(_: str, random: Random) -> str:
    words = [random.choice(_ENGLISH) for _ in range(random.randint(40, 80))]
    return " ".join(words).capitalize() + "."


def _chinese(_: str, random: Random) -> str:
    start = random.randrange(len(_CHINESE))
    return "".join(islice(cycle(_CHINESE), start, start + random.randint(60, 120))) + "。"


def _fixed(text: str) -> Callable[[str, Random], str]:
    return lambda _, __: text


KINDS: Final[Mapping[str, Callable[[str, Random], str]]] = {
    "echo": _echo,
    "english": _english,
    "chinese": _chinese,
    "code": _fixed(_CODE),
    "table": _fixed(_TABLE),
    "formula": _fixed(_FORMULA),
    "torture": _fixed(_TORTURE),
}


def answer(model: str, messages: Sequence[Any], seed: int, mark: str = "") -> list[str]:
    """The tokens of the answer: always the same for the same model, question and seed.

    The last message may begin with a wish: `echo hello`, `chinese`, `english 200` (tokens), `marked 30` (every token
    then names the account that answers). A model called `sandbox-KIND` always answers in that kind. Without a wish the
    answer is in English.
    """
    said = text_of(messages[-1]) if messages else ""
    wish = _WISH.fullmatch(said)
    kind, number, rest = (wish[1].lower(), wish[2], wish[3]) if wish else ("", None, said)
    own = model.removeprefix("sandbox-")
    if kind == "marked":
        return [f"{mark} "] * int(number or 20)
    if kind not in KINDS:
        kind, number, rest = "english", None, said
    if own in KINDS:
        kind, rest = own, said if kind != own else rest
    if kind == "echo" and number:
        number, rest = None, f"{number} {rest}".strip()
    tokens = split(KINDS[kind](rest, Random(f"{seed}:{model}:{said}")))
    return list(islice(cycle(tokens), int(number))) if number else tokens
