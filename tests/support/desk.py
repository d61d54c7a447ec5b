"""A member of staff at the commands themselves: no platform, but the real dispatch, core and database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from bots.commands.dispatch import dispatch
from bots.commands.request import Attachment, Chat, Request
from bots.messages.blocks import Markup
from bots.messages.rendering import Look, render, words
from bots.messages.reply import Reply, Say
from core.actors import Actor, Role
from tests.support.house import House

EACH_ON_ONE = pytest.mark.parametrize(
    ("backend", "language"), [("sqlite", "en"), ("postgresql", "zh-CN")], indirect=["backend"]
)
"""Both languages and both databases in two runs: what is said is the same on either, and what is kept in either."""


@dataclass
class Desk:
    """Says things and presses buttons as one person; `buttons` are those under the last answer, by label."""

    house: House
    role: Role = Role.OWNER
    identity: str = "42"
    language: str = "en"
    markup: Markup = "plain"
    private: bool = True
    platform: str = "telegram"
    buttons: dict[str, str] = field(default_factory=dict)
    reply: Reply = field(default_factory=lambda: Reply("no-words"))
    said: str = ""
    _number: int = 0

    async def say(self, text: str = "", *, file: str | bytes | None = None, key: str | None = None) -> str:
        attachments = []
        if file is not None:

            async def load() -> bytes:
                return file.encode() if isinstance(file, str) else file

            attachments.append(Attachment("teams.jsonl", len(file), load))
        return await self._send(Request(self._actor(), self._key(key), self.language, self._chat(), text=text,
                                        attachments=attachments))  # fmt: skip

    async def command(self, name: str, /, **options: Any) -> str:
        """As a platform with typed options sends it."""
        request = Request(self._actor(), self._key(None), self.language, self._chat(), command=name, options=options)
        return await self._send(request)

    async def press(self, label: str, *, key: str | None = None) -> str:
        """Press the button whose label begins so, or any by its nonce."""
        nonce = next((nonce for shown, nonce in self.buttons.items() if shown.startswith(label)), label)
        return await self._send(Request(self._actor(), self._key(key), self.language, self._chat(), pressed=nonce))

    def words(self, key: str, **facts: Any) -> str:
        return words(Say(key, facts), Look(self.language, self.markup, 10**6))

    def deletes(self) -> bool:
        """Is the message that was answered to be deleted?"""
        return self.reply.delete_request

    def file(self) -> tuple[str, str]:
        """Name and text of the one file of the last answer."""
        [file] = self.reply.files
        return file.name, file.content.decode("utf-8-sig")

    async def _send(self, request: Request) -> str:
        reply = await dispatch(self.house.core, request)
        if reply is None:
            return ""
        self.reply = reply
        shown = render(reply, Look(self.language, self.markup, 4096, self.house.core.settings.timezone))
        if not reply.toast:
            self.buttons = {key.label: key.nonce or "" for row in shown.keys for key in row}
        assert reply.key != "failed", "the answer was an unexpected error"
        self.said = "\n\n".join(shown.texts)
        return self.said

    def _actor(self) -> Actor:
        return Actor(self.platform, self.identity, self.role)

    def _chat(self) -> Chat:
        return Chat(self.platform, self.identity, private=self.private)

    def _key(self, given: str | None) -> str:
        self._number += 1
        return given or f"{self.identity}/{self._number}"
