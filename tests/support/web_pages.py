"""A page as a reader of HTML finds it: its elements, its form, its words, and what a browser or a screen reader would miss."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "input", "br", "link", "img", "hr"}
LABELLED = {"input", "select", "textarea"}


@dataclass
class Element:
    """One element; `text` is everything written inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class WebPage:
    """A parsed page. `faults` are what makes it no good page, whatever it says."""

    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def all(self, tag: str, **wanted: str) -> list[Element]:
        named = {name.replace("_", "-"): value for name, value in wanted.items()}
        return [
            one
            for one in self.elements
            if one.tag == tag and all(one.attributes.get(name) == value for name, value in named.items())
        ]

    def one(self, tag: str, **wanted: str) -> Element:
        found = self.all(tag, **wanted)
        assert len(found) == 1, (tag, wanted, len(found))
        return found[0]

    def fields(self) -> dict[str, str]:
        """What a browser would send back if nobody filled anything in."""
        return {one.attributes["name"]: one.attributes.get("value", "") for one in self.all("input")}

    @property
    def language(self) -> str:
        return self.one("html").attributes["lang"]

    @property
    def words(self) -> str:
        return self.one("main").text

    @property
    def problem(self) -> str:
        """What was wrong, as it is read aloud at once; nothing if nothing was."""
        return "".join(one.text for one in self.elements if one.attributes.get("role") == "alert")

    @property
    def focused(self) -> list[str]:
        return [one.attributes.get("id", one.tag) for one in self.elements if "autofocus" in one.attributes]

    def linked(self, words: str) -> str:
        [found] = [one.attributes["href"] for one in self.all("a") if one.text == words]
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = WebPage()
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.page.faults.append(f"<{tag}> has an attribute twice")
        found = Element(tag, {name: value or "" for name, value in attrs})
        self.page.elements.append(found)
        if tag not in VOID:
            self._open.append(found)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.page.faults.append(f"</{tag}> closes nothing")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.text += data

    def close(self) -> None:
        super().close()
        self.page.faults += [f"<{one.tag}> is never closed" for one in self._open]


def read_page(text: str) -> WebPage:
    """Read a page and look for everything that keyboards, screen readers and a strict policy need."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    page = reader.page
    page.faults += _missing(page)
    return page


def _missing(page: WebPage) -> list[str]:
    ids = Counter(one.attributes["id"] for one in page.elements if "id" in one.attributes)
    found = [f"the id {name} stands there {count} times" for name, count in ids.items() if count > 1]
    once = ("html", "title", "main", "h1")
    found += [f"{len(page.all(tag))} times <{tag}>" for tag in once if len(page.all(tag)) != 1]
    if not page.one("html").attributes.get("lang"):
        found.append("the page has no language")
    labels = {one.attributes.get("for"): one.text for one in page.all("label")}
    for one in page.elements:
        name = one.attributes.get("id")
        if one.tag in LABELLED and one.attributes.get("type") != "hidden" and not labels.get(name):
            found.append(f"the field {name} has no label")
        described = one.attributes.get("aria-describedby", "").split()
        found += [f"{name} is described by {other}, which is not there" for other in described if other not in ids]
        if one.tag in {"a", "button"} and not one.text.strip():
            found.append(f"a <{one.tag}> without words")
        if one.tag == "nav" and not one.attributes.get("aria-label"):
            found.append("a <nav> without a name")
        if one.tag in {"script", "iframe", "img", "object"} or any(
            attribute.startswith("on") or attribute == "style" for attribute in one.attributes
        ):
            found.append(f"<{one.tag}> that the policy forbids")
    if len(page.focused) > 1:
        found.append(f"the focus is to be in {page.focused}")
    return found
