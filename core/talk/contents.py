"""What somebody wrote, encrypted and bound to its row: nothing of a conversation is stored in plain text."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field

from core.storage.talk_rows import SealedMessage
from core.vault import Undecipherable, Vault

SUMMARISE = (
    "Summarise our conversation so far, so that we can go on from the summary alone: facts, decisions, open questions. "
    "Write in the language of the conversation."
)
"""A question of Usher's own: nobody said it, so nobody finds it among what they said."""


@dataclass(frozen=True, slots=True)
class Said:
    """The text of a message, and who said it where several talk."""

    text: str = field(repr=False)
    speaker: str | None = None


def new_reference() -> str:
    """A name for a row, given before the row has a number."""
    return secrets.token_hex(16)


def seal(vault: Vault, reference: str, said: Said) -> bytes:
    """The ciphertext of a message."""
    content = {"text": said.text} | ({"speaker": said.speaker} if said.speaker else {})
    return vault.encrypt(json.dumps(content, ensure_ascii=False), row=message_row(reference))


def unseal(vault: Vault, message: SealedMessage) -> Said:
    """What a row of `messages` says; nothing where its key is gone."""
    try:
        content = json.loads(vault.decrypt(message.content, row=message_row(message.reference)))
    except Undecipherable:
        return Said("")
    return Said(content["text"], content.get("speaker"))


def shortened(text: str, most: int) -> str:
    """The text, or where it is longer what of it fits, with a mark that there was more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def seal_word(vault: Vault, table: str, reference: str, column: str, text: str) -> bytes:
    """The ciphertext of a title, of instructions, of a file's name."""
    return vault.encrypt(text, row=f"{table}:{reference}:{column}")


def unseal_word(vault: Vault, table: str, reference: str, column: str, cipher: bytes | None) -> str:
    """Empty where there is none, or where its key is gone."""
    if cipher is None:
        return ""
    try:
        return vault.decrypt(cipher, row=f"{table}:{reference}:{column}")
    except Undecipherable:
        return ""


def message_row(reference: str) -> str:
    """What a message's ciphertext is bound to."""
    return f"messages:{reference}:content"
