"""The examples of docs/integrate/verify-a-webhook.md, run unchanged with a delivery of the deployed product."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from latchhook.webhooks.key_pairs import PUBLIC_PREFIX, generate_private_key, public_key_of
from latchhook.webhooks.secrets import generate_secret
from latchhook.webhooks.signatures import signature_headers
from local.npm_packages import TOOLS, node
from local.receiver import Receiver
from local.stack import RunningStack
from tests import receivers
from tests.journeys.product import PATIENCE_SECONDS, admin, new_account, publish

MANUAL = (Path(__file__).parents[2] / "docs" / "integrate" / "verify-a-webhook.md").read_text(encoding="utf-8")
EXAMPLES = {
    title: (language, code)
    for title, language, code in re.findall(r"^### (.+?)\n\n```(\w+)\n(.*?)```", MANUAL, re.M | re.S)
}
ASKING, TRYING = "Turn it on, with curl", "By hand, with openssl and curl"
VERIFYING = [title for title in EXAMPLES if title not in {ASKING, TRYING}]
OF_STANDARD_WEBHOOKS = [title for title in VERIFYING if "X_LATCHHOOK" not in EXAMPLES[title][1]]

every_way = pytest.mark.parametrize("title", VERIFYING)


@dataclass(frozen=True)
class Delivery:
    """A delivery from the receiver's side: the secrets before and after a rotation, the headers, the raw body."""

    environment: Mapping[str, str]
    before: Mapping[str, str]
    body: bytes


@pytest.fixture(scope="module")
def delivery(stack: RunningStack) -> Delivery:
    account_id = new_account()
    with Receiver() as receiver:
        by = admin(stack, account_id)
        body = {"url": receiver.url("/"), "asymmetricSignatures": True}
        made = by.call("POST", "/webhooks", body, status=201)
        rotated = by.call("POST", f"/webhooks/{made['id']}/rotate-secret", {"gracePeriodSeconds": 3600})
        publish(stack, account_id, "lap.created", entity={"driver": "Zoë 🏁", "time": 81.532})
        (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    given, before = (
        {"WEBHOOK_SECRET": each["secret"], "WEBHOOK_PUBLIC_KEY": each["publicKeys"][0]} for each in (rotated, made)
    )
    return Delivery({**given, **_as_environment(request.headers)}, before, request.body)


def _as_environment(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.upper().replace("-", "_"): value for name, value in headers.items()}


def run(title: str, environment: Mapping[str, str], body: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run an example. Skip the test if the machine lacks a program."""
    language, code = EXAMPLES[title]
    known = {**os.environ, **environment, "NODE_PATH": str(TOOLS.install())}
    for program in ("openssl", "curl") if language == "sh" else ():
        if program in code and shutil.which(program) is None:
            pytest.skip(f"this machine has no {program}")
    start = {"python": [sys.executable, "-c"], "js": [str(node()), "-e"], "sh": ["sh", "-c"]}[language]
    return subprocess.run([*start, code], input=body, env=known, check=False, capture_output=True)


def accepts(title: str, environment: Mapping[str, str], body: bytes) -> bool:
    return run(title, environment, body).returncode == 0


def test_document_has_an_example_in_each_language() -> None:
    assert [EXAMPLES[title][0] for title in VERIFYING] == [
        "python", "python", "js", "js", "sh",
        "python", "js", "sh",
    ]  # fmt: skip
    assert {EXAMPLES[ASKING][0], EXAMPLES[TRYING][0]} == {"sh"}
    assert len(OF_STANDARD_WEBHOOKS) == 6


@every_way
def test_example_accepts_the_delivery(title: str, delivery: Delivery) -> None:
    response = run(title, delivery.environment, delivery.body)
    assert response.returncode == 0, response.stderr.decode()


@every_way
def test_example_refuses_a_changed_body(title: str, delivery: Delivery) -> None:
    assert not accepts(title, delivery.environment, delivery.body + b" ")


@every_way
def test_example_refuses_another_secret_and_another_key(title: str, delivery: Delivery) -> None:
    other = {
        "WEBHOOK_SECRET": "whsec_" + "QUFB" * 10,
        "WEBHOOK_PUBLIC_KEY": _public_key(generate_private_key(Random(1))),
    }
    assert not accepts(title, {**delivery.environment, **other}, delivery.body)


@pytest.mark.parametrize("title", OF_STANDARD_WEBHOOKS)
def test_example_accepts_previous_secret_during_its_grace_period(title: str, delivery: Delivery) -> None:
    assert accepts(title, {**delivery.environment, **delivery.before}, delivery.body)


@pytest.mark.parametrize(("minutes", "accepted"), [(0, True), (-6, False), (6, False)])
@pytest.mark.parametrize("title", OF_STANDARD_WEBHOOKS)
def test_example_refuses_timestamps_more_than_five_minutes_away(title: str, minutes: int, accepted: bool) -> None:
    secret, private_key, body = generate_secret(Random(1)), generate_private_key(Random(1)), b'{"event":"lap.created"}'
    headers = signature_headers(
        header_prefix="X-Latchhook",
        event_name="lap.created",
        webhook_uuid="6d7c0bfe-4ac8-4a51-8a63-3c1f6b30a001",
        delivery_id="0195a9d3-6f00-8abc-9def-0123456789ab",
        body=body,
        secrets=[secret],
        private_keys=[private_key],
        now=datetime.now(UTC) + timedelta(minutes=minutes),
    )
    given = {"WEBHOOK_SECRET": secret, "WEBHOOK_PUBLIC_KEY": _public_key(private_key)}
    assert accepts(title, {**given, **_as_environment(headers)}, body) == accepted


def _public_key(private_key: str) -> str:
    return PUBLIC_PREFIX + base64.b64encode(public_key_of(private_key)).decode()


def test_example_creates_a_key_pair(stack: RunningStack) -> None:
    by = admin(stack, new_account())
    webhook = by.call("POST", "/webhooks", {"url": "http://127.0.0.1:1/"}, status=201)
    token = by.headers["Authorization"].removeprefix("Bearer ")
    response = run(ASKING, {"admin": token, "api": stack.base_url, "webhook": webhook["id"]})
    assert response.returncode == 0, response.stderr.decode()
    (public_key,) = json.loads(response.stdout)["publicKeys"]
    assert by.call("GET", f"/webhooks/{webhook['id']}")["publicKeys"] == [public_key]


def test_handmade_delivery_verifies_with_every_library(receiver: Receiver) -> None:
    secret = generate_secret(Random(1))
    response = run(TRYING, {"WEBHOOK_SECRET": secret, "RECEIVER_URL": receiver.url("/")})
    assert response.returncode == 0, response.stderr.decode()
    (request,) = receiver.requests()
    made = receivers.Delivery(request.headers, request.body)
    verifiers = {**receivers.LIBRARIES, **receivers.PRODUCT}
    assert [name for name, verify in verifiers.items() if not verify(secret, made)] == []
