"""What comes with a question: kept encrypted beside its message, and put before the model again with every question.

Pictures are part of the conversation. A file of text is quoted. What was spoken is written down once, and the sound is
let go of (`core.talk.hearing`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.rules.kinds import InputKind, image_type, quoted
from core.storage.chat_tables import attachments
from core.talk.contents import new_reference, seal_word, unseal_word

if TYPE_CHECKING:
    from core.vault import Vault

SPARE = 24
"""Bytes that a quoted file takes beside its text and its name."""


@dataclass(frozen=True, slots=True)
class AttachedContent:
    """One thing that came along: a picture, a file of text (`content` is UTF-8 then), or a sound."""

    kind: InputKind
    name: str = field(repr=False)
    content: bytes = field(repr=False)


def sealed(vault: Vault, request_key: str, given: Sequence[AttachedContent]) -> list[dict[str, Any]]:
    """The rows to keep, without the number of their message. Work for a thread: it may be megabytes."""
    rows = []
    for place, one in enumerate(given):
        reference = hashlib.sha256(f"{request_key}:{place}".encode()).hexdigest()[:32]
        text = one.content.decode() if one.kind == "file" else base64.b64encode(one.content).decode()
        words = {"name": one.name, "content": text}
        ciphers = {name: seal_word(vault, "attachments", reference, name, word) for name, word in words.items()}
        rows.append({"reference": reference, "kind": one.kind, "size": len(one.content), **ciphers})
    return rows


def read_with(tx: sa.Connection, messages: Sequence[int]) -> dict[int, list[Any]]:
    """The rows that came with these messages, by message, in the order in which they came."""
    found: dict[int, list[Any]] = {}
    rows = sa.select(attachments).where(attachments.c.message_id.in_(list(messages))).order_by(attachments.c.id)
    for row in tx.execute(rows):
        found.setdefault(row.message_id, []).append(row)
    return found


def names(vault: Vault, rows: Sequence[Any]) -> list[str]:
    """How what came with a message is called."""
    return [unseal_word(vault, "attachments", row.reference, "name", row.name) for row in rows]


def copy_to(tx: sa.Connection, vault: Vault, message_id: int, other_id: int) -> None:
    """Let what came with one message come with another one as well."""
    for row in tx.execute(sa.select(attachments).where(attachments.c.message_id == message_id)).all():
        reference = new_reference()
        ciphers = {
            name: seal_word(
                vault,
                "attachments",
                reference,
                name,
                unseal_word(vault, "attachments", row.reference, name, getattr(row, name)),
            )
            for name in ("name", "content")
        }
        values = {"reference": reference, "message_id": other_id, "kind": row.kind, "size": row.size, **ciphers}
        tx.execute(sa.insert(attachments).values(**values))


def size_of(given: Sequence[AttachedContent]) -> int:
    """Bytes by which files of text make a question longer."""
    return sum(len(one.content) + len(one.name.encode()) + SPARE for one in given if one.kind == "file")


def with_files(vault: Vault, text: str, rows: Sequence[Any], *, sees: bool) -> str | list[Mapping[str, Any]]:
    """What a message says to a model, with what came along. One that does not see is told that there was a picture."""
    parts = [text] if text else []
    pictures: list[Mapping[str, Any]] = []
    for row in rows:
        name = unseal_word(vault, "attachments", row.reference, "name", row.name)
        content = unseal_word(vault, "attachments", row.reference, "content", row.content)
        if row.kind == "file":
            parts.append(quoted(name, content))
        elif row.kind == "image" and sees:
            media = image_type(base64.b64decode(content[:32])) or "image/png"
            pictures.append({"type": "image_url", "image_url": {"url": f"data:{media};base64,{content}"}})
        elif row.kind == "image":
            parts.append(f"[a picture: {name}]")
    said = "\n\n".join(parts)
    if not pictures:
        return said
    return [*([{"type": "text", "text": said}] if said else []), *pictures]
