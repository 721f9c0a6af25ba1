"""The modules that each function loads at its start. Every module adds to a cold start."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from latchhook.settings import REQUIRED
from tests.template.stack import functions
from tests.template_tables import snake_case, template

ROOT = Path(__file__).parents[2]
LOGICAL_IDS = {snake_case(logical_id): logical_id for logical_id in functions()}
FUNCTIONS = {path.stem: f"{path.parent.name}.{path.stem}" for path in sorted((ROOT / "functions").glob("*/*.py"))}

WATCHED = ("boto3", "botocore", "cryptography", "jsonschema_rs", "jwt", "pydantic", "requests", "yaml")
"""Packages that load slowly. botocore also loads urllib3."""

WITHOUT_AWS = {"handle_unknown_route", "get_openapi", "serve_console"}

WITH_PYDANTIC = {
    "check_webhook_filter", "create_api_key", "create_oauth_client", "create_permission_profile",
    "create_portal_session", "create_webhook", "decide_consent", "describe_consent",
    "exchange_portal_code", "generate_integration_key", "import_api_keys", "publish_bus_event", "publish_event",
    "publish_events", "put_billing_period", "put_event_type", "put_leaked_key_policy", "put_member", "put_scope",
    "put_webhook_settings", "recover_webhook", "replace_api_key", "revoke_api_keys",
    "rotate_api_key", "rotate_oauth_client_secret", "rotate_webhook_secret", "send_test_delivery", "update_api_key",
    "update_oauth_client",
    "update_permission_profile",
    "update_webhook",
}  # fmt: skip
"""Functions with a request body. verify_api_key reads its body without pydantic, and verify_api_keys loads pydantic
with the first batch.
"""

CLIENTS = {
    "publish_bus_event": ["dynamodb", "sqs"],
    "publish_event": ["dynamodb", "sqs"],
    "publish_events": ["dynamodb", "sqs"],
    "fan_out_event": ["dynamodb", "sqs"],
    "publish_system_events": ["dynamodb", "sqs"],
    **{function: [] for function in WITHOUT_AWS},
    "get_authorization_server_metadata": [],
    "get_protected_resource_metadata": [],
    # These two read the table only in a deployment with billing days.
    "get_billing_period": [],
    "put_billing_period": [],
}
"""The clients that every call needs. Functions that are not listed need DynamoDB only."""

OF_KEYS_ALONE = {"verify_api_key", "authorize_api_key"}
"""Verification loads no modules of webhooks."""

READ_BY_REQUESTS = {
    "serve_console": {
        "console_supabase_url", "console_supabase_key", "console_sign_in_as_url", "console_frame_ancestors"
    },
    "create_portal_session": {"console_url", "console_frame_ancestors"},
    "report_github_leaks": {"secret_scanning_keys_url"},
}  # fmt: skip
"""Settings that functions read at a request. All others of a function's own settings are read at its start."""

# pyOpenSSL is a dependency of moto, and botocore loads it if it is installed. Lambda does not have it.
PROBE = """
import gc, importlib, json, os, sys
sys.modules["OpenSSL"] = None
for shared in json.loads(sys.argv[1]):
    importlib.import_module(shared)
from latchhook.bootstrap import environment

class Recorder:
    names = set()
    def __getattr__(self, name):
        Recorder.names.add(name)
        return getattr(chosen, name)

chosen = environment.settings()
environment.settings = Recorder
for function, module in json.loads(sys.argv[2]).items():
    if os.fork():
        os.wait()
        continue
    importlib.import_module(module)
    kind = getattr(sys.modules.get("botocore.client"), "BaseClient", ())
    clients = [each.meta.service_model.service_name for each in gc.get_objects() if isinstance(each, kind)]
    started = {"modules": sorted(sys.modules), "clients": sorted(clients), "settings": sorted(Recorder.names)}
    print(json.dumps({function: started}), flush=True)
    os._exit(0)
"""
"""Imports each function's handler in its own process, a copy of a process with the shared modules."""

SHARED = ["botocore.session", "botocore.client", "botocore.httpsession"]
"""Modules that each function with AWS loads. Their import costs most of a start's CPU time."""


def start(functions: set[str], shared: list[str]) -> dict[str, Any]:
    """Return the modules, AWS clients and settings that each function has loaded, created and read at its start."""
    modules = {function: FUNCTIONS[function] for function in sorted(functions)}
    lines = run(PROBE, json.dumps(shared), json.dumps(modules)).splitlines()
    started = {name: loaded for line in lines for name, loaded in json.loads(line).items()}
    assert started.keys() == functions
    return started


def own_settings(function: str) -> set[str]:
    """Return the settings that the template sets for a function in addition to those of all functions."""
    own: Mapping[str, Any] = functions()[LOGICAL_IDS[function]].get("Environment", {}).get("Variables", {})
    return {name.lower() for name in own} - {
        name.lower() for name in template()["Globals"]["Function"]["Environment"]["Variables"]
    }


def run(program: str, *arguments: str, **variables: str) -> str:
    """Run a program in a separate process without the tests' modules, and return its output."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers" / "core")]),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        **dict.fromkeys(REQUIRED, "testing"),
        "JWT_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:jwt",
        **variables,
    }
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_functions_load_only_the_modules_and_clients_that_they_need() -> None:
    started = start(WITHOUT_AWS, []) | start(FUNCTIONS.keys() - WITHOUT_AWS, SHARED)
    for function, loaded in started.items():
        modules = loaded["modules"]
        expected = set() if function in WITHOUT_AWS else {"botocore"}
        expected |= {"pydantic"} if function in WITH_PYDANTIC else set()
        assert {name.partition(".")[0] for name in modules} & set(WATCHED) == expected, function
        # The secret of session tokens is loaded at its first use.
        assert "latchhook.transport.shared_secret" not in modules, function
        assert ("latchhook.edge.schemas.validation" in modules) == (function in WITH_PYDANTIC), function
        assert own_settings(function) - set(loaded["settings"]) == READ_BY_REQUESTS.get(function, set()), function
        assert loaded["clients"] == CLIENTS.get(function, ["dynamodb"]), function
        if function in OF_KEYS_ALONE:
            assert [name for name in modules if name.startswith("latchhook.storage.deliveries")] == []
            assert "latchhook.transport.outbound_http" not in modules


PROVIDERS = json.dumps([{"preset": "auth0", "issuer": "https://t.auth0.com/", "audience": "https://api.example.com"}])


def test_identity_providers_are_checked_at_start_without_loading_jwt() -> None:
    probe = "import sys, api_keys.verify_api_key; print(*sys.modules)"
    plain, configured = run(probe).split(), run(probe, IDENTITY_PROVIDERS=PROVIDERS).split()

    own = {name for name in set(configured) - set(plain) if name.startswith("latchhook")}
    assert own == {
        f"latchhook.{name}" for name in ("bootstrap.identity_providers", *(f"identity.{each}" for each in OF_PROVIDERS))
    }
    assert not {"jwt", "cryptography", "urllib3.poolmanager"} & (set(configured) - set(plain))


OF_PROVIDERS = ("claims", "provider", "provider_config")


def test_function_with_invalid_identity_providers_does_not_start() -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        run("import api_keys.verify_api_key", IDENTITY_PROVIDERS='[{"preset":"auth0"}]')
    assert "The parameter IdentityProviders is invalid: provider 1 needs an issuer." in failed.value.stderr


def test_providers_replace_the_parameters_of_the_supabase_project() -> None:
    probe = (
        "from latchhook.bootstrap.identity_providers import identity_providers as of; print(*(p.issuer for p in of()))"
    )

    assert run(probe, JWT_ISSUER="https://p.supabase.co/auth/v1").split() == ["https://p.supabase.co/auth/v1"]
    assert run(probe, JWT_ISSUER="https://p.supabase.co/auth/v1", IDENTITY_PROVIDERS=PROVIDERS).split() == [
        "https://t.auth0.com/"
    ]


def test_signing_loads_cryptography_for_key_pairs_only() -> None:
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


def test_concurrent_threads_get_the_same_client() -> None:
    """A cold delivery batch decrypts in ten threads."""
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
