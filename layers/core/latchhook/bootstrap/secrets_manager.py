"""Rotation of API keys by Secrets Manager."""

from functools import cache

from latchhook import aws
from latchhook.api_keys.secrets_manager_rotation import SecretsManagerRotation
from latchhook.bootstrap.api_keys import api_keys_table
from latchhook.bootstrap.environment import rng, settings
from latchhook.bootstrap.key_uses import key_uses_table
from latchhook.transport.secret_versions import SecretVersions


@cache
def secrets_manager_rotation() -> SecretsManagerRotation:
    """Rotates keys whose texts are stored in Secrets Manager."""
    return SecretsManagerRotation(key_uses_table(), api_keys_table(), settings().api_key_prefix, rng())


def versioned_secret(secret_id: str, *, rotation_token: str | None) -> SecretVersions:
    """The secret whose rotation is running."""
    return SecretVersions(aws.secretsmanager(), secret_id, rotation_token=rotation_token)
