"""The deployed product as its callers reach it: over HTTP, each with a credential of its own."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import pytest
import requests
from standardwebhooks import Webhook

from local.receiver import ReceivedRequest
from local.shared_stack import stack_to_use
from local.stack import RunningStack

PATIENCE_SECONDS = 300
"""How long something may take that happens by itself. A busy machine is no failed test."""

T = TypeVar("T")
_ABSENT: Any = object()


def stack_of_this_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AbstractContextManager[RunningStack]:
    """The deployed stack, one for all worker processes of a run; TEST_STACK names the directory of a lasting one."""
    own_directory = tmp_path_factory.getbasetemp()
    directory = own_directory if worker_id == "master" else own_directory.parent
    return stack_to_use(directory / "local-stack")


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the API of a stack."""

    base_url: str
    headers: Mapping[str, str]

    def use_request(
        self,
        method: str,
        path: str,
        body: Any = _ABSENT,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request, whatever it is answered. `raw` stands for any body."""
        sent = {**self.headers, **(headers or {})}
        if body is not _ABSENT:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent = {"Content-Type": "application/json", **sent}
        return requests.request(method, self.base_url + path, data=raw, headers=sent, timeout=PATIENCE_SECONDS)

    def call(self, method: str, path: str, body: Any = _ABSENT, *, status: int = 200) -> Any:
        """One request that must be answered with `status`; the answer's JSON, None where it has no body."""
        response = self.use_request(method, path, body)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None


def new_account() -> str:
    """The id of an account that nobody has used before."""
    return str(uuid4())


def admin(stack: RunningStack, account_id: str) -> Caller:
    """An account's business admin."""
    return Caller(stack.base_url, {"Authorization": f"Bearer {stack.tokens.account_token(account_id)}"})


def operator(stack: RunningStack) -> Caller:
    """The platform's own backend, by its service token."""
    return Caller(stack.base_url, {"Authorization": f"Bearer {stack.tokens.operator_token()}"})


def holder(stack: RunningStack, key: str) -> Caller:
    """Whoever has an API key."""
    return Caller(stack.base_url, {"X-API-Key": key})


def nobody(stack: RunningStack) -> Caller:
    """Somebody without credential."""
    return Caller(stack.base_url, {})


def verdict(stack: RunningStack, key: str, *required: str) -> str:
    """What the platform's backend is told of a key that somebody presented to it: the code."""
    response = operator(stack).call("POST", "/api-keys/verify", {"key": key, "requiredScopes": list(required)})
    return str(response["code"])


def publish(stack: RunningStack, account_id: str, event: str, **fields: Any) -> str:
    """Publishes an event by the operator's key; its id."""
    body = {"accountId": account_id, "event": event, "entity": {"number": 1001}, **fields}
    response = holder(stack, stack.operator_api_key).call("POST", "/events", body, status=202)
    return str(response["id"])


def check_signatures(stack: RunningStack, request: ReceivedRequest, secret: str) -> None:
    """Both families of signatures hold: Standard Webhooks' own library, and documents 000's and 003's HMAC."""
    assert Webhook(secret).verify(request.body, dict(request.headers)) == json.loads(request.body)
    prefix = stack.parameters["SignatureHeaderPrefix"].lower()
    expected = "sha256=" + hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers[f"{prefix}-signature"] == expected


def eventually(
    look: Callable[[], T],
    holds: Callable[[T], bool],
    seconds: float = PATIENCE_SECONDS,
    *,
    every_seconds: float = 0.2,
) -> T:
    """What `look` sees once it is as it must be; fails with what it saw last."""
    end = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < end, f"after {seconds} s: {seen}"
        time.sleep(every_seconds)
    return seen
