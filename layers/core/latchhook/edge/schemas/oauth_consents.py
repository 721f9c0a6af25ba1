"""Request bodies of the consent endpoints, which the console calls."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from latchhook.edge.oauth_queries import MAX_LENGTH, read_query
from latchhook.edge.schemas.validation import RequestBody
from latchhook.oauth.protocol import Parameters


def _readable(value: str) -> str:
    try:
        read_query(value)
    except ValueError:
        raise ValueError("Must be the query of a URL.") from None
    return value


class ConsentScreenBody(RequestBody):
    """The request body that describes an authorization request."""

    query: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH), AfterValidator(_readable)] = Field(
        description="The query of the authorization request, without the question mark."
    )

    def parameters(self) -> Parameters:
        """Return the parameters of the query."""
        return read_query(self.query)


class ConsentBody(ConsentScreenBody):
    """The request body that answers an authorization request."""

    decision: Literal["allow", "deny"] = Field(description="The decision of the user.")
