"""Values that the local stack keeps in the emulated account, so that they always match the account's other data."""

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from local.build import STAMP
from local.emulator import EmulatedAccount

PREFIX = "latchhook-local/"
CORRECTIONS = tuple(
    Path(__file__).with_name(name)
    for name in ("batch_permissions.py", "deploy.py", "emulated_aws.py", "event_sources.py", "routes.py")
)
"""The modules that affect the deployed stack in addition to the build."""


class KeptValues:
    """Secrets of the emulated account, by name."""

    def __init__(self, account: EmulatedAccount) -> None:
        self._client: Any = account.client("secretsmanager")

    def get(self, name: str) -> str | None:
        """Return a value, or None if the account does not have it."""
        try:
            return str(self._client.get_secret_value(SecretId=PREFIX + name)["SecretString"])
        except self._client.exceptions.ResourceNotFoundException:
            return None

    def put(self, name: str, value: str) -> str:
        """Store a value where functions can read it, and return its ARN."""
        try:
            return str(self._client.create_secret(Name=PREFIX + name, SecretString=value)["ARN"])
        except self._client.exceptions.ResourceExistsException:
            return str(self._client.put_secret_value(SecretId=PREFIX + name, SecretString=value)["ARN"])


def deployment_fingerprint(parameters: dict[str, str]) -> str:
    """Return a hash of everything that affects the deployed stack: build, parameters, emulator and its corrections."""
    digest = hashlib.sha256()
    for part in (
        STAMP.read_text(),
        version("ministack"),
        *(f"{name}={parameters[name]}" for name in sorted(parameters)),
    ):
        digest.update(part.encode() + b"\0")
    for path in CORRECTIONS:
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
