"""Formats of texts in response bodies, for openapi.json. In Python they are plain `str`."""

from typing import Annotated

Uuid = Annotated[str, "uuid"]
Moment = Annotated[str, "date-time"]
"""RFC 3339 in UTC."""
