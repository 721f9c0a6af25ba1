"""Request bodies that create and rotate an API key."""

import json
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.creation import DEFAULT_NAME, ChosenCredits, KeySettings
from latchhook.api_keys.limits import MAX_CREDITS, Refill
from latchhook.api_keys.rotation import MAX_GRACE_SECONDS
from latchhook.edge.schemas.rates import RateBody
from latchhook.edge.schemas.validation import PRINTABLE, CheckedText, Integer, Moment, RequestBody
from latchhook.permissions.scopes import GRANT_PATTERN, MAX_SCOPE_LENGTH, MAX_SCOPES_PER_KEY, is_scope, is_wildcard
from latchhook.rates import RateLimit

ADDRESS_PATTERN = r"^[0-9A-Fa-f:.]{2,}(/[0-9]{1,3})?$"
MAX_METADATA_BYTES = 4 * 1024


def _scope(value: str) -> str:
    if not is_scope(value) and not is_wildcard(value):
        raise ValueError("A scope is resource:action in lower case, or a wildcard such as resource:*.")
    return value


def _small(value: dict[str, Any]) -> dict[str, Any]:
    try:
        size = len(json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        raise ValueError("Must not contain text with a lone surrogate.") from None
    except ValueError:
        raise ValueError("Must not contain a number that is too large for a 64-bit float.") from None
    if size > MAX_METADATA_BYTES:
        raise ValueError("Must be at most 4 KiB as JSON.")
    return value


def _uuid(value: str) -> str:
    try:
        if str(UUID(value)) == value.lower():
            return value.lower()
    except ValueError:
        pass
    raise ValueError("Must be a UUID.")


def _block(value: str) -> str:
    try:
        return ip_ranges.canonical_block(value)
    except ValueError:
        raise ValueError(
            "Must be an IPv4 or IPv6 address, or a CIDR block in which all bits after the prefix are zero."
        ) from None


Name = Annotated[str, Field(min_length=1, max_length=255, description="The name of the key."), PRINTABLE]
Scope = Annotated[str, Field(max_length=MAX_SCOPE_LENGTH), CheckedText(_scope, pattern=GRANT_PATTERN, min_length=1)]
Metadata = Annotated[
    dict[str, Any],
    AfterValidator(_small),
    Field(description="Your own data about the key, at most 4 KiB as JSON."),
]
Uuid = Annotated[str, AfterValidator(_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
UserId = Annotated[str, Field(min_length=1, max_length=255), PRINTABLE]
Block = Annotated[str, Field(max_length=64), CheckedText(_block, pattern=ADDRESS_PATTERN, min_length=2)]


class GenerateKeyBody(RequestBody):
    """The request body that generates an API key. All fields are optional."""

    name: Name | None = Field(default=None, description=f"The name of the key. The default is `{DEFAULT_NAME}`.")


class RateLimitBody(RateBody):
    """The rate limit of a key."""

    burst: Annotated[Integer, Field(ge=1)] | None = Field(
        default=None,
        description="The number of uses that can follow each other immediately. The maximum and the default are "
        "`limit`.",
    )

    @field_validator("burst")
    @classmethod
    def _within(cls, value: int | None, info: ValidationInfo) -> int | None:
        limit = info.data.get("limit")
        if value is not None and limit is not None and value > limit:
            raise ValueError("Must be at most the limit.")
        return value

    def chosen(self) -> RateLimit:
        """Return the rate limit of the feature."""
        return RateLimit(self.limit, self.window_seconds, self.limit if self.burst is None else self.burst)


class RefillBody(RequestBody):
    """The refill of credits."""

    amount: Annotated[Integer, Field(ge=1, le=MAX_CREDITS)] = Field(
        description="The number of credits after each refill."
    )
    interval: Literal["daily", "monthly"] = Field(
        description="Credits are refilled at the start of each UTC day or each calendar month in UTC."
    )


class CreditsBody(RequestBody):
    """The credits of a key."""

    remaining: Annotated[Integer, Field(ge=0, le=MAX_CREDITS)] = Field(
        description="The number of credits that the key can spend until the next refill."
    )
    refill: RefillBody | None = Field(
        default=None, description="The refill of the credits. Without it, spent credits do not return."
    )

    def chosen(self) -> ChosenCredits:
        """Return the credits of the feature."""
        refill = self.refill
        return ChosenCredits(self.remaining, None if refill is None else Refill(refill.amount, refill.interval))


class CreateKeyBody(RequestBody):
    """The request body that creates an API key."""

    name: Name
    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = None
    scopes: Annotated[list[Scope], Field(max_length=MAX_SCOPES_PER_KEY)] = Field(
        default_factory=list,
        description="The scopes of the key, wildcards included. A key without scopes and without a profile can be "
        "verified but grants nothing.",
    )
    profile_id: Uuid | None = Field(default=None, description="The id of a permission profile of the account.")
    expires_at: Moment | None = Field(default=None, description="The time from which the key is refused.")
    owner_user_id: UserId | None = Field(
        default=None, description="The user who owns the key. The default is the user who creates the key."
    )
    follows_owner: bool = Field(
        default=False,
        description="Whether the key grants only what its owner may do at the moment of the request. The owner must be "
        "a stored member of the account.",
    )
    metadata: Metadata = Field(default_factory=dict)
    rate_limit: RateLimitBody | None = None
    credits: CreditsBody | None = None
    ip_allow_list: Annotated[list[Block], Field(max_length=ip_ranges.MAX_BLOCKS)] = Field(
        default_factory=list,
        description="The IP addresses and CIDR blocks that can use the key. An empty list allows all addresses.",
    )

    def settings(self) -> KeySettings:
        """Return the key settings of the feature."""
        return KeySettings(
            name=self.name,
            description=self.description,
            scopes=tuple(self.scopes),
            profile_id=None if self.profile_id is None else UUID(self.profile_id),
            expires_at=self.expires_at,
            owner_user_id=self.owner_user_id,
            follows_owner=self.follows_owner,
            metadata=self.metadata,
            rate_limit=None if self.rate_limit is None else self.rate_limit.chosen(),
            credits=None if self.credits is None else self.credits.chosen(),
            ip_allow_list=tuple(self.ip_allow_list),
        )


class RotateKeyBody(RequestBody):
    """The request body that rotates an API key."""

    grace_period_seconds: Annotated[Integer, Field(ge=0, le=MAX_GRACE_SECONDS)] | None = Field(
        default=None,
        description="The grace period of the previous secret in seconds. 0 ends the previous secret immediately. The "
        "default is the deployment's `RotationGraceSeconds`.",
    )
