"""Callers of the deployed product over HTTP, each with its own credentials."""

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
"""The timeout for asynchronous work. It is long, because a busy machine must not fail a test."""

T = TypeVar("T")
_ABSENT: Any = object()


def stack_of_this_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> AbstractContextManager[RunningStack]:
    """Return the stack that all worker processes of a run share. TEST_STACK names the directory of a running stack."""
    own_directory = tmp_path_factory.getbasetemp()
    directory = own_directory if worker_id == "master" else own_directory.parent
    return stack_to_use(directory / "local-stack")


@dataclass(frozen=True)
class Caller:
    """A caller of a stack's API."""

    base_url: str
    headers: Mapping[str, str]

    def send_request(
        self,
        method: str,
        path: str,
        body: Any = _ABSENT,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request and return its response. `raw` replaces the body."""
        sent = {**self.headers, **(headers or {})}
        if body is not _ABSENT:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent = {"Content-Type": "application/json", **sent}
        return requests.request(method, self.base_url + path, data=raw, headers=sent, timeout=PATIENCE_SECONDS)

    def call(self, method: str, path: str, body: Any = _ABSENT, *, status: int = 200) -> Any:
        """Send one request, assert its status, and return the response's JSON, or None without a body."""
        response = self.send_request(method, path, body)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None


def new_account() -> str:
    """Return the id of an unused account."""
    return str(uuid4())


def admin(stack: RunningStack, account_id: str) -> Caller:
    """Return an account's business admin."""
    return Caller(stack.base_url, {"Authorization": f"Bearer {stack.tokens.account_token(account_id)}"})


def operator(stack: RunningStack) -> Caller:
    """Return the platform's backend, with its service token."""
    return Caller(stack.base_url, {"Authorization": f"Bearer {stack.tokens.operator_token()}"})


def holder(stack: RunningStack, key: str) -> Caller:
    """Return a caller with an API key."""
    return Caller(stack.base_url, {"X-API-Key": key})


def nobody(stack: RunningStack) -> Caller:
    """Return a caller without credentials."""
    return Caller(stack.base_url, {})


def verdict(stack: RunningStack, key: str, *required: str) -> str:
    """Verify a key as the platform's backend, and return the code."""
    response = operator(stack).call("POST", "/api-keys/verify", {"key": key, "requiredScopes": list(required)})
    return str(response["code"])


def publish(stack: RunningStack, account_id: str, event: str, **fields: Any) -> str:
    """Publish an event with the operator's key, and return its id."""
    body = {"accountId": account_id, "event": event, "entity": {"number": 1001}, **fields}
    response = holder(stack, stack.operator_api_key).call("POST", "/events", body, status=202)
    return str(response["id"])


def check_signatures(stack: RunningStack, request: ReceivedRequest, secret: str) -> None:
    """Verify both signatures of a delivery: with the Standard Webhooks library, and as the hex HMAC of the raw body."""
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
    """Call `look` until its result satisfies `holds`, and return it. Fail with the last result."""
    end = time.monotonic() + seconds
    while not holds(seen := look()):
        assert time.monotonic() < end, f"after {seconds} s: {seen}"
        time.sleep(every_seconds)
    return seen
