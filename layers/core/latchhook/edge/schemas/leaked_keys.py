"""Request bodies of the endpoints for leaked keys."""

from pydantic import BaseModel, ConfigDict, Field

from latchhook.api_keys.leaks import Action
from latchhook.edge.schemas.validation import RequestBody


class LeakedKeyPolicyBody(RequestBody):
    """The request body that sets the policy for leaked keys."""

    action: Action = Field(
        description="`tell` only publishes the event `api_key.exposed`. `disable` also disables the key until an admin "
        "enables it again. `revoke` also revokes the key permanently."
    )


class LeakMatchBody(BaseModel):
    """A text that GitHub found and that matches the regular expression of the keys. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(min_length=1, description="The text that was found.", repr=False)
    type: str = Field(default="", description="GitHub's name for this kind of key.")
    url: str = Field(default="", description="The URL of the place; empty if the place has no URL.")
    source: str = Field(default="", description="The kind of place, for example `commit`, `issue_comment` or `npm`.")
