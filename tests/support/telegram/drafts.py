"""Drafts: previews of 30 seconds in private chats, with a button that stops them."""

from __future__ import annotations

from tests.support.telegram import rules
from tests.support.telegram.rules import Json, bad_request
from tests.support.telegram.state import GROUPS, World


def send_message_draft(world: World, fields: Json) -> bool:
    """Show a draft, or refuse it as Telegram does."""
    chat = world.chat(fields["chat_id"])
    chat.refuse_writing()
    if chat.type in GROUPS:
        raise bad_request("drafts can be sent only to private chats")
    if not fields["draft_id"]:
        raise bad_request("draft_id must be non-zero")
    text = rules.message_text(fields)[0] if fields.get("text") else ""
    chat.drafts.append((fields["draft_id"], text, bool(fields.get("can_stop"))))
    world.touch()
    return True
