"""Request bodies of the member endpoints."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from latchhook.edge.schemas.account_ids import AccountId
from latchhook.edge.schemas.api_keys import Uuid
from latchhook.edge.schemas.validation import PRINTABLE, RequestBody
from latchhook.members.member import MAX_CLIENT_ACCOUNTS, MemberRole, MemberSettings

_EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+$"


class PutMemberBody(RequestBody):
    """The request body that adds or replaces a member."""

    role: MemberRole = Field(
        description="`admin` has all rights in the account. `advisor` also has them in its client accounts. `member` "
        "has only the rights of its profile. `none` has no rights, even if the session's claims give them."
    )
    profile_id: Uuid | None = Field(
        default=None,
        description="The permission profile that adds rights to the role and denies others.",
    )
    client_account_ids: Annotated[list[AccountId], Field(max_length=MAX_CLIENT_ACCOUNTS)] = Field(
        default_factory=list,
        description="The accounts that an `advisor` manages in addition to the own account. Only the operator can add "
        "accounts to the list.",
    )
    name: Annotated[str, Field(min_length=1, max_length=255), PRINTABLE] | None = None
    email: Annotated[str, Field(max_length=320, pattern=_EMAIL_PATTERN), PRINTABLE] | None = None

    @model_validator(mode="after")
    def _fits_the_role(self) -> Any:
        if self.client_account_ids and self.role != "advisor":
            raise ValueError("Only an advisor has client accounts.")
        if self.profile_id is not None and self.role == "none":
            raise ValueError("A member with the role none has no profile.")
        return self

    def settings(self) -> MemberSettings:
        """Return the member settings of the feature."""
        return MemberSettings(
            role=self.role,
            profile_id=None if self.profile_id is None else UUID(self.profile_id),
            name=self.name,
            email=self.email,
            client_account_ids=tuple(self.client_account_ids),
        )
