"""What the endpoints for many API keys at once take: revoking, importing."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from latchhook.api_keys.bulk_revocation import MAX_IDS, Filter
from latchhook.api_keys.finding import MAX_SEARCH_LENGTH
from latchhook.api_keys.importing import MAX_KEYS, MAX_PREFIX_LENGTH, ImportedKey
from latchhook.edge.schemas.api_keys import CreateKeyBody, Scope, Uuid
from latchhook.edge.schemas.validation import PRINTABLE, Moment, RequestBody


class FilterBody(RequestBody):
    """Which keys to revoke: what is given must hold, all of it. Revoked keys are never found."""

    all: Literal[True] | None = Field(default=None, description="Every key of the account.")
    ids: Annotated[list[Uuid], Field(min_length=1, max_length=MAX_IDS)] | None = None
    status: Literal["active", "disabled", "expired"] | None = None
    search: Annotated[str, Field(min_length=1, max_length=MAX_SEARCH_LENGTH)] | None = Field(
        default=None, description="In the name, or in the key's public characters."
    )
    profile_id: Uuid | None = None
    scope: Scope | None = Field(default=None, description="Among the key's own scopes, by this very name.")
    user_id: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="Who created it."
    )
    created_before: Moment | None = None
    unused_since: Moment | None = Field(default=None, description="Neither used nor created at or after that moment.")

    @model_validator(mode="after")
    def _says_something(self) -> "FilterBody":
        given = self.model_fields_set
        if not given or all(getattr(self, name) is None for name in given):
            raise ValueError('Say which keys; {"all": true} is every one.')
        if self.all and len(given) > 1:
            raise ValueError("`all` stands alone.")
        return self

    def chosen(self) -> Filter:
        """As the feature takes it."""
        return Filter(
            ids=None if self.ids is None else tuple(UUID(one) for one in self.ids),
            status=self.status,
            search=self.search,
            profile_id=None if self.profile_id is None else UUID(self.profile_id),
            scope=self.scope,
            user_id=self.user_id,
            created_before=self.created_before,
            unused_since=self.unused_since,
        )


class BulkRevokeBody(RequestBody):
    """`POST /api-keys/bulk-revoke`."""

    filter: FilterBody
    dry_run: bool = Field(default=False, description="Only says which keys it would be.")
    cursor: Annotated[str, Field(max_length=1000)] | None = Field(
        default=None, description="The last answer's `nextCursor`, to go on in an account of more than 1,000 keys."
    )


class ImportKeyBody(CreateKeyBody):
    """A key that was made elsewhere."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] = Field(
        description="SHA-256 of the key's full text, in hexadecimal. Only texts of 128 random bits or more are safe.",
        repr=False,
    )
    prefix: Annotated[str, Field(max_length=MAX_PREFIX_LENGTH), PRINTABLE] = Field(
        default="", description="The first characters of its text, to recognise it by."
    )

    def imported(self) -> ImportedKey:
        """As the feature takes it."""
        return ImportedKey(self.settings(), bytes.fromhex(self.hash), self.prefix)


class ImportKeysBody(RequestBody):
    """`POST /api-keys/import`."""

    keys: Annotated[list[ImportKeyBody], Field(min_length=1, max_length=MAX_KEYS)]
