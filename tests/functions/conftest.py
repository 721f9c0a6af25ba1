"""Fixtures for tests of functions: an empty stack under moto, DNS names, a receiver, outages and the log."""

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from moto import mock_aws

from latchhook import aws
from latchhook.bootstrap import environment
from latchhook.bootstrap.audit import refused_attempts
from latchhook.bootstrap.billing import billing_days_table
from latchhook.bootstrap.event_types import event_type_cache
from latchhook.bootstrap.receivers import outbound_http
from latchhook.bootstrap.scopes import added_scopes
from latchhook.edge.webhook_bodies import WebhookBodies
from latchhook.transport.outbound_http import OutboundHttp
from latchhook.webhooks import draining, recovery_scan
from local.receiver import Receiver
from tests.functions import faults
from tests.functions.calls import module
from tests.functions.cloud import Cloud

PUBLIC_ADDRESS = "93.184.215.14"
NAMES = {
    "hooks.example.com": [PUBLIC_ADDRESS],
    "api.example.com": [PUBLIC_ADDRESS],
    "xn--bcher-kva.example.com": [PUBLIC_ADDRESS, "2606:4700:4700::1111"],
    "private.example.com": ["10.0.0.7"],
    "metadata.example.com": ["169.254.169.254"],
    "half-private.example.com": [PUBLIC_ADDRESS, "192.168.1.1"],
    "loopback.example.com": ["127.0.0.1"],
}

Fail = Callable[..., AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def _nothing_else_around(cloud: Cloud, name_service: None) -> None:
    """Give each test its own stack, no recorded refusals and empty caches of event types and scopes."""
    refused_attempts.cache_clear()
    added_scopes.cache_clear()
    event_type_cache().forget()


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    """The stack's tables, queues and key, new and empty for each test."""
    with mock_aws():
        yield Cloud()


@pytest.fixture
def name_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve only the names in `NAMES` and IP addresses, so that no test uses the network."""
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host in NAMES:
            return [(socket.AF_UNSPEC, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in NAMES[host]]
        try:
            return real(host, port, *args, **{**kwargs, "flags": socket.AI_NUMERICHOST})
        except socket.gaierror:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.fixture
def public_internet_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow only the endpoint URLs that production allows."""
    checker = OutboundHttp(timeout_seconds=5, allow_insecure=False)
    monkeypatch.setattr(module("put_webhook_settings"), "checker", checker)
    bodies = WebhookBodies(checker, header_prefix=environment.settings().signature_header_prefix)
    for function in ("create_webhook", "update_webhook"):
        monkeypatch.setattr(module(function), "bodies", bodies)


@pytest.fixture
def no_waits_in_drains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the steps of drains without a delay."""
    for module_, name in ((draining, "FIRST_STEP_AFTER"), (draining, "CLAIMED_FOR"), (recovery_scan, "STEP_EVERY")):
        monkeypatch.setattr(module_, name, timedelta(0))
    monkeypatch.setattr(draining, "SHORTEST_PAUSE", timedelta(0))
    monkeypatch.setattr(draining, "PAUSE_FACTOR", (0, 0))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver on loopback."""
    with Receiver() as listening:
        yield listening
    outbound_http().close()


@pytest.fixture(scope="session")
def fail() -> Fail:
    """Make every AWS call of the functions raise an error within `with fail(error):`.

    Clients raise this error when their own retries are used up.
    """

    @contextmanager
    def failing(error: BotoCoreError | ClientError) -> Iterator[None]:
        with ExitStack() as stack:
            for service in ("dynamodb", "sqs", "kms", "scheduler"):
                stack.enter_context(_failing(service, "*", error))
            yield

    return failing


@pytest.fixture(scope="session")
def fail_operation() -> Fail:
    """Make each call of one operation raise an error within `with fail_operation("sqs", "SendMessage", error):`."""
    return _failing


@contextmanager
def _failing(service: str, operation: str, error: BotoCoreError | ClientError) -> Iterator[None]:
    def before_call(**_: Any) -> None:
        raise error

    events = getattr(aws, service)().meta.events
    events.register(f"before-call.{service}.{operation}", before_call)
    try:
        yield
    finally:
        events.unregister(f"before-call.{service}.{operation}", before_call)


CheckFaults = Callable[..., Sequence[str]]


@pytest.fixture
def check_every_fault(monkeypatch: pytest.MonkeyPatch, no_waits_in_drains: None) -> CheckFaults:
    """Run a scenario with every possible fault. See tests/functions/faults.py."""
    return partial(faults.check_every_fault, patch=monkeypatch)


@pytest.fixture
def account_days(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a deployment with `BillingPeriod=account-day`."""
    caches = (environment.settings, billing_days_table)
    with monkeypatch.context() as changed:
        changed.setenv("BILLING_PERIOD", "account-day")
        for cached in caches:
            cached.cache_clear()
        yield
    for cached in caches:
        cached.cache_clear()
