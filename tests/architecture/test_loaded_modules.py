"""What each function loads when it starts: a cold start pays for every module, so each loads only what it needs."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = {path.stem: f"{path.parent.name}.{path.stem}" for path in sorted((ROOT / "functions").glob("*/*.py"))}

WATCHED = ("boto3", "botocore", "cryptography", "jsonschema_rs", "jwt", "pydantic", "requests", "yaml")
"""Packages that take long to load; botocore brings urllib3 with it."""

WITHOUT_AWS = {"answer_unknown_route", "get_openapi", "serve_console"}

WITH_PYDANTIC = {
    "check_webhook_filter", "create_api_key", "create_permission_profile", "create_webhook",
    "generate_integration_key", "import_api_keys", "publish_bus_event", "publish_event", "publish_events",
    "put_event_type", "put_leaked_key_policy", "put_webhook_settings", "recover_webhook", "replace_api_key",
    "revoke_api_keys",
    "rotate_api_key", "rotate_webhook_secret", "send_test_delivery", "update_api_key", "update_permission_profile",
    "update_webhook",
}  # fmt: skip
"""Those that take a body; verify_api_key reads its own without pydantic, and verify_api_keys loads it with the first
batch."""

# pyOpenSSL is a dependency of moto, and botocore loads it where it finds it; Lambda has none.
PROBE = """
import gc, importlib, json, sys
sys.modules["OpenSSL"] = None
importlib.import_module(sys.argv[1])
loaded = sorted(sys.modules)
kind = getattr(sys.modules.get("botocore.client"), "BaseClient", ())
clients = [each.meta.service_model.service_name for each in gc.get_objects() if isinstance(each, kind)]
print(json.dumps({"modules": loaded, "clients": sorted(clients)}))
"""


@cache
def start(function: str) -> dict[str, Any]:
    """The modules that are loaded, and the AWS clients that are made, once a function's handler is imported."""
    loaded: dict[str, Any] = json.loads(run(PROBE, FUNCTIONS[function]))
    return loaded


def run(program: str, *arguments: str) -> str:
    """What a program prints in a process of its own, where nothing of the tests is loaded."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers" / "core")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "JWT_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt",
    }
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout


def packages(function: str) -> set[str]:
    """The watched packages among them."""
    return {name.partition(".")[0] for name in start(function)["modules"]} & set(WATCHED)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_session_secret_costs_nothing_before_its_first_use(function: str) -> None:
    assert "latchhook.transport.shared_secret" not in start(function)["modules"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_loads_only_what_it_needs(function: str) -> None:
    expected = set() if function in WITHOUT_AWS else {"botocore"}
    expected |= {"pydantic"} if function in WITH_PYDANTIC else set()
    assert packages(function) == expected


@pytest.mark.parametrize("function", FUNCTIONS)
def test_function_makes_only_the_clients_that_every_call_needs(function: str) -> None:
    needed = {
        "publish_bus_event": ["dynamodb", "sqs"],
        "publish_event": ["dynamodb", "sqs"],
        "publish_events": ["dynamodb", "sqs"],
        "fan_out_event": ["dynamodb", "sqs"],
        "publish_own_events": ["dynamodb", "sqs"],
        "release_held_deliveries": ["dynamodb", "sqs"],
        **{function: [] for function in WITHOUT_AWS},
    }
    assert start(function)["clients"] == needed.get(function, ["dynamodb"])


def test_every_function_that_reads_its_body_by_a_model_is_expected_to_load_pydantic() -> None:
    taking = {name for name in FUNCTIONS if "latchhook.edge.schemas.validation" in start(name)["modules"]}
    assert taking == WITH_PYDANTIC


def test_verification_loads_nothing_of_webhooks() -> None:
    for function in ("verify_api_key", "authorize_api_key"):
        strange = [name for name in start(function)["modules"] if name.startswith("latchhook.storage.deliveries")]
        assert strange == []
        assert "latchhook.transport.outbound_http" not in start(function)["modules"]


def test_signing_loads_cryptography_for_a_key_pair_and_not_for_a_secret() -> None:
    probe = """
import sys
from random import Random
from latchhook.webhooks.key_pairs import generate_private_key
from latchhook.webhooks.secrets import generate_secret
from latchhook.webhooks.signatures import standard_signature
standard_signature("id", 1, b"{}", [generate_secret(Random(1))])
before = "cryptography" in sys.modules
standard_signature("id", 1, b"{}", [], [generate_private_key(Random(1))])
print(before, "cryptography" in sys.modules)
"""
    assert run(probe) == "False True\n"


def test_threads_that_ask_at_once_get_one_client() -> None:
    """A cold delivery batch decrypts on ten threads."""
    probe = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
sys.modules["OpenSSL"] = None
from latchhook import aws
aws.dynamodb()
together = Barrier(10)
with ThreadPoolExecutor(10) as threads:
    clients = threads.map(lambda _: (together.wait(), id(aws.kms()))[1], range(10))
    print(len(set(clients)))
"""
    assert run(probe) == "1\n"
