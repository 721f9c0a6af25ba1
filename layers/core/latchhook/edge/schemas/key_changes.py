"""Request bodies that change an API key."""

from typing import Annotated, Any, Literal

from pydantic import Field

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.changing import Configuration
from latchhook.edge.schemas.api_keys import Block, CreateKeyBody, Name, Scope, UserId, Uuid
from latchhook.edge.schemas.validation import PRINTABLE, Moment, RequestBody, absent
from latchhook.permissions.scopes import MAX_SCOPES_PER_KEY


class ReplaceKeyBody(CreateKeyBody):
    """The request body that replaces the configuration of an API key. Omitted settings are removed."""

    status: Literal["active", "disabled"] | None = Field(
        default=None,
        description="A `disabled` key is refused until it is `active` again. If omitted, the status stays unchanged.",
    )

    def configuration(self) -> Configuration:
        """Return the configuration of the feature."""
        return Configuration(self.settings(), self.status)


class PatchKeyBody(RequestBody):
    """A JSON merge patch (RFC 7396) of an API key. The patched key must be valid as a whole."""

    name: Name = Field(default_factory=absent)
    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = Field(default_factory=absent)
    scopes: Annotated[list[Scope], Field(max_length=MAX_SCOPES_PER_KEY)] | None = Field(default_factory=absent)
    profile_id: Uuid | None = Field(default_factory=absent)
    expires_at: Moment | None = Field(default_factory=absent)
    owner_user_id: UserId | None = Field(
        default_factory=absent, description="The user who owns the key. Null makes the creator the owner."
    )
    follows_owner: bool = Field(default_factory=absent)
    metadata: dict[str, Any] | None = Field(default_factory=absent)
    rate_limit: dict[str, Any] | None = Field(
        default_factory=absent, description='All or some fields of the rate limit, for example `{"limit": 50}`.'
    )
    credits: dict[str, Any] | None = Field(
        default_factory=absent, description='All or some fields of the credits, for example `{"remaining": 1000}`.'
    )
    ip_allow_list: Annotated[list[Block], Field(max_length=ip_ranges.MAX_BLOCKS)] | None = Field(default_factory=absent)
    status: Literal["active", "disabled"] = Field(default_factory=absent)
