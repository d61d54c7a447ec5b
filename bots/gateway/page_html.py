"""The redeem page as HTML: one column, no script, words from the texts that every platform uses.

Whatever somebody typed goes through `escape`, here and nowhere else. The order of the elements is the order in which
they are read aloud; what is wrong is said first, is tied to its field, and the field has the focus.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import urlencode

from bots.messages.rendering import Look, words
from bots.messages.reply import Say
from core.languages import LANGUAGES

NAMES: Final = {"en": "English", "zh-CN": "中文"}
"""What each language calls itself."""
_STYLE: Final = (
    ":root{color-scheme:light dark;--ink:#1b1b1f;--paper:#fff;--line:#6b6b76;--bad:#b00020;--do:#1a4fb4;--on:#fff}"
    "@media(prefers-color-scheme:dark){"
    ":root{--ink:#ececf1;--paper:#17171b;--line:#9a9aa6;--bad:#ff9aa2;--do:#9dbdff;--on:#10131c}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.5 system-ui,sans-serif}"
    "main,footer{max-width:34rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem;line-height:1.25}h1:focus{outline:none}"
    "label{display:block;font-weight:600;margin-top:1rem}"
    ".hint{margin:.125rem 0 .25rem}"
    "input{width:100%;padding:.625rem;font:inherit;color:inherit;background:transparent;"
    "border:2px solid var(--line);border-radius:.375rem}"
    "input[aria-invalid=true]{border-color:var(--bad)}"
    "button,.next{display:inline-block;margin-top:1.25rem;padding:.625rem 1.25rem;font:inherit;font-weight:600;"
    "color:var(--on);background:var(--do);border:2px solid var(--do);border-radius:.375rem;text-decoration:none}"
    ".problem{border-left:.25rem solid var(--bad);padding-left:.75rem;color:var(--bad);font-weight:600}"
    "a{color:var(--do)}footer ul{display:flex;gap:1rem;list-style:none;margin:0;padding:0}"
    "input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--do);outline-offset:2px}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""What the browser may do with the page: show it, and send its form back where it came from."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form. `problem` is what was wrong, and `at` the field (`code`, `address`) that it is about."""

    token: str
    address: str = ""
    code: str = ""
    problem: str = ""
    at: str = ""


def form_page(form: Form, language: str, path: str) -> str:
    """The form, with what was wrong before it."""
    look = _look(language)
    said = f'<p class="problem" role="alert" id="problem">{_lines(form.problem)}</p>' if form.problem else ""
    first = form.at or "code"
    fields = [
        _field(
            "code", form.code, look, form, focus=first == "code", more='autocapitalize="characters" maxlength="200"'
        ),
        _field("address", form.address, look, form, focus=first == "address", more='inputmode="email" maxlength="320"'),
    ]
    inside = (
        f"<h1>{_text('page-title', look)}</h1>{said}<p>{_text('page-intro', look)}</p>"
        f'<form method="post" action="{escape(path)}" novalidate>'
        f'<input type="hidden" name="token" value="{escape(form.token)}">'
        f'<input type="hidden" name="lang" value="{language}">'
        f'{"".join(fields)}<button type="submit">{_text("page-send", look)}</button></form>'
    )
    title = words(Say("page-title-problem" if form.problem else "page-title"), look)
    return _page(title, inside, language, path, {})


def told_page(
    title: str, lines: Sequence[Say], language: str, path: str, *, wish: str = "", again: bool = False
) -> str:
    """What became of a wish (the key of its title, then its words); with `again` a link that looks once more."""
    look = _look(language)
    said = "".join(f"<p>{_lines(words(line, look))}</p>" for line in lines)
    links = [_link("page-look-again", path, {"wish": wish, "lang": language}, look)] if again else []
    links.append(_link("page-another", path, {"lang": language}, look))
    inside = (
        f'<h1 tabindex="-1" autofocus>{_text(title, look)}</h1>'
        f'<div role="status" aria-live="polite">{said}</div><p>{" ".join(links)}</p>'
    )
    return _page(words(Say(title), look), inside, language, path, {"wish": wish} if wish else {})


def plain_page(title: str, line: Say, language: str) -> str:
    """A page that says one thing and leads nowhere."""
    look = _look(language)
    said = f'<div role="status" aria-live="polite"><p>{_lines(words(line, look))}</p></div>'
    return _whole(words(Say(title), look), f'<h1 tabindex="-1" autofocus>{_text(title, look)}</h1>{said}', language, "")


def asking_page(title: str, line: Say, button: str, hidden: dict[str, str], language: str) -> str:
    """A page that says one thing and asks for one press, which is posted back to where the page is."""
    look = _look(language)
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in hidden.items()
    )
    form = f'<form method="post" action="?">{fields}<button type="submit">{_text(button, look)}</button></form>'
    inside = f'<h1 tabindex="-1" autofocus>{_text(title, look)}</h1><p>{_lines(words(line, look))}</p>{form}'
    return _whole(words(Say(title), look), inside, language, "")


def _page(title: str, inside: str, language: str, path: str, query: dict[str, str]) -> str:
    others = "".join(
        f'<li><a href="{escape(path)}?{escape(urlencode({**query, "lang": one}))}" lang="{one}" hreflang="{one}"'
        f"{' aria-current=' + chr(34) + 'true' + chr(34) if one == language else ''}>{NAMES[one]}</a></li>"
        for one in LANGUAGES
    )
    label = _text("page-language", _look(language))
    footer = f'<footer><nav aria-label="{label}"><ul>{others}</ul></nav></footer>'
    return _whole(title, inside, language, footer)


def _whole(title: str, inside: str, language: str, footer: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style></head><body><main>{inside}</main>{footer}</body></html>"
    )


def _field(name: str, value: str, look: Look, form: Form, *, focus: bool, more: str) -> str:
    wrong = form.at == name
    described = f"{name}-hint problem" if wrong else f"{name}-hint"
    kind, complete = ("email", "email") if name == "address" else ("text", "off")
    state = f' aria-invalid="true"{" autofocus" if focus else ""}' if wrong else " autofocus" if focus else ""
    return (
        f'<label for="{name}">{_text(f"page-{name}", look)}</label>'
        f'<p class="hint" id="{name}-hint">{_text(f"page-{name}-hint", look)}</p>'
        f'<input id="{name}" name="{name}" type="{kind}" value="{escape(value)}" required spellcheck="false" '
        f'autocomplete="{complete}" aria-describedby="{described}" {more}{state}>'
    )


def _link(key: str, path: str, query: dict[str, str], look: Look) -> str:
    return f'<a class="next" href="{escape(path)}?{escape(urlencode(query))}">{_text(key, look)}</a>'


def _text(key: str, look: Look) -> str:
    return escape(words(Say(key), look))


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines() if line.strip())


def _look(language: str, timezone: str = "UTC") -> Look:
    return Look(language, "plain", 2000, timezone)
