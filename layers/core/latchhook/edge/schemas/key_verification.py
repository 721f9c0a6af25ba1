"""Request bodies that verify API keys."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.api_key import MAX_RESOURCE_LENGTH
from latchhook.api_keys.limits import MAX_COST
from latchhook.edge.required_scopes import REQUIRED_SCOPES_SCHEMA, parse_required_scopes
from latchhook.edge.schemas.validation import CheckedText, Integer, RequestBody
from latchhook.permissions.requirements import NOTHING, Requirement

MAX_BATCH = 100


def _address(value: str) -> str:
    try:
        ip_ranges.address_bytes(value)
    except ValueError:
        raise ValueError("Must be an IPv4 or IPv6 address.") from None
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("Must be text.")  # noqa: TRY004  # pydantic collects ValueError
    return value


class VerifyKeyBody(RequestBody):
    """The request body that verifies an API key."""

    # Pydantic's `str` refuses lone surrogates, but a verification accepts any text.
    key: Annotated[Any, AfterValidator(_text), WithJsonSchema({"type": "string"})] = Field(
        description="The API key or OAuth access token that you received. Any other text has the result `NOT_FOUND`.",
        repr=False,
    )
    required_scopes: Annotated[Any, WithJsonSchema(REQUIRED_SCOPES_SCHEMA)] = Field(
        default_factory=lambda: NOTHING,
        description="The scopes that the key must grant: a list of scopes that are all required, or a tree of `and`, "
        "`or` and `not`.",
    )
    cost: Annotated[Integer, Field(ge=0, le=MAX_COST)] = Field(
        default=1, description="The number of credits that this use spends, if the key has credits."
    )
    ip_address: (
        Annotated[str, Field(max_length=64), CheckedText(_address, pattern=r"^[0-9A-Fa-f:.]{2,}$", min_length=2)] | None
    ) = Field(
        default=None,
        description="The IP address that the use came from. A key with an IP allow-list is refused without it.",
    )

    audience: Annotated[str, Field(min_length=1, max_length=MAX_RESOURCE_LENGTH)] | None = Field(
        default=None,
        description="The URL of your API. An OAuth token that is for another resource (RFC 8707) has the result "
        "`NOT_FOUND`. Without it, tokens for any resource are accepted.",
    )

    @field_validator("required_scopes", mode="before")
    @classmethod
    def _requirement(cls, value: Any) -> Requirement:
        return parse_required_scopes(value)


class VerifyBatchBody(RequestBody):
    """The request body that verifies several API keys."""

    keys: Annotated[list[VerifyKeyBody], Field(min_length=1, max_length=MAX_BATCH)]


class VerifyBatchEntries(RequestBody):
    """The same request body before each entry is validated separately, since an invalid entry refuses no other."""

    keys: Annotated[list[Any], Field(min_length=1, max_length=MAX_BATCH)]
