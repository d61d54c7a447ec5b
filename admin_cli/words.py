"""Sentences for refusals and faults, and where the log goes."""

from __future__ import annotations

import os
import secrets
import sys
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.errors import UsherError
    from core.settings import Settings


def sentence(error: UsherError, language: str = "en") -> str:
    """One readable sentence for a refusal, in the words that the chats use."""
    from core.errors import Misconfigured

    if isinstance(error, Misconfigured):
        return str(error)
    return reason(error.key, error.facts, language)


def reason(key: str, facts: Mapping[str, Any] | None = None, language: str = "en") -> str:
    """The words of a refusal's key, in the texts of the chats."""
    from bots.messages.rendering import Look, has_words, words
    from bots.messages.reply import Say

    name = next((name for name in (f"error-{key}", f"reason-{key}", key) if has_words(name, language)), None)
    if name is None:
        return f"{key.replace('_', ' ').capitalize()}."
    return words(Say(name, dict(facts or {})), Look(language, "plain", 10_000))


def note_fault(error: BaseException) -> str:
    """Log a fault and return the reference number to search the log for."""
    import structlog

    reference = secrets.token_hex(4)
    structlog.get_logger("admin_cli").error("command_failed", reference=reference, error=type(error).__name__)
    if os.environ.get("USHER_LOG__LEVEL", "").lower() == "debug":
        sys.stderr.write("".join(traceback.format_exception(error)))
    return reference


def log_to_stderr(settings: Settings, *, lowest: str = "warning") -> None:
    """Send the log to standard error, so that standard output holds the answer alone."""
    import logging

    import structlog

    level = max(getattr(logging, settings.log.level.upper()), getattr(logging, lowest.upper()))
    if settings.log.level == "debug":
        level = logging.DEBUG
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
    )
