"""Reads and writes the versions of an AWS Secrets Manager secret during its rotation."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from latchhook import aws
from latchhook.api_keys.secrets_manager_rotation import CURRENT

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


class SecretVersions:
    """One secret, named by its ARN. Secrets Manager issues `rotation_token` for writing with another identity."""

    def __init__(self, client: "SecretsManagerClient", secret_id: str, *, rotation_token: str | None) -> None:
        self._client = client
        self._secret_id = secret_id
        self._rotation_token = rotation_token

    def stages(self) -> Mapping[str, Collection[str]]:
        """Return the staging labels by version id."""
        response = aws.call(self._client.describe_secret, SecretId=self._secret_id)
        stages: Mapping[str, Collection[str]] = response["VersionIdsToStages"]
        return stages

    def current(self) -> str | None:
        """Return the text of the current version, or None if it has no text."""
        response = aws.call(self._client.get_secret_value, SecretId=self._secret_id, VersionStage=CURRENT)
        text: str | None = response.get("SecretString")
        return text

    def pending(self, version_id: str) -> str | None:
        """Return the text of the pending version, or None if it has no text yet."""
        try:
            response = aws.call(
                self._client.get_secret_value,
                expect=("ResourceNotFoundException",),
                SecretId=self._secret_id,
                VersionId=version_id,
                VersionStage="AWSPENDING",
            )
        except ClientError:
            return None
        text: str | None = response.get("SecretString")
        return text

    def add_pending(self, version_id: str, text: str) -> None:
        """Store the text of the pending version. A text that is already stored stays unchanged."""
        rotation_token: dict[str, Any] = {} if self._rotation_token is None else {"RotationToken": self._rotation_token}
        try:
            aws.call(
                self._client.put_secret_value,
                expect=("ResourceExistsException",),
                SecretId=self._secret_id,
                ClientRequestToken=version_id,
                SecretString=text,
                VersionStages=["AWSPENDING"],
                **rotation_token,
            )
        except ClientError:
            return

    def make_current(self, version_id: str, *, instead_of: str | None) -> None:
        """Make this version the current version, which all readers get."""
        others: dict[str, Any] = {} if instead_of is None else {"RemoveFromVersionId": instead_of}
        aws.call(
            self._client.update_secret_version_stage,
            SecretId=self._secret_id,
            VersionStage=CURRENT,
            MoveToVersionId=version_id,
            **others,
        )
