"""The common part of rate limits in request bodies."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from latchhook.edge.schemas.validation import Integer, RequestBody
from latchhook.rates import MAX_PER_SECOND, MAX_WINDOW_SECONDS


class RateBody(RequestBody):
    """A number of uses or attempts per window."""

    window_seconds: Annotated[Integer, Field(ge=1, le=MAX_WINDOW_SECONDS)] = Field(
        description="The length of the window in seconds, at most one day."
    )
    limit: Annotated[Integer, Field(ge=1)] = Field(
        description="The number of uses or attempts per window, spread evenly: at most 1,000 per second on average."
    )

    @field_validator("limit")
    @classmethod
    def _reachable(cls, value: int, info: ValidationInfo) -> int:
        window = info.data.get("window_seconds")
        if window is not None and value > MAX_PER_SECOND * window:
            raise ValueError(f"Must be at most {MAX_PER_SECOND} per second of the window.")
        return value
