"""What the endpoints that verify API keys take."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.limits import MAX_COST
from latchhook.edge.required_scopes import REQUIRED_SCOPES_SCHEMA, parse_required_scopes
from latchhook.edge.schemas.validation import Integer, RequestBody
from latchhook.permissions.requirements import NOTHING, Requirement

MAX_BATCH = 100


def _address(value: str) -> str:
    try:
        ip_ranges.address_bytes(value)
    except ValueError:
        raise ValueError("This must be an IPv4 or IPv6 address.") from None
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("This must be text.")  # noqa: TRY004  # pydantic collects ValueError
    return value


class VerifyKeyBody(RequestBody):
    """`POST /api-keys/verify`."""

    # Pydantic's own text has no lone surrogates. A verification takes any text.
    key: Annotated[Any, AfterValidator(_text), WithJsonSchema({"type": "string"})] = Field(
        description="The key's full text, as it was presented to you. A text that cannot be a key is `NOT_FOUND`.",
        repr=False,
    )
    required_scopes: Annotated[Any, WithJsonSchema(REQUIRED_SCOPES_SCHEMA)] = Field(
        default_factory=lambda: NOTHING,
        description="Scopes that the key must hold: a list means all of them; a tree joins them by `and`, `or`, `not`.",
    )
    cost: Annotated[Integer, Field(ge=0, le=MAX_COST)] = Field(
        default=1, description="Credits that this use spends, if the key has credits."
    )
    ip_address: Annotated[str, Field(max_length=64), AfterValidator(_address)] | None = Field(
        default=None, description="Where the use comes from, as you know it; a key with an allow-list needs it."
    )

    @field_validator("required_scopes", mode="before")
    @classmethod
    def _requirement(cls, value: Any) -> Requirement:
        return parse_required_scopes(value)


class VerifyBatchBody(RequestBody):
    """`POST /api-keys/verify-batch`, as it is documented."""

    keys: Annotated[list[VerifyKeyBody], Field(min_length=1, max_length=MAX_BATCH)]


class VerifyBatchEntries(RequestBody):
    """`POST /api-keys/verify-batch`, with entries that are validated one by one: an invalid entry fails no other."""

    keys: Annotated[list[Any], Field(min_length=1, max_length=MAX_BATCH)]
