"""What people write on a command line, turned into values."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from admin_cli import words
from admin_cli.output import CommandRefused


def read_end(text: str, now: datetime, timezone: str) -> datetime:
    """A moment in UTC: `2027-01-31` (to the end of that day), an ISO time, or a span from now such as `30d`."""
    zone = ZoneInfo(timezone)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        from core.errors import BadTerm
        from core.rules.terms import ends_at, parse_term

        try:
            ends = ends_at(parse_term(text.strip().lstrip("+")), now)
        except BadTerm:
            ends = None
        if ends is None:
            raise CommandRefused(
                "bad_time", words.said('"{text}" is no time: write 2027-01-31, 2027-01-31T18:00 or 30d.', text=text), 2
            ) from None
        return ends
    if len(text.strip()) <= len("2027-01-31"):
        moment = datetime.combine(moment.date() + timedelta(days=1), time(), zone)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def read_start(text: str, now: datetime, timezone: str) -> datetime:
    """A moment in UTC that has passed: the beginning of `2027-01-31`, an ISO time, or a span ago such as `7d`."""
    from core.errors import BadTerm
    from core.rules.terms import ends_at, parse_term

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        try:
            ends = ends_at(parse_term(text), now)
        except BadTerm:
            ends = None
        if ends is None:
            raise CommandRefused(
                "bad_time", words.said('"{text}" is no time: write 2027-01-31 or 7d.', text=text), 2
            ) from None
        return now - (ends - now)
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
