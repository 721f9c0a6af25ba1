"""Request bodies that revoke or import several API keys."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from latchhook.api_keys.bulk_revocation import MAX_IDS, Filter
from latchhook.api_keys.finding import MAX_SEARCH_LENGTH, Search
from latchhook.api_keys.importing import MAX_KEYS, MAX_PREFIX_LENGTH, ImportedKey
from latchhook.edge.schemas.api_keys import CreateKeyBody, Scope, Uuid
from latchhook.edge.schemas.validation import PRINTABLE, Moment, RequestBody


class FilterBody(RequestBody):
    """The filter for the keys to revoke. A key must match all given fields. Revoked keys are not found."""

    all: Literal[True] | None = Field(default=None, description="True selects every key of the account.")
    ids: Annotated[list[Uuid], Field(min_length=1, max_length=MAX_IDS)] | None = None
    status: Literal["active", "disabled", "expired"] | None = None
    search: Annotated[str, Field(min_length=1, max_length=MAX_SEARCH_LENGTH)] | None = Field(
        default=None, description="A part of the key's name or of its public first characters."
    )
    profile_id: Uuid | None = None
    scope: Scope | None = Field(default=None, description="An exact text in the list of the key's own scopes.")
    user_id: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="The user who created the key."
    )
    owner_user_id: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        default=None, description="The user who owns the key."
    )
    created_before: Moment | None = None
    expires_before: Moment | None = Field(default=None, description="The key expires before this time, or has expired.")
    rotated_before: Moment | None = Field(
        default=None,
        description="The key's current secret was made before this time, by the last rotation or with the key.",
    )
    unused_since: Moment | None = Field(
        default=None, description="The key was neither created nor used at this time or later."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "FilterBody":
        given = self.model_fields_set
        if not given or all(getattr(self, name) is None for name in given):
            raise ValueError('The filter must have a field. {"all": true} selects every key.')
        if self.all and len(given) > 1:
            raise ValueError("`all` must be the only field of the filter.")
        return self

    def chosen(self) -> Filter:
        """Return the filter of the feature."""
        return Filter(
            ids=None if self.ids is None else tuple(UUID(one) for one in self.ids),
            search=Search(
                status=self.status,
                text=self.search,
                owner_user_id=self.owner_user_id,
                created_by=self.user_id,
                unused_since=self.unused_since,
                expires_before=self.expires_before,
                rotated_before=self.rotated_before,
                scope=self.scope,
            ),
            profile_id=None if self.profile_id is None else UUID(self.profile_id),
            created_before=self.created_before,
        )


class BulkRevokeBody(RequestBody):
    """The request body that revokes API keys by filter."""

    filter: FilterBody
    dry_run: bool = Field(default=False, description="True lists the matching keys and revokes no key.")
    cursor: Annotated[str, Field(max_length=1000)] | None = Field(
        default=None, description="The `nextCursor` of the previous response."
    )


class ImportKeyBody(CreateKeyBody):
    """An API key of another system."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] = Field(
        description="The SHA-256 of the full key text (UTF-8) in hexadecimal. The key text must have at least 128 "
        "random bits to be safe.",
        repr=False,
    )
    prefix: Annotated[str, Field(max_length=MAX_PREFIX_LENGTH), PRINTABLE] = Field(
        default="", description="The first characters of the key text, which identify the key and must not be secret."
    )

    def imported(self) -> ImportedKey:
        """Return the imported key of the feature."""
        return ImportedKey(self.settings(), bytes.fromhex(self.hash), self.prefix)


class ImportKeysBody(RequestBody):
    """The request body that imports API keys."""

    keys: Annotated[list[ImportKeyBody], Field(min_length=1, max_length=MAX_KEYS)]
