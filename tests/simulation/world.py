"""A deployment in virtual time: the product's functions between simulated AWS services, receivers and callers."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

from latchhook.webhooks.outcome import HttpOutcome, Timings
from tests.functions.calls import own_event, start_anew
from tests.functions.environment import TOKENS
from tests.simulation.aws import Calls, Client
from tests.simulation.dynamodb import DynamoDb
from tests.simulation.lambdas import FAILED, Lambdas, sources
from tests.simulation.queues import Kms, Message, Scheduler, SecretsManager, Sqs
from tests.simulation.virtual_time import Process, VirtualTime
from tests.simulation.wiring import Outside, handler_of

DEADLINE_SECONDS = 15.0
_ISSUED, _EXPIRES = 1_700_000_000, 4_102_444_800
"""The years 2023 and 2100, because the library that reads tokens uses the real clock."""


@dataclass
class Post:
    """A request to a receiver."""

    number: int
    url: str
    delivery_id: str
    timestamp: int
    signatures: str
    body: bytes
    process: Process
    started_at: float
    ended_at: float = 0.0
    status: int | None = None

    def is_signed_by(self, secret: str) -> bool:
        """Return whether one of the signatures was created with this secret (Standard Webhooks 1.0)."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{self.delivery_id}.{self.timestamp}.".encode() + self.body
        digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return f"v1,{digest}" in self.signatures.split(" ")


@dataclass
class Answered:
    """The response to a caller and its times. `status` is 0 if there was no response."""

    asked_at: float
    answered_at: float
    status: int
    body: Any
    sent: list[Message] = field(default_factory=list)

    @property
    def is_unknown(self) -> bool:
        """Whether it is unknown if the request took effect."""
        return self.status == 0 or self.status >= 500


Receiver = Callable[[Random], tuple[float, int | None, Mapping[str, str]]]
"""A receiver's response: its duration in seconds, status (None for none) and headers."""


class World:
    """A new, empty deployment with its environment. `outside` connects the product to it."""

    def __init__(self, outside: Outside, seed: int) -> None:
        self.rng = Random(seed)
        self.time = VirtualTime()
        self.calls = Calls(self.time, self.rng)
        self.sqs = Sqs(self.time, self.rng)
        self.scheduler = Scheduler(self.time, self.rng, self.sqs)
        self.dynamodb = DynamoDb(self.rng, lambda: self.time.seconds, self._changed)
        self.lambdas = Lambdas(self.time, self.rng, handler_of)
        self.queue_sources, self.streams = sources(self.time, self.rng, self.lambdas, self.sqs)
        self.posts: list[Post] = []
        self.receivers: dict[str, Receiver] = {}
        """The receivers by endpoint URL without the path."""
        self.lines: list[str] | None = None
        self._changes = 0
        outside.time, outside.rng, outside.post = self.time, self.rng, self._post
        outside.clients = {
            "dynamodb": Client(self.calls, self.dynamodb),
            "sqs": Client(self.calls, self.sqs),
            "scheduler": Client(self.calls, self.scheduler),
            "kms": Client(self.calls, Kms()),
            "secretsmanager": Client(self.calls, SecretsManager()),
        }
        start_anew()

    def trace_to(self, lines: list[str]) -> None:
        """Append everything that happens to `lines`."""

        def note(line: str) -> None:
            lines.append(f"{self.time.seconds:12.3f} {line}")

        self.lines = lines
        self.calls.trace = self.lambdas.trace = note

    def note(self, line: str) -> None:
        """Append a line to the trace."""
        if self.lines is not None:
            self.lines.append(f"{self.time.seconds:12.3f} {line}")

    def send_request(
        self,
        function: str,
        *,
        account: str | None = None,
        body: Any = None,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Answered:
        """Send a request from a task. The caller is the account's admin, or the operator without `account`."""
        event = copy(_event(function))
        event["headers"] = {
            "authorization": f"Bearer {_token(account)}",
            **({"content-type": "application/json"} if body is not None else {}),
            **({"idempotency-key": idempotency_key} if idempotency_key else {}),
        }
        event["requestContext"] = {**event["requestContext"], "requestId": f"{self.rng.getrandbits(64):x}="}
        event["body"] = None if body is None else json.dumps(body)
        event["isBase64Encoded"] = False
        if path:
            event["pathParameters"] = dict(path)
        event["queryStringParameters"] = dict(query) if query else {}
        process = self.lambdas.process(function)
        response = self.lambdas.invoke(function, event, process)
        status, text = (0, "") if response is FAILED else (response["statusCode"], response.get("body", ""))
        return Answered(process.started_at, self.time.seconds, status, json.loads(text) if text else None, process.sent)

    def run_until_idle(self, *, days: float) -> bool:
        """Run until nothing is left to do. Return False if something is left after `days` days."""
        return self.time.run(until=self.time.seconds + days * 86_400)

    def _changed(self, table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        self._changes += 1
        for stream in self.streams:
            if stream.table == table:
                stream.add(self._changes, before, after)

    def _post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpOutcome:
        process = self.time.process
        assert process is not None
        base = "/".join(url.split("/", 3)[:3])
        seconds: float = 0.0
        status: int | None = None
        more: Mapping[str, str] = {}
        posts: list[Post] = []

        def begin() -> float:
            nonlocal seconds, status, more
            seconds, status, more = self.receivers[base](self.rng)
            posts.append(
                Post(
                    number=len(self.posts),
                    url=url,
                    delivery_id=headers["webhook-id"],
                    timestamp=int(headers["webhook-timestamp"]),
                    signatures=headers["webhook-signature"],
                    body=body,
                    process=process,
                    started_at=self.time.seconds,
                )
            )
            self.posts.append(posts[0])
            return min(seconds, DEADLINE_SECONDS)

        def end() -> HttpOutcome:
            posts[0].ended_at = self.time.seconds
            posts[0].status = status
            millis = min(seconds, DEADLINE_SECONDS) * 1000
            if status is None:
                words = "No answer in time" if seconds >= DEADLINE_SECONDS else "Connection refused"
                return HttpOutcome(None, error=words, timings=Timings(total=millis))
            return HttpOutcome(
                status, headers=tuple(more.items()), body=b"post %d" % posts[0].number, timings=Timings(total=millis)
            )

        outcome: HttpOutcome = self.calls.post(f"POST {url} {headers['webhook-id']}", begin, end)
        return outcome


@cache
def _event(function: str) -> dict[str, Any]:
    return own_event(function)


@cache
def _token(account: str | None) -> str:
    times: dict[str, Any] = {"iat": _ISSUED, "exp": _EXPIRES}
    return TOKENS.operator_token(**times) if account is None else TOKENS.account_token(account, **times)
