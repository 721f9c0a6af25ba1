"""Rotation function of Secrets Manager: rotate an API key whose key text is stored in a secret, one step per call.

Source: Secrets Manager user guide, "Rotation by Lambda function". Secrets Manager shows the raised error and repeats
the step (docs/integrate/rotate-by-secrets-manager.md).
"""

from collections.abc import Mapping
from typing import Any

from latchhook.api_keys.secrets_manager_rotation import SecretsManagerRotationError
from latchhook.bootstrap import environment
from latchhook.bootstrap.secrets_manager import secrets_manager_rotation, versioned_secret
from latchhook.dependency_errors import DependencyUnavailableError
from latchhook.telemetry import log_failure, logger

rotation = secrets_manager_rotation()


def handler(event: Mapping[str, Any], context: Any = None) -> None:  # noqa: ARG001
    """Run one of the four rotation steps."""
    secret = versioned_secret(event["SecretId"], rotation_token=event.get("RotationToken"))
    facts = {"step": event["Step"], "secret_id": event["SecretId"]}
    try:
        rotation.run(event["Step"], secret, event["ClientRequestToken"], environment.clock())
    except (SecretsManagerRotationError, DependencyUnavailableError) as error:
        log_failure("rotation step failed", error, **facts)
        # `from None`: Lambda would also log the text of the library's error, which can contain the secret.
        raise error from None
    logger.info("rotation step", extra=facts)
