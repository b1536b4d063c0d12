"""The sending limits of the SES account, and its switch."""

from __future__ import annotations

import collections
import time
import typing

from .errors import AWSError
from .settings import Settings

_DAY = 86_400.0
_SIMULATOR = "@simulator.amazonses.com"


class SendingAccount:
    """Accepts or refuses recipients by the rate (a token bucket) and by the quota of 24 hours (a sliding sum)."""

    def __init__(self, settings: Settings, now: typing.Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._now = now
        self._sent: collections.deque[tuple[float, int]] = collections.deque()
        self._full_at = float("-inf")

    def clear(self) -> None:
        """Forgets what was sent."""
        self._sent.clear()
        self._full_at = float("-inf")

    def take(self, recipients: typing.Sequence[str]) -> None:
        """Counts the recipients, or raises the refusal and counts nothing."""
        if self._settings.enforcement_status == "SHUTDOWN":
            raise AWSError(400, "AccountSuspendedException", "The account's ability to send email was suspended.")
        if not self._settings.sending_enabled:
            raise AWSError(400, "SendingPausedException", "Email sending is disabled for your account.")
        counted = sum(1 for address in recipients if not address.lower().endswith(_SIMULATOR))
        quota = self._settings.send_quota
        if quota >= 0 and counted and self.sent_last_day() + counted > quota:
            raise AWSError(400, "LimitExceededException", "Daily message quota exceeded.")
        self._take_from_bucket(len(recipients))
        if counted:
            self._sent.append((self._now(), counted))

    def sent_last_day(self) -> int:
        """Recipients that count to the quota."""
        while self._sent and self._sent[0][0] < self._now() - _DAY:
            self._sent.popleft()
        return sum(count for _, count in self._sent)

    def attributes(self) -> dict[str, object]:
        """What GetAccount says of it."""
        rate, plan = self._settings.send_rate, self._settings.pricing_plan
        return {
            **({} if plan is None else {"PricingAttributes": {"CurrentPlan": plan}}),
            "SendingEnabled": self._settings.sending_enabled,
            "EnforcementStatus": self._settings.enforcement_status,
            "SendQuota": {
                "Max24HourSend": self._settings.send_quota,
                "MaxSendRate": 100_000.0 if rate is None else rate,
                "SentLast24Hours": float(self.sent_last_day()),
            },
        }

    def _take_from_bucket(self, recipients: int) -> None:
        """The bucket is kept as the time at which it will be full again, so a changed rate needs no conversion."""
        rate = self._settings.send_rate
        if rate is None:
            return
        burst = self._settings.send_burst
        capacity = max(1.0, rate if burst is None else burst)
        now = self._now()
        missing = max(0.0, self._full_at - now) * rate
        if rate <= 0 or missing + recipients > max(capacity, recipients):
            raise AWSError(429, "TooManyRequestsException", "Maximum sending rate exceeded.")
        self._full_at = max(now, self._full_at) + recipients / rate
