"""A chat platform on paper: every message becomes a line of a file, which outlives a killed process."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from bots.messages.rendering import Look, render
from bots.outgoing.posting import Post


class Paper:
    """A channel of the outbox. `kill` ends this process at the message of that number, `before` or `after` it is sent."""

    def __init__(self, path: Path, *, kill: int | None = None, when: str = "after") -> None:
        self.path = path
        self._kill = kill
        self._when = when
        self._begun = 0

    async def post(self, post: Post) -> str | None:
        """Write the message down, for good."""
        self._begun += 1
        if self._begun == self._kill and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        text = "\n".join(render(post.reply, Look(post.language, "plain", 10**6)).texts)
        line = {"to": post.recipient, "key": post.key, "edit": post.edit, "text": text}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if self._begun == self._kill:
            os.kill(os.getpid(), signal.SIGKILL)
        return f"{post.recipient}:{self._begun}"

    def lines(self) -> list[dict[str, Any]]:
        """All that was sent, in order, by whichever process."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]
