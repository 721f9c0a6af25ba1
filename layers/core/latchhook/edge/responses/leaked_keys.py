"""Response bodies of the endpoints for leaked keys."""

from typing import Literal, TypedDict


class LeakedKeyPolicyResponse(TypedDict):
    """The account's policy for leaked keys."""

    action: Literal["tell", "disable", "revoke"]
    """`tell` only publishes the event `api_key.exposed`. `disable` also disables the key until an admin enables it
    again. `revoke` also revokes the key permanently."""


class LeakFeedbackResponse(TypedDict):
    """The feedback to GitHub for one reported text."""

    token_hash: str
    """The SHA-256 of the text in hexadecimal."""
    token_type: str
    """The type from the report."""
    label: Literal["true_positive", "false_positive"]
    """`true_positive` if the text is the secret of a key."""
