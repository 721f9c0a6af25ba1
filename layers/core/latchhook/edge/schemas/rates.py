"""What rate limits have in common in requests."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from latchhook.edge.schemas.validation import Integer, RequestBody
from latchhook.rates import MAX_PER_SECOND, MAX_WINDOW_SECONDS


class RateBody(RequestBody):
    """So many in a window."""

    window_seconds: Annotated[Integer, Field(ge=1, le=MAX_WINDOW_SECONDS)] = Field(
        description="The window's length in seconds: at most a day."
    )
    limit: Annotated[Integer, Field(ge=1)] = Field(
        description="How many in a window, spread evenly: at most 1,000 a second on average."
    )

    @field_validator("limit")
    @classmethod
    def _reachable(cls, value: int, info: ValidationInfo) -> int:
        window = info.data.get("window_seconds")
        if window is not None and value > MAX_PER_SECOND * window:
            raise ValueError(f"This must be at most {MAX_PER_SECOND} for each second of the window.")
        return value
