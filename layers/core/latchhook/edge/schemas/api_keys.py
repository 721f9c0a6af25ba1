"""What the API key endpoints take."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from latchhook.api_keys.creation import DEFAULT_NAME, KeySettings
from latchhook.api_keys.rotation import MAX_GRACE_SECONDS
from latchhook.api_keys.verification import MAX_REQUIRED_SCOPES
from latchhook.edge.schemas.validation import PRINTABLE, Moment, RequestBody
from latchhook.permissions.scopes import MAX_SCOPES_PER_KEY, is_scope

MAX_METADATA_BYTES = 4 * 1024


def _scope(value: str) -> str:
    if not is_scope(value):
        raise ValueError("A scope is resource:action in lower case.")
    return value


def _small(value: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise ValueError("Text in it has a lone surrogate.") from None
    except ValueError:
        raise ValueError("A number in it is too large for a 64-bit float.") from None
    if size > MAX_METADATA_BYTES:
        raise ValueError("This must be at most 4 KiB as JSON.")
    return value


Name = Annotated[str, Field(min_length=1, max_length=255, description="What people call the key."), PRINTABLE]
Scope = Annotated[str, Field(max_length=200), AfterValidator(_scope)]
Metadata = Annotated[
    dict[str, Any],
    AfterValidator(_small),
    Field(description="Anything you want to keep with the key: at most 4 KiB as JSON."),
]


class GenerateKeyBody(RequestBody):
    """Document 000's `POST /integration/api-keys/generate`: everything may be left out."""

    name: Name = DEFAULT_NAME


class CreateKeyBody(RequestBody):
    """`POST /api-keys` (documents 001, 002 and 003)."""

    name: Name
    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = None
    scopes: Annotated[list[Scope], Field(max_length=MAX_SCOPES_PER_KEY)] = Field(
        default_factory=list,
        description="What the key may do. Without any it can be verified, and may do nothing.",
    )
    expires_at: Moment | None = Field(default=None, description="The first moment at which the key is refused.")
    metadata: Metadata = Field(default_factory=dict)

    def settings(self) -> KeySettings:
        """As the feature takes it."""
        return KeySettings(self.name, self.description, tuple(self.scopes), self.expires_at, self.metadata)


class RotateKeyBody(RequestBody):
    """`POST /api-keys/{id}/rotate`: without a grace it is the deployment's `RotationGraceSeconds`."""

    grace_period_seconds: Annotated[int, Field(ge=0, le=MAX_GRACE_SECONDS)] | None = Field(
        default=None, description="How long the old secret still holds, in seconds; 0 ends it at once."
    )


class VerifyKeyBody(RequestBody):
    """`POST /api-keys/verify`."""

    key: Annotated[
        str, Field(max_length=512, description="The key's full text, as it was presented to you.", repr=False)
    ]
    required_scopes: Annotated[list[Scope], Field(max_length=MAX_REQUIRED_SCOPES)] = Field(
        default_factory=list, description="Scopes that the key must hold, all of them."
    )
