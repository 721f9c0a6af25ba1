"""The request body of PUT /scopes/{name}."""

from typing import Annotated

from pydantic import Field

from latchhook.edge.schemas.validation import PRINTABLE, CheckedText, RequestBody
from latchhook.permissions.scope_entries import MAX_DESCRIPTION_LENGTH, MAX_GROUP_LENGTH


def _visible(value: str) -> str:
    if not value.strip():
        raise ValueError("Must contain a visible character.")
    return value


VISIBLE = CheckedText(_visible, pattern=r"\S", min_length=1)


class PutScopeBody(RequestBody):
    """The request body that adds a scope to the catalogue, or describes it."""

    description: Annotated[str, Field(max_length=MAX_DESCRIPTION_LENGTH), PRINTABLE, VISIBLE] = Field(
        description="The effect of the scope, for people who create keys and grant access."
    )
    group: Annotated[str, Field(max_length=MAX_GROUP_LENGTH), PRINTABLE, VISIBLE] = Field(
        description="The heading under which scopes are shown together."
    )
