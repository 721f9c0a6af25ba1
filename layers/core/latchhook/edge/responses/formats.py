"""Formats of texts in answers, for openapi.json to tell; to Python they are plain `str`."""

from typing import Annotated

Uuid = Annotated[str, "uuid"]
Moment = Annotated[str, "date-time"]
"""RFC 3339 in UTC."""
