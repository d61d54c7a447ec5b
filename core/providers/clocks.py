"""What time it is at the upstreams: two of their moments are compared by their own clock, whatever ours says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit


class UpstreamClocks:
    """The time of each server, to a second, as its last answer told it and advanced by the monotonic clock."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[datetime, float]] = {}

    def note(self, url: str, headers: Mapping[str, str]) -> None:
        """Remember what an answer from `url` says of the time, if anything."""
        try:
            told = parsedate_to_datetime(headers.get("date", ""))
        except (ValueError, TypeError, IndexError):
            return
        if told.tzinfo is not None:
            self._told[urlsplit(url).netloc] = told, time.monotonic()

    def at(self, url: str) -> datetime | None:
        """The present time at the server of `url`; None where it has told none."""
        told = self._told.get(urlsplit(url).netloc)
        return None if told is None else told[0] + timedelta(seconds=time.monotonic() - told[1])
