"""Request bodies of the portal session endpoints."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from latchhook.edge.schemas.account_ids import AccountId
from latchhook.edge.schemas.api_keys import Uuid
from latchhook.edge.schemas.validation import CheckedText, Integer, RequestBody
from latchhook.identity.caller import MAX_USER_ID_LENGTH, USER_ID_PATTERN, USER_ID_RULE, is_user_id
from latchhook.members.portal_editing import ChosenPortal
from latchhook.members.portal_session import MAX_SECONDS, MIN_SECONDS, PortalRole, Tab


def _user_id(value: str) -> str:
    if not is_user_id(value):
        raise ValueError(USER_ID_RULE)
    return value


class CreatePortalSessionBody(RequestBody):
    """The request body that creates a portal session."""

    account_id: AccountId = Field(description="The account that the session manages.")
    user_id: Annotated[
        str, CheckedText(_user_id, pattern=USER_ID_PATTERN, min_length=1, max_length=MAX_USER_ID_LENGTH)
    ] = Field(description="The user who opens the console.")
    role: PortalRole | None = Field(
        default=None,
        description="The role whose rights the session has, without client accounts. Without a role and a profile, it "
        "has the rights of the user's stored membership.",
    )
    profile_id: Uuid | None = Field(
        default=None, description="The permission profile of the account whose rights the session has."
    )
    tabs: Annotated[list[Tab], Field(min_length=1, max_length=5)] | None = Field(
        default=None, description="The tabs that the console shows. The default is all tabs that the rights allow."
    )
    expires_in_seconds: Annotated[Integer, Field(ge=MIN_SECONDS, le=MAX_SECONDS)] = Field(
        description="The duration of the session in seconds."
    )
    return_url: Annotated[str, Field(min_length=1, max_length=2048)] | None = Field(
        default=None,
        description="The page of the product to which the console links. Its origin must be one of the stack's "
        "parameter `ConsoleFrameAncestors`.",
        json_schema_extra={"format": "uri"},
    )

    @model_validator(mode="after")
    def _has_one_kind_of_rights(self) -> Any:
        if self.role is not None and self.profile_id is not None:
            raise ValueError("Send a role or a profile, not both.")
        if self.role == "member":
            raise ValueError("The role member has no rights of its own. Send a profile.")
        return self

    def chosen(self, return_url: str | None) -> ChosenPortal:
        """Return the settings of the feature, with the checked return URL."""
        return ChosenPortal(
            self.account_id,
            self.user_id,
            self.role,
            None if self.profile_id is None else UUID(self.profile_id),
            None if self.tabs is None else tuple(dict.fromkeys(self.tabs)),
            return_url,
            timedelta(seconds=self.expires_in_seconds),
        )


class ExchangePortalCodeBody(RequestBody):
    """The request body that exchanges a code for a session."""

    code: Annotated[str, Field(max_length=1024)] = Field(description="The code in the URL of the session.")
