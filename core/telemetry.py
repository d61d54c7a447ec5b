"""Logs that hold no secret, reference numbers for people, and metrics for operators.

Events have static names and carry ids, not objects. Whatever still looks like a code, a credential or an address
is redacted by the last processor, also in tracebacks. Metrics cost nothing until `enable_metrics` was called:
the command line never pays for them.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import structlog

from core.errors import Misconfigured
from core.os_reasons import OsReason
from core.setting_faults import SettingFault

if TYPE_CHECKING:
    from core.settings import LogSettings

# Each kind begins only where no letter of its own stands before, so that a long word is read once and not from each of
# its letters anew.
_SECRETS: Final = re.compile(
    r"""
      (?P<jwt>(?<![0-9A-Za-z])eyJ[\w-]{8,4096}+\.[\w-]+\.[\w-]*)
    | (?P<bearer>(?i:bearer)\s+[\w.~+/=-]{8,})
    | (?P<key>\bsk-[\w-]{8,})
    | (?P<bot>\b\d{6,}:[\w-]{30,})
    | (?P<discord>\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,})
    | (?P<code>\b[A-Za-z][A-Za-z0-9]{1,11}(?:-[0-9A-Za-z]{4}){3,6}\b)
    | (?P<url>(?<=://)[^/\s:@]+:[^/\s@]+(?=@))
    | (?P<mail>(?<![\w.!\#$%&'*+/=?^`{|}~-])[\w.!\#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+)
    """,
    re.VERBOSE,
)
_SECRET_FIELDS: Final = frozenset(
    {"token", "access_token", "credential", "password", "secret", "admin_key", "authorization", "code", "codes", "key"}
)
_SYMBOLS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def redact(text: str) -> str:
    """`text` without anything that looks like a code, a credential or an address."""
    return _SECRETS.sub(_shown, text)


def new_reference() -> str:
    """A short number that a person can read out and the log can be searched for: 8 symbols, 39 bits."""
    symbols = "".join(secrets.choice(_SYMBOLS) for _ in range(8))
    return f"{symbols[:4]}-{symbols[4:]}"


def configure_logging(settings: LogSettings, stream: IO[str] | None = None) -> None:
    """Send structlog and the libraries' logging to standard error (or `log.file`), redacted.

    A log that cannot be written never stops the work: the disk may be full, the redemption must go on. Raises:
    Misconfigured where it cannot be opened, and the log stays where it was.
    """
    level = getattr(logging, settings.level.upper())
    target: logging.Handler
    if settings.file:
        try:
            Path(settings.file).parent.mkdir(parents=True, exist_ok=True)
            target = _log_file(settings.file)
        except OSError as error:
            fault = SettingFault("log.file: {path} cannot be opened ({why})", path=settings.file, why=OsReason(error))
            raise Misconfigured(faults=[fault]) from error
    else:
        target = logging.StreamHandler(stream or sys.stderr)
    logging.raiseExceptions = False
    colours = not settings.json_lines and not settings.file and sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_event,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.json_lines or settings.file
        else structlog.dev.ConsoleRenderer(colors=colours)
    )
    target.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(target)
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "aiohttp.access", "aiogram.event", "apscheduler", "discord", "aiosqlite"):
        # Request lines hold bot tokens in their addresses; the redactor is the second line of defence.
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared[:-2],
            structlog.processors.format_exc_info,
            redact_event,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _log_file(path: str) -> logging.Handler:
    """A file that is followed by its name: moved away by a rotation, it is begun anew. A full disk stops nothing."""
    # Imported late: it brings sockets and queues along, and most commands log to standard error.
    from logging.handlers import WatchedFileHandler

    class LogFile(WatchedFileHandler):
        def emit(self, record: logging.LogRecord) -> None:
            try:
                super().emit(record)
            except OSError:
                self.handleError(record)

    return LogFile(path, encoding="utf-8")


def begin_numbering() -> None:
    """What is logged from here on is about nothing that was named before: one task may do one thing after another."""
    structlog.contextvars.unbind_contextvars("redemption", "transfer")


def number(*, redemption: int | None = None, transfer: int | None = None) -> None:
    """Every line that this task logs from here on carries the number, whoever writes it, also of what goes wrong."""
    named = {"redemption": redemption, "transfer": transfer}
    structlog.contextvars.bind_contextvars(**{name: one for name, one in named.items() if one is not None})


def redact_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last processor before rendering."""
    for name, value in event.items():
        if name.startswith("_"):
            continue
        if name in _SECRET_FIELDS:
            event[name] = "[redacted]"
        elif isinstance(value, str):
            event[name] = redact(value)
        elif value is not None and not isinstance(value, (bool, int, float)):
            event[name] = redact(str(value))
    return event


def _shown(match: re.Match[str]) -> str:
    kind, text = match.lastgroup, match.group()
    if kind == "mail":
        return f"{text[:1]}***@{text.rpartition('@')[2]}"
    if kind == "code":
        return f"…{text[-4:]}"
    return f"[{kind}]"


class _Metrics:
    """The metrics of this process; made when a server is going to show them."""

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            PlatformCollector,
            ProcessCollector,
        )

        self.registry = CollectorRegistry()
        self.counters = {name: Counter(name, text, labels, registry=self.registry) for name, text, labels in COUNTERS}
        self.histograms = {
            name: Histogram(name, text, labels, registry=self.registry, buckets=_BUCKETS)
            for name, text, labels in HISTOGRAMS
        }
        self.gauges = {name: Gauge(name, text, labels, registry=self.registry) for name, text, labels in GAUGES}
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)


COUNTERS: Final[tuple[tuple[str, str, list[str]], ...]] = (
    ("usher_redemptions", "Redemptions by outcome", ["outcome"]),
    ("usher_calls", "Calls to models by how they ended", ["outcome"]),
    ("usher_turns", "Questions in chats: answered to their end, or put off", ["platform", "outcome"]),
    ("usher_gateway_refusals", "Requests of programs that got no answer", ["code"]),
    ("usher_provider_calls", "Calls to providers", ["provider", "call", "outcome"]),
    ("usher_updates", "Chat updates handled", ["platform", "outcome"]),
    ("usher_notices", "Notices by outcome", ["channel", "outcome"]),
    ("usher_rate_limit_hits", "Refusals by a limit", ["limit"]),
    ("usher_sweeps", "Runs of sweeps", ["sweep", "outcome"]),
    ("usher_database_retries", "Units that the database asked to run again", ["reason"]),
    ("usher_redis_fallbacks", "Questions to Redis that were answered without it", ["use"]),
)
"""Name, meaning and labels of every counter."""

HISTOGRAMS: Final[tuple[tuple[str, str, list[str]], ...]] = (
    ("usher_stage_seconds", "Stages of a redemption", ["stage"]),
    ("usher_update_seconds", "Handling of one chat update", ["platform"]),
    ("usher_provider_seconds", "Provider calls", ["provider", "call"]),
    ("usher_database_seconds", "Units of work, with what they wait for", ["kind"]),
)
"""Name, meaning and labels of every histogram."""

GAUGES: Final[tuple[tuple[str, str, list[str]], ...]] = (
    ("usher_build_info", "The version that runs; the value is always 1", ["version"]),
    ("usher_seats", "Seats by state", ["state"]),
    ("usher_pool_seats", "Seats of a pool by state", ["pool", "state"]),
    ("usher_pool_code_uses", "Uses of the codes of a pool", ["pool", "state"]),
    ("usher_waiting_places", "People on the waiting list of a pool", ["pool"]),
    ("usher_teams", "Teams by health", ["health"]),
    ("usher_credential_left_seconds", "Time until the first credential of a team expires", []),
    ("usher_expired_leases", "Memberships that are over and whose people are still there", []),
    ("usher_stuck_transfers", "Transfers that have stood still for too long", []),
    ("usher_unclear_redemptions", "Invites whose outcome is not known yet", []),
    ("usher_unclear_age_seconds", "Age of the oldest invite whose outcome is not known", []),
    ("usher_sources", "Sources of models by health", ["health"]),
    ("usher_open_calls", "Calls to models that are not over", []),
    ("usher_open_call_age_seconds", "Age of the oldest call that is not over", []),
    ("usher_inbox_depth", "Chat updates that wait to be answered", []),
    ("usher_outbox_depth", "Notices waiting", ["channel"]),
    ("usher_outbox_age_seconds", "Age of the oldest notice that should have left", []),
    ("usher_dead_notices", "Notices that were given up", []),
    ("usher_open_alerts", "Open alerts by level", ["level"]),
    ("usher_sweep_age_seconds", "Seconds since the last finished run", ["sweep"]),
    ("usher_backup_age_seconds", "Seconds since the last backup that was noted", []),
    ("usher_database_connections", "Connections of this process to the database", ["state"]),
    ("usher_redis_up", "Whether Redis answers, where one is configured", []),
)
"""Name, meaning and labels of every gauge; the alerting rules and the dashboard are held against them by a test."""

_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds."""

_metrics: _Metrics | None = None


def enable_metrics() -> None:
    """From now on, counts are kept in this process."""
    global _metrics  # noqa: PLW0603 - one process, one registry
    if _metrics is None:
        _metrics = _Metrics()


def count(name: str, **labels: str) -> None:
    """Count one event of the counter `name`."""
    if _metrics is not None:
        _metrics.counters[name].labels(**labels).inc()


def observe(name: str, seconds: float, **labels: str) -> None:
    """Note how long something took."""
    if _metrics is not None:
        _metrics.histograms[name].labels(**labels).observe(seconds)


@contextmanager
def timed(name: str, **labels: str) -> Iterator[None]:
    """Note how long the body took, however it ends."""
    if _metrics is None:
        yield
        return
    began = time.monotonic()
    try:
        yield
    finally:
        observe(name, time.monotonic() - began, **labels)


def gauge(name: str, value: float, **labels: str) -> None:
    """Set a gauge to what was just read."""
    if _metrics is not None:
        found = _metrics.gauges[name]
        (found.labels(**labels) if labels else found).set(value)


def forget_gauges(names: Iterable[str]) -> None:
    """What has labels is read anew each time: what is not there any more shall not stand there for ever."""
    if _metrics is not None:
        for name in names:
            _metrics.gauges[name].clear()


def exposition() -> bytes:
    """All metrics in Prometheus' text format; empty while they are not enabled."""
    if _metrics is None:
        return b""
    from prometheus_client import generate_latest

    return generate_latest(_metrics.registry)
