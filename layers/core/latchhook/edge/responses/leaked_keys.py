"""What the endpoints about leaked keys answer."""

from typing import Literal, TypedDict


class LeakedKeyPolicyResponse(TypedDict):
    """What is done about a key of the account that was found in public."""

    action: Literal["tell", "disable", "revoke"]
    """`tell`: the event `api_key.exposed`, and nothing else. `disable`: the key is refused until somebody enables it
    again. `revoke`: it is refused for good. Each of them sends the event."""


class LeakFeedbackResponse(TypedDict):
    """Whether a text that was reported is a key, as GitHub takes it."""

    token_hash: str
    """The SHA-256 of the text, in hexadecimal."""
    token_type: str
    """As it was reported."""
    label: Literal["true_positive", "false_positive"]
