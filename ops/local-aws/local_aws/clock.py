"""This server's clock: the machine's, moved by a setting, because tests need servers whose clock is off."""

from __future__ import annotations

import email.utils
import time
from datetime import datetime, timedelta, timezone

from .settings import Settings


class Clock:
    """Wall-clock time in the forms that AWS uses."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(timezone.utc) + timedelta(seconds=self._settings.clock_offset)

    def http_date(self) -> str:
        """For the header `Date`, which every answer carries and from which clients learn their own clock's error."""
        return email.utils.formatdate(time.time() + self._settings.clock_offset, usegmt=True)

    def event_time(self) -> str:
        """As SES writes times in its events: milliseconds and Z."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
