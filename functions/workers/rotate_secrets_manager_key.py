"""Secrets Manager's rotation function: a key whose text stands in a secret is rotated there, one step a call.

Source: Secrets Manager user guide, "Rotation by Lambda function". What it raises is shown by Secrets Manager, and the
step is tried again; docs/rotate-by-secrets-manager.md.
"""

from collections.abc import Mapping
from typing import Any

from latchhook import bootstrap
from latchhook.api_keys.secrets_manager_rotation import SecretsManagerRotationError
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.telemetry import log_failure, logger

rotation = bootstrap.secrets_manager_rotation()


def handler(event: Mapping[str, Any], context: Any = None) -> None:  # noqa: ARG001
    """Does one of the four steps."""
    secret = bootstrap.versioned_secret(event["SecretId"], rotation_token=event.get("RotationToken"))
    facts = {"step": event["Step"], "secret_id": event["SecretId"]}
    try:
        rotation.run(event["Step"], secret, event["ClientRequestToken"], bootstrap.clock())
    except (SecretsManagerRotationError, DependencyUnavailableError) as error:
        log_failure("rotation step failed", error, **facts)
        # Alone: Lambda would log the text of the library's error behind it, and that can quote the secret.
        raise error from None
    logger.info("rotation step", extra=facts)
