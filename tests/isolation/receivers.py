"""Receivers in virtual time and a record of their requests."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from latchhook.webhooks.outcome import HttpOutcome, Timings
from latchhook.webhooks.webhook import Webhook
from tests.isolation.virtual_time import VirtualTime

DEADLINE_SECONDS = 15.0


@dataclass
class Calls:
    """The requests to a receiver."""

    began: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    """The seconds between the earliest possible time of each request and the request."""


class Receivers:
    """The receivers of webhooks. `takes` returns the response time of a webhook's receiver in seconds."""

    def __init__(
        self,
        time: VirtualTime,
        webhooks: Mapping[UUID, Webhook],
        takes: Callable[[Webhook], float],
        due: Mapping[str, float],
    ) -> None:
        self.calls: dict[UUID, Calls] = defaultdict(Calls)
        self._time = time
        self._webhooks = webhooks
        self._takes = takes
        self._due = due
        """The earliest possible time of each delivery, in seconds."""
        self._by_url = {each.url: each.id for each in webhooks.values()}

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        webhook = self._webhooks[self._by_url[url]]
        calls, takes = self.calls[webhook.id], self._takes(webhook)
        calls.began.append(self._time.seconds)
        calls.waited.append(self._time.seconds - self._due[headers["webhook-id"]])
        self._time.sleep(min(takes, DEADLINE_SECONDS))
        if takes > DEADLINE_SECONDS:
            return HttpOutcome(None, error="No answer", timings=Timings(total=DEADLINE_SECONDS * 1000))
        return HttpOutcome(200, timings=Timings(total=takes * 1000))


def most_in_any(window_seconds: float, moments: Sequence[float]) -> int:
    """Return the highest number of moments within a window of this length."""
    ordered = sorted(moments)
    most = start = 0
    for end, moment in enumerate(ordered):
        while ordered[start] <= moment - window_seconds + 1e-6:
            start += 1
        most = max(most, end - start + 1)
    return most
