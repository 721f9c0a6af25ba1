"""Reads the identity provider's HS256 secret from AWS Secrets Manager, on first use and after a rotation."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from latchhook import aws
from latchhook.clock import Clock
from latchhook.dependency_errors import DependencyUnavailableError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

REREAD_AFTER = timedelta(minutes=1)
"""Tokens with a wrong signature cause at most one read in this time, however many arrive."""

RETRY_AFTER = timedelta(seconds=5)
"""Time between read attempts during an outage of Secrets Manager."""

KEPT_FOR = timedelta(minutes=5)
"""A withdrawn secret is accepted for at most this time."""

PREVIOUS_FOR = timedelta(hours=24)
"""After a rotation, tokens of the previous version are accepted for this time."""


class SharedSecret:
    """One secret, named by its ARN: its current version and, after a rotation, its previous version."""

    def __init__(self, client: "Callable[[], SecretsManagerClient]", arn: str, *, clock: Clock) -> None:
        self._client = client
        self._arn = arn
        self._clock = clock
        self._secrets: tuple[str, ...] = ()
        self._read_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._is_failing = False
        self._lock = Lock()

    def known(self) -> Sequence[str]:
        """Return the secrets, read at most five minutes ago or, during an outage of Secrets Manager, before it.

        Raises `DependencyUnavailableError` if this call fails to read them, or if they were never read.
        """
        with self._lock:
            if self._read_at is None or self._clock() - self._read_at >= KEPT_FOR:
                self._read_unless_tried_within(RETRY_AFTER)
            if not self._secrets:
                raise DependencyUnavailableError("session secret: the last reading failed")
            return self._secrets

    def newer(self) -> Sequence[str]:
        """Read the secrets unless the last read is less than a minute old. Return the secrets that were not known.

        Raises `DependencyUnavailableError` if the last read failed, because the token may use an unknown secret.
        """
        with self._lock:
            before = self._secrets
            self._read_unless_tried_within(REREAD_AFTER)
            if self._is_failing:
                raise DependencyUnavailableError("session secret: the last reading failed")
            return [secret for secret in self._secrets if secret not in before]

    def _read_unless_tried_within(self, pause: timedelta) -> None:
        now = self._clock()
        if self._tried_at is not None and now - self._tried_at < pause:
            return
        self._tried_at, self._is_failing = now, True
        self._secrets = self._read()
        self._read_at, self._is_failing = now, False

    def _read(self) -> tuple[str, ...]:
        current = self._version("AWSCURRENT")
        rotated_at: datetime = current["CreatedDate"]
        if self._clock() - rotated_at >= PREVIOUS_FOR:
            return (_text(current),)
        try:
            return _text(current), _text(self._version("AWSPREVIOUS", expect=("ResourceNotFoundException",)))
        except ClientError:  # never rotated
            return (_text(current),)

    def _version(self, stage: str, *, expect: tuple[str, ...] = ()) -> Mapping[str, Any]:
        return aws.call(self._client().get_secret_value, expect=expect, SecretId=self._arn, VersionStage=stage)


def _text(version: Mapping[str, Any]) -> str:
    text = version.get("SecretString")
    if not text:
        raise DependencyUnavailableError("session secret: a version has no text")
    return str(text)
