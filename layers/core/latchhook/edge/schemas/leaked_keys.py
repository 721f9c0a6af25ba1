"""What the endpoints about leaked keys take."""

from pydantic import BaseModel, ConfigDict, Field

from latchhook.api_keys.leaks import Action
from latchhook.edge.schemas.validation import RequestBody


class LeakedKeyPolicyBody(RequestBody):
    """`PUT /leaked-key-policy`."""

    action: Action = Field(
        description="`tell`: the event `api_key.exposed`, and nothing else. `disable`: the key is refused until "
        "somebody enables it again. `revoke`: it is refused for good. Each of them sends the event."
    )


class LeakMatchBody(BaseModel):
    """One text that GitHub found and that fits the regular expression of our keys. Other fields are passed over."""

    model_config = ConfigDict(extra="ignore")

    token: str = Field(min_length=1, description="The text that was found.", repr=False)
    type: str = Field(default="", description="What these keys are called at GitHub.")
    url: str = Field(default="", description="Where it was found; empty where that has no URL.")
    source: str = Field(default="", description="What kind of place that is: `commit`, `issue_comment`, `npm`, …")
