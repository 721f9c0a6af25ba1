"""What the endpoints that change an API key take."""

from typing import Annotated, Any, Literal

from pydantic import Field

from latchhook.api_keys import ip_ranges
from latchhook.api_keys.changing import Configuration
from latchhook.edge.schemas.api_keys import Block, CreateKeyBody, Name, Scope, Uuid
from latchhook.edge.schemas.validation import PRINTABLE, Moment, RequestBody, absent
from latchhook.permissions.scopes import MAX_SCOPES_PER_KEY


class ReplaceKeyBody(CreateKeyBody):
    """`PUT /api-keys/{id}` (document 001): the whole configuration. What is left out is taken away."""

    status: Literal["active", "disabled"] | None = Field(
        default=None, description="`disabled` refuses the key until it is `active` again; left out, it stays as it is."
    )

    def configuration(self) -> Configuration:
        """As the feature takes it."""
        return Configuration(self.settings(), self.status)


class PatchKeyBody(RequestBody):
    """`PATCH /api-keys/{id}` (document 003): a JSON merge patch (RFC 7396) of what `PUT` takes.

    What is left out stays, and null takes away. It describes the patch; what holds is the patched whole.
    """

    name: Name = Field(default_factory=absent)
    description: Annotated[str, Field(max_length=1000), PRINTABLE] | None = Field(default_factory=absent)
    scopes: Annotated[list[Scope], Field(max_length=MAX_SCOPES_PER_KEY)] | None = Field(default_factory=absent)
    profile_id: Uuid | None = Field(default_factory=absent)
    expires_at: Moment | None = Field(default_factory=absent)
    metadata: dict[str, Any] | None = Field(default_factory=absent)
    rate_limit: dict[str, Any] | None = Field(default_factory=absent, description='In part too: `{"limit": 50}`.')
    credits: dict[str, Any] | None = Field(default_factory=absent, description='In part too: `{"remaining": 1000}`.')
    ip_allow_list: Annotated[list[Block], Field(max_length=ip_ranges.MAX_BLOCKS)] | None = Field(default_factory=absent)
    status: Literal["active", "disabled"] = Field(default_factory=absent)
