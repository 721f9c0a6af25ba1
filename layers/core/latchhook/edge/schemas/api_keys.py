"""What makes an API key, and rotates it; what else the endpoints take stands in modules of their own."""

import json
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.creation import DEFAULT_NAME, ChosenCredits, KeySettings
from latchhook.api_keys.limits import MAX_CREDITS, Refill
from latchhook.api_keys.rotation import MAX_GRACE_SECONDS
from latchhook.edge.schemas.rates import RateBody
from latchhook.edge.schemas.validation import PRINTABLE, Integer, Moment, RequestBody
from latchhook.permissions.scopes import MAX_SCOPES_PER_KEY, is_scope, is_wildcard
from latchhook.rates import RateLimit

MAX_METADATA_BYTES = 4 * 1024


def _scope(value: str) -> str:
    if not is_scope(value) and not is_wildcard(value):
        raise ValueError("A scope is resource:action in lower case, or a wildcard such as resource:*.")
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


def _uuid(value: str) -> str:
    try:
        if str(UUID(value)) == value.lower():
            return value.lower()
    except ValueError:
        pass
    raise ValueError("This must be a UUID.")


def _block(value: str) -> str:
    try:
        return ip_ranges.canonical_block(value)
    except ValueError:
        raise ValueError(
            "This must be an IPv4 or IPv6 address, or a CIDR block with nothing but zeros after its prefix."
        ) from None


Name = Annotated[str, Field(min_length=1, max_length=255, description="What people call the key."), PRINTABLE]
Scope = Annotated[str, Field(max_length=200), AfterValidator(_scope)]
Metadata = Annotated[
    dict[str, Any],
    AfterValidator(_small),
    Field(description="Anything you want to keep with the key: at most 4 KiB as JSON."),
]
Uuid = Annotated[str, AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
Block = Annotated[str, Field(max_length=64), AfterValidator(_block)]


class GenerateKeyBody(RequestBody):
    """Document 000's `POST /integration/api-keys/generate`: everything may be left out."""

    name: Name | None = Field(default=None, description=f"Null or absent: `{DEFAULT_NAME}`.")


class RateLimitBody(RateBody):
    """How often a key may be used."""

    burst: Annotated[Integer, Field(ge=1)] | None = Field(
        default=None, description="Uses that may come at once: at most, and without it, as many as the limit."
    )

    @field_validator("burst")
    @classmethod
    def _within(cls, value: int | None, info: ValidationInfo) -> int | None:
        limit = info.data.get("limit")
        if value is not None and limit is not None and value > limit:
            raise ValueError("This must be at most the limit.")
        return value

    def chosen(self) -> RateLimit:
        """As the feature takes it."""
        return RateLimit(self.limit, self.window_seconds, self.limit if self.burst is None else self.burst)


class RefillBody(RequestBody):
    """When credits come again."""

    amount: Annotated[Integer, Field(ge=1, le=MAX_CREDITS)] = Field(description="What the credits are set to.")
    interval: Literal["daily", "monthly"] = Field(
        description="At the start of each UTC day, or of each calendar month in UTC."
    )


class CreditsBody(RequestBody):
    """How many times a key may be used."""

    remaining: Annotated[Integer, Field(ge=0, le=MAX_CREDITS)] = Field(description="What there is to spend now.")
    refill: RefillBody | None = Field(default=None, description="Without it, spent credits are gone.")

    def chosen(self) -> ChosenCredits:
        """As the feature takes it."""
        refill = self.refill
        return ChosenCredits(self.remaining, None if refill is None else Refill(refill.amount, refill.interval))


class CreateKeyBody(RequestBody):
    """`POST /api-keys` (documents 001, 002 and 003)."""

    name: Name
    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = None
    scopes: Annotated[list[Scope], Field(max_length=MAX_SCOPES_PER_KEY)] = Field(
        default_factory=list,
        description="What the key may do. Without any, and without a profile, it can be verified and may do nothing.",
    )
    profile_id: Uuid | None = Field(default=None, description="A permission profile of the account.")
    expires_at: Moment | None = Field(default=None, description="The first moment at which the key is refused.")
    metadata: Metadata = Field(default_factory=dict)
    rate_limit: RateLimitBody | None = None
    credits: CreditsBody | None = None
    ip_allow_list: Annotated[list[Block], Field(max_length=ip_ranges.MAX_BLOCKS)] = Field(
        default_factory=list,
        description="Addresses and CIDR blocks that the key may be used from. Without any, from everywhere.",
    )

    def settings(self) -> KeySettings:
        """As the feature takes it."""
        return KeySettings(
            name=self.name,
            description=self.description,
            scopes=tuple(self.scopes),
            profile_id=None if self.profile_id is None else UUID(self.profile_id),
            expires_at=self.expires_at,
            metadata=self.metadata,
            rate_limit=None if self.rate_limit is None else self.rate_limit.chosen(),
            credits=None if self.credits is None else self.credits.chosen(),
            ip_allow_list=tuple(self.ip_allow_list),
        )


class RotateKeyBody(RequestBody):
    """`POST /api-keys/{id}/rotate`: without a grace it is the deployment's `RotationGraceSeconds`."""

    grace_period_seconds: Annotated[Integer, Field(ge=0, le=MAX_GRACE_SECONDS)] | None = Field(
        default=None, description="How long the old secret still holds, in seconds; 0 ends it at once."
    )
